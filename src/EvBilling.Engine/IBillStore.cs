using System.Text;
using EvBilling.Billing;
using EvBilling.Events;
using EvBilling.Locations;
using EvBilling.Rating;
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

    /// <summary>How often the row was written: 1, 2, ... Where only one can write, it need not be counted, and is 1.</summary>
    public int Revision { get; init; } = 1;
}

/// <summary>What a store knows of a session id.</summary>
/// <param name="Session">Its row; null = there is none.</param>
/// <param name="IsArchived">There is no row, but a bill: the row is no longer kept.</param>
public readonly record struct FoundSession(StoredSession? Session, bool IsArchived);

/// <summary>How far a partition was read, and how its end stood then.</summary>
/// <param name="EndOffset">Where the partition ended when it was last looked at; -1 = not known.</param>
/// <param name="ClockNs">The newest time of its events, in nanoseconds since 1970; 0 = none.</param>
/// <param name="ReadAtUnixSeconds">When records of it were last committed, by the clock of whoever did.</param>
/// <param name="GapRecords">Records that were gone before they could be read, in all.</param>
public sealed record PartitionState(LogPosition Position, long EndOffset, long ClockNs, long ReadAtUnixSeconds, long GapRecords)
{
    public bool IsCaughtUp => EndOffset >= 0 && Position.NextOffset >= EndOffset;
}

/// <summary>Which sessions the close policy may change.</summary>
/// <param name="OldUntilNs">A session whose last event is not newer than this is closed by age.</param>
/// <param name="Partitions">Only sessions whose newest event came from one of these partitions' numbers; null = all.</param>
public sealed record ClosingQuery(long OldUntilNs, IReadOnlyList<int>? Partitions);

/// <summary>Some sessions out of many.</summary>
/// <param name="Ids">Their ids, in order.</param>
/// <param name="Next">After which id there may be more; null = there are none.</param>
public sealed record SessionIdPage(IReadOnlyList<byte[]> Ids, byte[]? Next)
{
    /// <summary>Those that are meant of sessions that were looked at, up to a limit.</summary>
    public static SessionIdPage Of(IReadOnlyList<(byte[] Id, bool IsMeant)> looked, int limit) =>
        new([.. looked.Where(session => session.IsMeant).Select(session => session.Id)], looked.Count < limit ? null : looked[^1].Id);
}

/// <summary>Contact data of a person, apart from everything else. Null = not stated, or erased.</summary>
public sealed record StoredContact(string SessionId, string? PhoneNumber, string? Email, bool IsErased);

/// <summary>Whose contact data is to be erased: one of the three is stated.</summary>
public sealed record ContactQuery(string? SessionId, string? PhoneNumber, string? Email);

/// <summary>A way out where a session's row is not the one that a batch rests on, since another worker wrote it.</summary>
public interface IConflictResolver
{
    /// <summary>Forgets what was resolved so far: it was for a transaction that did not come to be.</summary>
    void Begin();

    /// <summary>What to write instead: the row and the batch's session merged, with the bill of that. Its texts are appended to the batch's.</summary>
    SessionWrite Resolve(StoredSession row, in SessionWrite write, CommitBatch batch);
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
public sealed record StoredOptions(string? DefaultTariffId, string? TimeZoneId, long MaxSessionSeconds, long CloseAfterSeconds)
{
    /// <summary>The readings of OCPI other than the default, as <see cref="RatingReadings.Text"/> writes them; null = whatever the store holds.</summary>
    public string? Readings { get; init; }
}

/// <summary>
/// Keeps sessions, bills, positions and dead letters. All that a <see cref="CommitBatch"/> holds is there after <see cref="Commit"/>, or nothing of it.
/// <see cref="Commit"/> may run on another thread than the rest.
/// </summary>
public interface IBillStore : IDisposable
{
    /// <summary>
    /// Begins to write. Where only one can write, it becomes that one, and one that was before can no longer commit; else writers are kept apart by the
    /// partitions that they <see cref="Claim"/>, and by the revisions of rows.
    /// </summary>
    void BeginWriting();

    /// <summary>
    /// Becomes the only one that may commit how far these partitions are read: a batch of the writer that had them before then fails whole. May be called
    /// by the log's thread.
    /// </summary>
    /// <returns>How far they are read; none for a partition that never was.</returns>
    IReadOnlyList<LogPosition> Claim(IReadOnlyList<LogPartition> partitions);

    /// <summary>How far each partition is read. May be called by the log's thread.</summary>
    IReadOnlyList<LogPosition> ReadPositions();

    /// <summary>As <see cref="ReadPositions"/>, with what else is known of each.</summary>
    IReadOnlyList<PartitionState> ReadPartitions();

    /// <summary>Forgets how far a source was read, so that it is read again from its start; whoever reads it now is fenced off.</summary>
    void Rewind(string source);

    /// <summary>Counts records that were gone before they could be read, and sets how far the partition is read behind them. It must be claimed.</summary>
    void SkipGap(LogPartition partition, long nextOffset, long records);

