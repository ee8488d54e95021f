namespace EvBilling.Engine;

/// <summary>What a run has done so far; read by other threads while it runs.</summary>
public sealed class RunCounters
{
    private long _events;
    private long _newEvents;
    private long _duplicates;
    private long _deadLetters;
    private long _versionsWritten;

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

    internal void Versions(long written) => Volatile.Write(ref _versionsWritten, _versionsWritten + written);
}
