using EvBilling.Billing;
using EvBilling.Locations;
using EvBilling.Sessions;
using EvBilling.Tariffs;

namespace EvBilling.Engine;

/// <summary>A session's row: the truth about it.</summary>
public sealed class StoredSession
{
    public required SessionRecord Record { get; init; }

    public required SessionState State { get; init; }

    /// <summary>How its bill stands; <see cref="BillStatus.Open"/> also where an earlier version was final.</summary>
    public required BillStatus Status { get; init; }

    /// <summary>The newest version of its bill; 0 = none yet.</summary>
    public required int Version { get; init; }

    /// <summary>What tells that version's content from another's.</summary>
    public required ContentHash ContentHash { get; init; }

    /// <summary>Once its bill was final: the newest tariff version that may rate it.</summary>
    public required long? TariffsUntil { get; init; }

    /// <summary>The newest event's time, in nanoseconds since 1970.</summary>
    public required long LastEventNs { get; init; }
}

/// <summary>128 bits of the SHA-256 of a bill's content.</summary>
public readonly record struct ContentHash(UInt128 Value);

/// <summary>How many sessions there are, by how their bills stand.</summary>
public readonly record struct StoreCounts(long Sessions, long Final, long Held, long Void)
{
    public long Open => Sessions - Final - Held - Void;
}

/// <summary>A tariff version that the store has read.</summary>
/// <param name="Sequence">1, 2, ... in the order in which this store first read them.</param>
public sealed record StoredTariff(long Sequence, string ContentHash, TariffEntry Entry);

/// <summary>What a bill of a stored session depends on besides the session: the options of the last run.</summary>
public sealed record StoredOptions(string? DefaultTariffId, string? TimeZoneId, long MaxSessionSeconds, long CloseAfterSeconds);

/// <summary>
/// Keeps sessions, bills, positions and dead letters. All that a <see cref="CommitBatch"/> holds is there after <see cref="Commit"/>, or nothing of it.
/// <see cref="Commit"/> may run on another thread than the rest.
/// </summary>
public interface IBillStore : IDisposable
{
    /// <summary>Becomes the only writer: one that was before can no longer commit.</summary>
    void BeginWriting();

    IReadOnlyList<LogPosition> ReadPositions();

    StoreCounts ReadCounts();

    /// <summary>The newest time of all events that this store has read, in nanoseconds since 1970; 0 = none.</summary>
    long ReadEventClock();

    /// <summary>Keeps the tariff versions and locations that are new, and the options.</summary>
    void Register(IReadOnlyList<TariffEntry> tariffs, IReadOnlyList<LocationEntry> locations, StoredOptions options);

    IReadOnlyList<StoredTariff> ReadTariffs();

    IReadOnlyList<Location> ReadLocations();

    StoredOptions? ReadOptions();

    StoredSession? FindSession(ReadOnlySpan<byte> sessionIdUtf8);

    /// <summary>Whether there is a bill of a session whose row is no longer kept.</summary>
    bool IsArchived(ReadOnlySpan<byte> sessionIdUtf8);

    /// <summary>Ids (UTF-8, in order) after <paramref name="after"/> of sessions that are open or whose mark of closing hangs on a later session.</summary>
    IReadOnlyList<byte[]> ReadUnended(byte[]? after, int limit);

    /// <summary>Ids (UTF-8, in order) after <paramref name="after"/> of sessions whose bill is held.</summary>
    IReadOnlyList<byte[]> ReadHeld(byte[]? after, int limit);

    /// <summary>Whether another session on the connector started at or after that time.</summary>
    bool HasFollower(long connectorHash, long atNs, ReadOnlySpan<byte> sessionIdUtf8);

    /// <exception cref="BillStoreException">Nothing of the batch is there.</exception>
    void Commit(CommitBatch batch);

    /// <summary>Removes rows of sessions that were last changed before then; their bills stay. Does nothing if it was done less than a day ago.</summary>
    void Prune(TimeSpan keepSessions);

    /// <summary>The bills in order of session id (by UTF-8), then version.</summary>
    /// <param name="sessionId">Null = all.</param>
    /// <param name="allVersions">False = of each session that is not open the newest.</param>
    IEnumerable<Bill> ReadBills(string? sessionId, bool allVersions);

    /// <summary>Open sessions in order of id (by UTF-8).</summary>
    IEnumerable<StoredSession> ReadOpen(string? sessionId);

    IEnumerable<DeadLetter> ReadDeadLetters();
}

/// <summary>A store cannot be used. The message says what, where and how to mend it.</summary>
public sealed class BillStoreException : Exception
{
    public BillStoreException(string message, bool isUnusable = false)
        : base(message) => IsUnusable = isUnusable;

    public BillStoreException(string message, Exception innerException, bool isUnusable = false)
        : base(message, innerException) => IsUnusable = isUnusable;

    /// <summary>Wrong from the start (another program's file, a folder that is not there), rather than a failure on the way.</summary>
    public bool IsUnusable { get; }
}
