using EvBilling.Billing;

namespace EvBilling.Engine;

/// <summary>
/// One partition's events in, bills out, for an engine that reads the log itself and brings what it has read in its own time: in order, from where the store
/// says. Not for several threads at once.
/// </summary>
public sealed class PartitionRun : IDisposable
{
    private readonly SessionWorker _worker;
    private readonly BatchCommitter _committer;

    /// <param name="store">One that has begun to write, and whose partition was claimed.</param>
    public PartitionRun(LogPartition partition, IBillStore store, StoredBilling billing, RunOptions options, TimeProvider time)
    {
        Partition = partition;
        Counters = new RunCounters();
        var resolver = new ConflictResolver(new BillMaker(billing.CreateBiller(), billing.TariffsUntil));
        _committer = new BatchCommitter(store, resolver, Counters, time);
        _worker = new SessionWorker(store, new BillMaker(billing.CreateBiller(), billing.TariffsUntil), options, time, Counters, _committer, resolver);
        _worker.Begin(store.ReadEventClock());
    }

    public LogPartition Partition { get; }

    public RunCounters Counters { get; }

    /// <summary>What comes next; -1 = nothing was taken yet.</summary>
    public long NextOffset { get; private set; } = -1;

    /// <summary>Takes records that follow those before. What is full is committed meanwhile.</summary>
    /// <exception cref="BillStoreException">An earlier commit failed; this run is at an end.</exception>
    public void Take(RecordBlock block)
    {
        block.Partition = Partition;
        block.Parse();
        _worker.Take(block);
        NextOffset = block.NextOffset;
    }

    /// <summary>Works out the bills of what changed; all is in the store when it returns.</summary>
    /// <exception cref="BillStoreException">It is not; this run is at an end.</exception>
    public void Commit()
    {
        _worker.Seal();
        _committer.Finish();
    }

    public void Dispose() => _committer.Dispose();
}
