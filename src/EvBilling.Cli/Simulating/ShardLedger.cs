using EvBilling.Engine;
using EvBilling.Kafka.Producing;
using EvBilling.Simulator;
using NodaTime;

namespace EvBilling.Cli.Simulating;

/// <summary>
/// A shard's progress in the topic `simulator-progress`. The topic's order decides between two processes of one shard: each start has a higher epoch than all before
/// it, a statement of a process holds once it is read back without a later start before it, and who reads another's later start ends. Not for several threads.
/// </summary>
internal sealed class ShardLedger : IDisposable
{
    /// <summary>The topic of all fleets' progress.</summary>
    public const string Topic = "simulator-progress";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly KeyedTopic _topic;
    private readonly string _key;
    private readonly string _run = Guid.NewGuid().ToString("N");
    private Task<KeyedRecord>? _write;

    private ShardLedger(KeyedTopic topic, string key)
    {
        _topic = topic;
        _key = key;
        Current = null!;
    }

    /// <summary>What this process has stated and what holds.</summary>
    public ShardProgress Current { get; private set; }

    /// <summary>Whether a statement is on its way.</summary>
    public bool IsBusy => _write is not null;

    /// <summary>Whether there was progress to go on from.</summary>
    public bool GoesOn { get; private set; }

    /// <summary>Reads how far the shard has come and takes it over.</summary>
    /// <param name="topic">The topic of progress; it is disposed of with the ledger, and at once if this fails.</param>
    /// <param name="keys">The fleet's and the shard's.</param>
    /// <param name="start">The start of a fleet of which no shard has begun; null = now, rounded down to the hour.</param>
    /// <exception cref="EventLogException">The topic cannot be read or written, or holds something else.</exception>
    public static ShardLedger TakeOver(KeyedTopic topic, ShardKeys keys, Instant? start, TimeProvider clock)
    {
        var ledger = new ShardLedger(topic, keys.Shard);
        try
        {
            ledger.Begin(keys, start, clock);
            return ledger;
        }
        catch
        {
            ledger.Dispose();
            throw;
        }
    }

    /// <summary>States progress; it holds some milliseconds later. Nothing happens while another statement is on its way.</summary>
    public void State(ShardProgress progress)
    {
        if (!IsBusy)
        {
            _write = _topic.WriteAsync(_key, ShardProgressJson.Write(progress));
        }
    }

    /// <summary>Looks what has come of statements.</summary>
    /// <exception cref="EventLogException">A statement was refused, or another process has taken the shard over.</exception>
    public void Look()
    {
        foreach (var record in _topic.ReadNew())
        {
            Note(record);
        }
        if (_write is { IsFaulted: true } failed)
        {
            failed.GetAwaiter().GetResult();
        }
    }

    /// <summary>States the last progress and waits until the broker has it.</summary>
    /// <returns>False if it does not take it in time.</returns>
    public bool StateLast(ShardProgress progress, TimeSpan patience)
    {
        try
        {
            return _topic.WriteAsync(_key, ShardProgressJson.Write(progress)).Wait(patience);
        }
        catch (AggregateException e) when (e.InnerException is EventLogException)
        {
            return false;
        }
    }

    public void Dispose() => _topic.Dispose();

    private void Begin(ShardKeys keys, Instant? start, TimeProvider clock)
    {
        var records = _topic.ReadToEnd(Patience);
        var fleetStart = records.Where(record => record.Value.Length > 0 && record.Key.StartsWith(keys.FleetPrefix, StringComparison.Ordinal))
            .Select(record => (Instant?)Read(record).FleetStart).FirstOrDefault();
        ShardProgress? before = null;
        long epoch = 0;
        while (true)
        {
            foreach (var record in records.Where(record => record.Key == _key && record.Value.Length > 0))
            {
                var progress = Read(record);
                epoch = Math.Max(epoch, progress.Epoch);
                // What a process states that was taken over from does not count; nor does our own start that others came before.
                before = progress.Run != _run && progress.Epoch >= (before?.Epoch ?? 0) ? progress : before;
            }
            var now = Instant.FromDateTimeOffset(clock.GetUtcNow());
            GoesOn = before is not null;
            var mine = (before?.Resume(now, _run) ?? ShardProgress.Begin(fleetStart ?? start ?? LiveFleet.DefaultStart(now), now, _run)) with { Epoch = epoch + 1 };
            var written = Written(_topic.WriteAsync(_key, ShardProgressJson.Write(mine)));
            records = _topic.ReadThrough(written, Patience);
            if (!records.Any(record => record.Key == _key && IsBefore(record, written)))
            {
                Current = mine;
                return;
            }
        }
    }

    private void Note(KeyedRecord record)
    {
        if (record.Key != _key || record.Value.Length == 0)
        {
            return;
        }
        var progress = Read(record);
        if (progress.Run == _run)
        {
            Current = progress;
            _write = null;
        }
        else if (progress.Epoch >= Current.Epoch)
        {
            throw new EventLogException(
                $"Another simulator has taken over {_key}, and goes on from here; this one ends. Run one process for each shard.");
        }
    }

    private static bool IsBefore(KeyedRecord record, KeyedRecord other) => record.Partition == other.Partition && record.Offset < other.Offset;

    private static KeyedRecord Written(Task<KeyedRecord> write) => write.WaitAsync(Patience).GetAwaiter().GetResult();

    private static ShardProgress Read(KeyedRecord record)
    {
        try
        {
            return ShardProgressJson.Read(record.Value);
        }
        catch (FormatException e)
        {
            throw new EventLogException(
                $"Topic {Topic}, partition {record.Partition}, offset {record.Offset}: the record of {record.Key} is no progress of a shard ({e.Message.TrimEnd('.')}); "
                + "delete that key to begin the shard anew.", e);
        }
    }
}
