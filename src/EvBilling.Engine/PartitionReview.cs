namespace EvBilling.Engine;

/// <summary>Which sessions a <see cref="PartitionReview"/> looks at.</summary>
public enum ReviewKind
{
    /// <summary>Bills that are held: tariffs and locations may be new.</summary>
    Held,

    /// <summary>The close policy while events go on: by the least clock of the partitions that were lately read.</summary>
    Flowing,

    /// <summary>The close policy at the end of input; rows that need not be kept any longer are removed.</summary>
    End,
}

/// <summary>What <see cref="PartitionRun"/>s leave to one process of all: sessions that no event came for.</summary>
public static class PartitionReview
{
    /// <param name="store">One that has begun to write.</param>
    /// <returns>How many versions of bills were written.</returns>
    /// <exception cref="BillStoreException">The store failed; what was committed stays right.</exception>
    public static long Run(ReviewKind kind, IBillStore store, StoredBilling billing, RunOptions options, TimeProvider time, MemoryKeeper memory)
    {
        var counters = new RunCounters();
        using var set = new WorkerSet(store, billing.CreateBiller, billing.TariffsUntil, options, time, counters, memory);
        set.Worker.Begin(store.ReadEventClock());
        _ = kind switch
        {
            ReviewKind.Held => set.Review.Held(CancellationToken.None),
            ReviewKind.Flowing => set.Review.CloseFlowing(CancellationToken.None),
            _ => set.Review.Close(CancellationToken.None),
        };
        set.Commit();
        if (kind != ReviewKind.Held)
        {
            store.Prune(options.KeepSessions);
        }
        return counters.VersionsWritten;
    }
}
