using EvBilling.Billing;

namespace EvBilling.Engine;

/// <summary>A worker with all that works for it: who makes bills, who commits batches, who merges what others have written meanwhile.</summary>
internal sealed class WorkerSet : IDisposable
{
    private readonly BatchCommitter _committer;

    /// <param name="billers">Makes a biller; it is called twice, for two threads.</param>
    /// <param name="tariffsUntil">The sequence of the newest tariff version that the billers know.</param>
    public WorkerSet(IBillStore store, Func<Biller> billers, long tariffsUntil, RunOptions options, TimeProvider time, RunCounters counters, MemoryKeeper memory)
    {
        var resolver = new ConflictResolver(new BillMaker(billers(), tariffsUntil));
        var maker = new BillMaker(billers(), tariffsUntil);
        _committer = new BatchCommitter(store, resolver, counters, time);
        Worker = new SessionWorker(store, maker, options, time, counters, _committer, resolver, memory);
        Review = new SessionReview(store, maker, Worker, options, time);
    }

    public SessionWorker Worker { get; }

    public SessionReview Review { get; }

    /// <summary>Is cancelled when a batch could not be committed.</summary>
    public CancellationToken Failed => _committer.Failed;

    /// <summary>Works out the bills of what changed; all is in the store when it returns.</summary>
    /// <exception cref="BillStoreException">It is not.</exception>
    public void Commit()
    {
        Worker.Seal();
        _committer.Finish();
    }

    public void Dispose() => _committer.Dispose();
}
