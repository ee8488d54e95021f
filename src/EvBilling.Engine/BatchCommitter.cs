using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace EvBilling.Engine;

/// <summary>Commits batches on a thread of its own, one at a time and in order, while the next one is being filled.</summary>
internal sealed class BatchCommitter : IDisposable
{
    private readonly IBillStore _store;
    private readonly ConflictResolver _resolver;
    private readonly RunCounters _counters;
    private readonly TimeProvider _time;
    private readonly BlockingCollection<(CommitBatch Batch, int Number)> _sealed = new(1);
    private readonly BlockingCollection<CommitBatch> _free = [];
    private readonly Thread _thread;
    private readonly CancellationTokenSource _failed = new();
    private ExceptionDispatchInfo? _failure;
    private int _committed = -1;

    public BatchCommitter(IBillStore store, ConflictResolver resolver, RunCounters counters, TimeProvider time)
    {
        _store = store;
        _resolver = resolver;
        _counters = counters;
        _time = time;
        for (var i = 0; i < 2; i++)
        {
            _free.Add(new CommitBatch());
        }
        _thread = new Thread(Work) { Name = "commit", IsBackground = true };
        _thread.Start();
    }

    /// <summary>The number of the newest batch that is in the store; -1 = none yet.</summary>
    public int Committed => Volatile.Read(ref _committed);

    /// <summary>Is cancelled when a batch could not be committed.</summary>
    public CancellationToken Failed => _failed.Token;

    /// <summary>Whether a batch that is handed over is written at once.</summary>
    public bool IsIdle => _free.Count > 0;

    /// <summary>An empty batch; waits for one.</summary>
    public CommitBatch Rent() => _free.Take();

    /// <summary>As <see cref="Rent"/>, once all that was handed over is in the store: the same batch again where it is a large one, so that memory holds only one such.</summary>
    public CommitBatch RentWhenDone()
    {
        var (one, other) = (_free.Take(), _free.Take());
        if (other.IsLarge)
        {
            (one, other) = (other, one);
        }
        _free.Add(other);
        return one;
    }

    /// <summary>Hands over a batch; throws what made an earlier one fail.</summary>
    public void Commit(CommitBatch batch, int number)
    {
        _failure?.Throw();
        _sealed.Add((batch, number));
    }

    /// <summary>Waits until all that was handed over is in the store.</summary>
    public void Finish()
    {
        // Both batches are free again once nothing is under way; the worker holds one of them.
        var other = _free.Take();
        _free.Add(other);
        _failure?.Throw();
    }

    public void Dispose()
    {
        _sealed.CompleteAdding();
        _thread.Join();
        _sealed.Dispose();
        _free.Dispose();
        _failed.Dispose();
    }

    private void Work()
    {
        foreach (var (batch, number) in _sealed.GetConsumingEnumerable())
        {
            // After a failure nothing more is written: what follows rests on what is not there.
            if (_failure is null)
            {
                try
                {
                    var started = _time.GetTimestamp();
                    var merged = _resolver.Resolved;
                    _resolver.Begin();
                    _store.Commit(batch, _resolver);
                    _resolver.Publish(number);
                    _counters.Committed(batch, _time.GetElapsedTime(started), _time.GetUtcNow(), _resolver.Resolved - merged);
                    Volatile.Write(ref _committed, number);
                }
                catch (Exception e)
                {
                    _failure = ExceptionDispatchInfo.Capture(e);
                    _failed.Cancel();
                }
            }
            batch.Clear();
            _free.Add(batch);
        }
    }
}
