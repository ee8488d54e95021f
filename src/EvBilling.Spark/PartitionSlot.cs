using EvBilling.Engine;
using EvBilling.Storage.Postgres;

namespace EvBilling.Spark;

/// <summary>
/// A partition as this process knows it: its run, which is a cache of the store's rows, goes on from task to task for as long as nobody else has read on
/// meanwhile. One attempt of a task has it at a time.
/// </summary>
internal sealed class PartitionSlot(LogPartition partition, KernelConfiguration configuration, SharedBilling billing, MemoryKeeper memory, PostgresKnownIds known,
    TimeProvider time) : IDisposable
{
    private readonly Lock _using = new();
    private readonly RecordReader _reader = new();
    private PostgresBillStore? _store;
    private PartitionRun? _run;
    private StoredBilling? _runsBy;
    private long _attempt;
    private TaskFigures _before;

    /// <summary>All is read again, whatever the store has.</summary>
    public bool IsFromStart { get; init; }

    public PartitionBegin Begin()
    {
        lock (_using)
        {
            _attempt++;
            try
            {
                _store ??= Kernel.OpenStore(configuration, known, time);
                var newest = billing.Newest(_store);
                var position = _store.Claim([partition]).Select(claimed => (long?)claimed.NextOffset).FirstOrDefault();
                if (_run is null || IsFromStart || _runsBy != newest || _run.NextOffset != position)
                {
                    if (position is not null && _run?.NextOffset != position)
                    {
                        known.ReadAgain();
                    }
                    _run?.Dispose();
                    _run = new PartitionRun(partition, _store, newest, Kernel.OptionsOf(configuration), time, memory);
                    _runsBy = newest;
                }
                _before = TaskFigures.Of(_run.Counters);
                return new(_attempt, IsFromStart ? 0 : position ?? 0);
            }
            catch
            {
                GiveUp();
                throw;
            }
        }
    }

    public void Take(long attempt, ReadOnlySpan<byte> records)
    {
        lock (_using)
        {
            var run = RunOf(attempt);
            try
            {
                _reader.Read(records, run.Take);
            }
            catch
            {
                GiveUp();
                throw;
            }
        }
    }

    public TaskFigures Commit(long attempt)
    {
        lock (_using)
        {
            var run = RunOf(attempt);
            try
            {
                run.Commit();
            }
            catch
            {
                GiveUp();
                throw;
            }
            return TaskFigures.Of(run.Counters).Since(_before);
        }
    }

    public void Dispose()
    {
        lock (_using)
        {
            GiveUp();
        }
    }

    private PartitionRun RunOf(long attempt) => attempt == _attempt && _run is not null
        ? _run
        : throw new KernelException($"Another attempt has taken over partition {partition.Partition} of {partition.Source}, so that this one ends; what was committed is kept.");

    // After a failure the next attempt starts from the store.
    private void GiveUp()
    {
        _run?.Dispose();
        _store?.Dispose();
        (_run, _store) = (null, null);
    }
}