    StoreCounts ReadCounts();

    /// <summary>The newest time of all events that this store has read, in nanoseconds since 1970; 0 = none.</summary>
    long ReadEventClock();

    /// <summary>Keeps the tariff versions and locations that are new, and the options; of readings that are null those that it holds stay.</summary>
    void Register(IReadOnlyList<TariffEntry> tariffs, IReadOnlyList<LocationEntry> locations, StoredOptions options);

    IReadOnlyList<StoredTariff> ReadTariffs();

    IReadOnlyList<Location> ReadLocations();

    StoredOptions? ReadOptions();

    /// <summary>Looks for many sessions at once.</summary>
    /// <param name="ids">Ids within <paramref name="texts"/>, none twice.</param>
    /// <param name="found">As many as there are ids.</param>
    void FindSessions(ReadOnlySpan<TextSlice> ids, ReadOnlySpan<byte> texts, Span<FoundSession> found);

    /// <summary>
    /// Ids (UTF-8, in order) after <paramref name="after"/> of sessions that are open or whose mark of closing hangs on a later session, and that the close
    /// policy may change: they are old, or another session follows on their connector, or none does although the mark says so.
    /// </summary>
    /// <param name="limit">How many open sessions are looked at, so that one question is never long; of these few may be closable, or none.</param>
    SessionIdPage ReadClosable(ClosingQuery query, byte[]? after, int limit);

    /// <summary>Ids (UTF-8, in order) after <paramref name="after"/> of sessions whose bill is held.</summary>
    SessionIdPage ReadHeld(byte[]? after, int limit);

    /// <summary>Whether another session on the connector started at or after that time.</summary>
    bool HasFollower(long connectorHash, long atNs, ReadOnlySpan<byte> sessionIdUtf8);

    /// <exception cref="BillStoreException">Nothing of the batch is there; or, if <see cref="BillStoreException.IsTransient"/>, perhaps all of it.</exception>
    void Commit(CommitBatch batch, IConflictResolver resolver);

    /// <summary>Removes rows of sessions that were last changed before then; their bills stay. Does nothing if it was done less than a day ago.</summary>
    void Prune(TimeSpan keepSessions);

    /// <summary>The bills in order of session id (by UTF-8), then version.</summary>
    /// <param name="sessionId">Null = all.</param>
    /// <param name="allVersions">False = of each session that is not open the newest.</param>
    IEnumerable<Bill> ReadBills(string? sessionId, bool allVersions);

    /// <summary>Open sessions in order of id (by UTF-8).</summary>
    IEnumerable<StoredSession> ReadOpen(string? sessionId);

    IEnumerable<DeadLetter> ReadDeadLetters();

    /// <summary>How many dead letters there are, by reason.</summary>
    IReadOnlyList<(string Reason, long Letters)> CountDeadLetters();

    /// <summary>Contact data in order of session id (by UTF-8).</summary>
    IEnumerable<StoredContact> ReadContacts();

    /// <summary>Deletes contact data for good: what a replay brings of these sessions is not kept.</summary>
    /// <returns>How many sessions' data was erased.</returns>
    int EraseContacts(ContactQuery query);
}

/// <summary>What callers ask of a store about one session.</summary>
public static class BillStoreQueries
{
    public static StoredSession? FindSession(this IBillStore store, ReadOnlySpan<byte> sessionIdUtf8) => Find(store, sessionIdUtf8).Session;

    /// <summary>Whether there is a bill of a session whose row is no longer kept.</summary>
    public static bool IsArchived(this IBillStore store, ReadOnlySpan<byte> sessionIdUtf8) => Find(store, sessionIdUtf8).IsArchived;

    /// <summary>Whether there is a row or a bill of the session.</summary>
    public static bool Knows(this IBillStore store, string sessionId) =>
        store.FindSession(Encoding.UTF8.GetBytes(sessionId)) is not null || store.ReadBills(sessionId, allVersions: false).Any();

    private static FoundSession Find(IBillStore store, ReadOnlySpan<byte> sessionIdUtf8)
    {
        Span<FoundSession> found = [default];
        store.FindSessions([new TextSlice(0, sessionIdUtf8.Length)], sessionIdUtf8, found);
        return found[0];
    }
}

/// <summary>A store cannot be used. The message says what, where and how to mend it.</summary>
public sealed class BillStoreException : Exception
{
    public BillStoreException(string message, bool isUnusable = false, bool isTransient = false)
        : base(message) => (IsUnusable, IsTransient) = (isUnusable, isTransient);

    public BillStoreException(string message, Exception innerException, bool isUnusable = false, bool isTransient = false)
        : base(message, innerException) => (IsUnusable, IsTransient) = (isUnusable, isTransient);

    /// <summary>Wrong from the start (another program's file, a folder that is not there), rather than a failure on the way.</summary>
    public bool IsUnusable { get; }

    /// <summary>
    /// Trying again from what is committed may help: the server is away or was started anew, or another worker took the partitions over.
    /// </summary>
    public bool IsTransient { get; }
}
