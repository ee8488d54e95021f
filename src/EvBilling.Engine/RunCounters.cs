namespace EvBilling.Engine;

/// <summary>What a run has done so far; read by other threads while it runs.</summary>
public sealed class RunCounters
{
    private long _events;
    private long _newEvents;
    private long _duplicates;
    private long _deadLetters;
    private long _versionsWritten;
    private long _batches;
    private long _sessionsMerged;
    private long _sessionsInMemory;
    private long _lagRecords;

    public long Events => Volatile.Read(ref _events);

    public long NewEvents => Volatile.Read(ref _newEvents);

    public long Duplicates => Volatile.Read(ref _duplicates);

    public long DeadLetters => Volatile.Read(ref _deadLetters);

    public long VersionsWritten => Volatile.Read(ref _versionsWritten);

    internal void Count(long events, long newEvents, long duplicates, long deadLetters)
    {
        Volatile.Write(ref _events, _events + events);
        Volatile.Write(ref _newEvents, _newEvents + newEvents);
        Volatile.Write(ref _duplicates, _duplicates + duplicates);
        Volatile.Write(ref _deadLetters, _deadLetters + deadLetters);
    }

    /// <summary>Batches committed.</summary>
    public long Batches => Volatile.Read(ref _batches);

    /// <summary>Rows that another worker had changed meanwhile, and that were merged.</summary>
    public long SessionsMerged => Volatile.Read(ref _sessionsMerged);

    public long SessionsInMemory => Volatile.Read(ref _sessionsInMemory);

    /// <summary>Records that wait in the partitions that are read here, as far as is known.</summary>
    public long LagRecords => Volatile.Read(ref _lagRecords);

    /// <summary>How long commits took.</summary>
    public DurationHistogram CommitDurations { get; } = new();

    /// <summary>From when the log had the record that ended a session until its bill was committed.</summary>
    public DurationHistogram EventToBill { get; } = new();

    internal void Holds(long sessionsInMemory, long lagRecords)
    {
        Volatile.Write(ref _sessionsInMemory, sessionsInMemory);
        Volatile.Write(ref _lagRecords, lagRecords);
    }

    internal void Committed(CommitBatch batch, TimeSpan took, DateTimeOffset now, long sessionsMerged)
    {
        Volatile.Write(ref _versionsWritten, _versionsWritten + batch.Bills);
        Volatile.Write(ref _batches, _batches + 1);
        Volatile.Write(ref _sessionsMerged, sessionsMerged);
        CommitDurations.Add(took);
        var nowMs = now.ToUnixTimeMilliseconds();
        foreach (var writtenMs in batch.EndsWrittenAtUnixMs)
        {
            EventToBill.Add(TimeSpan.FromMilliseconds(Math.Max(0, nowMs - writtenMs)));
        }
    }
}
