using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using EvBilling.Billing;

namespace EvBilling.Engine;

/// <summary>
/// Events in, bills out: one thread reads and parses, one assembles and rates, one commits. What is committed is always a prefix of each log
/// and the bills that follow from it, so that a run that broke off anywhere is simply gone on with.
/// </summary>
public sealed class BillingRun : IDisposable
{
    private const int Blocks = 6;
    private static readonly TimeSpan ReaderStopsWithin = TimeSpan.FromSeconds(1);

    private readonly IEventLog _log;
    private readonly IBillStore _store;
    private readonly RunOptions _options;
    private readonly SessionWorker _worker;
    private readonly BatchCommitter _committer;

    public BillingRun(IEventLog log, IBillStore store, Biller biller, long tariffsUntil, RunOptions options, TimeProvider time)
    {
        _log = log;
        _store = store;
        _options = options;
        Counters = new RunCounters();
        _committer = new BatchCommitter(store, Counters);
        _worker = new SessionWorker(store, biller, tariffsUntil, options, time, Counters, _committer);
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
        _worker.Begin(_store.ReadEventClock());
        var finished = _worker.ReviewHeld(cancellation) && Read(cancellation, out logFailure);
        _worker.Seal();
        _committer.Finish();
        logFailure?.Throw();
        if (finished)
        {
            finished = _worker.Close(cancellation);
            _worker.Seal();
            _committer.Finish();
            _store.Prune(_options.KeepSessions);
        }
        return finished;
    }

    public void Dispose() => _committer.Dispose();

    private bool Read(CancellationToken cancellation, out ExceptionDispatchInfo? failure)
    {
        // Not disposed: a reader that waits for input that never comes is left behind, and must find them when it wakes.
        var free = new BlockingCollection<RecordBlock>();
        var full = new BlockingCollection<RecordBlock>(Blocks);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _committer.Failed);
        var stopped = stop.Token;
        for (var i = 0; i < Blocks; i++)
        {
            free.Add(new RecordBlock(), CancellationToken.None);
        }
        ExceptionDispatchInfo? readerFailure = null;
        var reader = new Thread(() => readerFailure = Poll(free, full, stopped)) { Name = "read", IsBackground = true };
        reader.Start();
        try
        {
            while (TryTake(full, stopped, out var block))
            {
                _worker.Take(block);
                block.Clear();
                free.Add(block, CancellationToken.None);
            }
        }
        finally
        {
            stop.Cancel();
            reader.Join(ReaderStopsWithin);
        }
        failure = readerFailure;
        return !cancellation.IsCancellationRequested;
    }

    // When stopped, what is already read is still taken, but nothing more is waited for.
    private static bool TryTake(BlockingCollection<RecordBlock> full, CancellationToken stopped, [NotNullWhen(true)] out RecordBlock? block)
    {
        try
        {
            return full.TryTake(out block, Timeout.Infinite, stopped);
        }
        catch (OperationCanceledException)
        {
            return full.TryTake(out block);
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
