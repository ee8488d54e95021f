using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using EvBilling.Billing;

namespace EvBilling.Engine;

/// <summary>
/// Events in, bills out: one thread reads and parses, one assembles and rates, one commits. What is committed is always a prefix of each partition of the log
/// and the bills that follow from it, so that a run that broke off anywhere is simply gone on with.
/// </summary>
public sealed class BillingRun : IDisposable
{
    private static readonly TimeSpan ReaderStopsWithin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TickEvery = TimeSpan.FromMilliseconds(20);

    private readonly IEventLog _log;
    private readonly IBillStore _store;
    private readonly RunOptions _options;
    private readonly WorkerSet _set;

    /// <param name="billers">Makes a biller; it is called twice, for two threads.</param>
    /// <param name="tariffsUntil">The sequence of the newest tariff version that the billers know.</param>
    public BillingRun(IEventLog log, IBillStore store, Func<Biller> billers, long tariffsUntil, RunOptions options, TimeProvider time, RunCounters? counters = null)
    {
        _log = log;
        _store = store;
        _options = options;
        Counters = counters ?? new RunCounters();
        _set = new WorkerSet(store, billers, tariffsUntil, options, time, Counters, new MemoryKeeper(options.HeapBytesTarget));
    }

    public RunCounters Counters { get; }

    /// <summary>
    /// Reads the log to its end, then looks at the close policy. Bills that were held are worked out anew first, since tariffs and locations may be new.
    /// When cancelled, what was read so far is committed, and the close policy is left to the next run.
    /// </summary>
    /// <returns>False if it was cancelled.</returns>
    /// <exception cref="EventLogException">The log cannot be read on; what was read before is committed.</exception>
    /// <exception cref="BillStoreException">The store failed; what was committed stays right.</exception>
    public bool Run(CancellationToken cancellation)
    {
        ExceptionDispatchInfo? logFailure = null;
        _set.Worker.Begin(_store.ReadEventClock());
        var finished = _set.Review.Held(cancellation) && Read(cancellation, out logFailure);
        _set.Commit();
        logFailure?.Throw();
        if (finished)
        {
            finished = _set.Review.Close(cancellation);
            _set.Commit();
            _store.Prune(_options.KeepSessions);
        }
        return finished;
    }

    public void Dispose() => _set.Dispose();

    private bool Read(CancellationToken cancellation, out ExceptionDispatchInfo? failure)
    {
        // Not disposed: a reader that waits for input that never comes is left behind, and must find them when it wakes.
        var free = new BlockingCollection<RecordBlock>();
        var full = new BlockingCollection<RecordBlock>(_options.BlocksAhead);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _set.Failed);
        var stopped = stop.Token;
        for (var i = 0; i < _options.BlocksAhead; i++)
        {
            free.Add(new RecordBlock(), CancellationToken.None);
        }
        ExceptionDispatchInfo? readerFailure = null;
        _log.GivingUp = partitions => GiveUp(partitions, full, stopped);
        var reader = new Thread(() => readerFailure = Poll(free, full, stopped)) { Name = "read", IsBackground = true };
        reader.Start();
        try
        {
            Take(free, full, stopped);
        }
        finally
        {
            stop.Cancel();
            reader.Join(ReaderStopsWithin);
        }
        failure = readerFailure;
        return !cancellation.IsCancellationRequested;
    }

    private void Take(BlockingCollection<RecordBlock> free, BlockingCollection<RecordBlock> full, CancellationToken stopped)
    {
        while (true)
        {
            RecordBlock? block;
            try
            {
                if (!full.TryTake(out block, (int)TickEvery.TotalMilliseconds, stopped) && full.IsCompleted)
                {
                    return;
                }
            }
            catch (OperationCanceledException)
            {
                // What is already read is still taken, but nothing more is waited for.
                if (!full.TryTake(out block))
                {
                    return;
                }
            }
            if (block is null)
            {
                _set.Worker.Tick();
            }
            else if (block.Handover is { } handover)
            {
                _set.Worker.GiveUp(handover.Partitions);
                handover.Done.Set();
                continue;
            }
            else
            {
                _set.Worker.Take(block);
                block.Clear();
                free.Add(block, CancellationToken.None);
            }
            _set.Review.Tick();
        }
    }

    // On the log's thread. When the run is ending, it commits all that it has anyway.
    private static void GiveUp(IReadOnlyList<LogPartition> partitions, BlockingCollection<RecordBlock> full, CancellationToken stopped)
    {
        var handover = new Handover(partitions);
        try
        {
            full.Add(new RecordBlock { Handover = handover }, stopped);
            handover.Done.Wait(stopped);
        }
        catch (Exception e) when (e is OperationCanceledException or InvalidOperationException)
        {
            // Ending, or ended.
        }
    }

    private ExceptionDispatchInfo? Poll(BlockingCollection<RecordBlock> free, BlockingCollection<RecordBlock> full, CancellationToken stop)
    {
        try
        {
            while (!stop.IsCancellationRequested)
            {
                var block = free.Take(stop);
                if (!_log.Poll(block, stop))
                {
                    return null;
                }
                if (block.IsEmpty)
                {
                    free.Add(block, CancellationToken.None);
                    continue;
                }
                block.Parse();
                full.Add(block, stop);
            }
            return null;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception e)
        {
            return ExceptionDispatchInfo.Capture(e);
        }
        finally
        {
            full.CompleteAdding();
        }
    }
}
