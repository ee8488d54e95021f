using EvBilling.Billing;

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
    /// <exception cref="BillStoreException">The store failed; what was committed stays right.</exception>
    public static void Run(ReviewKind kind, IBillStore store, StoredBilling billing, RunOptions options, TimeProvider time)
    {
        var resolver = new ConflictResolver(new BillMaker(billing.CreateBiller(), billing.TariffsUntil));
        var maker = new BillMaker(billing.CreateBiller(), billing.TariffsUntil);
        using var committer = new BatchCommitter(store, resolver, new RunCounters(), time);
        var worker = new SessionWorker(store, maker, options, time, new RunCounters(), committer, resolver);
        var review = new SessionReview(store, maker, worker, options, time);
        worker.Begin(store.ReadEventClock());
        _ = kind switch
        {
            ReviewKind.Held => review.Held(CancellationToken.None),
            ReviewKind.Flowing => review.CloseFlowing(CancellationToken.None),
            _ => review.Close(CancellationToken.None),
        };
        worker.Seal();
        committer.Finish();
        if (kind != ReviewKind.Held)
        {
            store.Prune(options.KeepSessions);
        }
    }
}
