namespace EvBilling.Engine;

/// <summary>
/// One partition's events in, bills out, for an engine that reads the log itself and brings what it has read in its own time: in order, from where the store
/// says. Not for several threads at once.
/// </summary>
public sealed class PartitionRun : IDisposable
{
    private readonly WorkerSet _set;

    /// <param name="store">One that has begun to write, and whose partition was claimed.</param>
    /// <param name="memory">Of all the process's runs one; of <paramref name="options"/> its target is not looked at.</param>
    public PartitionRun(LogPartition partition, IBillStore store, StoredBilling billing, RunOptions options, TimeProvider time, MemoryKeeper memory)
    {
        Partition = partition;
        _set = new WorkerSet(store, billing.CreateBiller, billing.TariffsUntil, options, time, Counters, memory);
        _set.Worker.Begin(store.ReadEventClock());
    }

    public LogPartition Partition { get; }

    public RunCounters Counters { get; } = new();

    /// <summary>What comes next; -1 = nothing was taken yet.</summary>
    public long NextOffset { get; private set; } = -1;

    /// <summary>Takes records that follow those before. What is full is committed meanwhile.</summary>
    /// <exception cref="BillStoreException">An earlier commit failed; this run is at an end.</exception>
    public void Take(RecordBlock block)
    {
        block.Partition = Partition;
        block.Parse();
        _set.Worker.Take(block);
        NextOffset = block.NextOffset;
    }

    /// <summary>Works out the bills of what changed; all is in the store when it returns.</summary>
    /// <exception cref="BillStoreException">It is not; this run is at an end.</exception>
    public void Commit() => _set.Commit();

    public void Dispose() => _set.Dispose();
}
