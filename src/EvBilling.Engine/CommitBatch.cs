using System.Runtime.InteropServices;
using EvBilling.Billing;
using EvBilling.Events;
using EvBilling.Sessions;

namespace EvBilling.Engine;

/// <summary>A session's row as it is to be.</summary>
/// <param name="Record">Its stored form, within the batch's <see cref="CommitBatch.Texts"/>.</param>
/// <param name="ConnectorHash">0 = neither station nor EVSE is stated.</param>
/// <param name="OnlyEventsChanged">The row is there, and differs from this in its record and newest event alone: no index need be touched.</param>
/// <param name="Revision">The revision of the row that this rests on; 0 = there was none. The row gets the next one.</param>
/// <param name="StatusBefore">How its bill stood in that row; null = there was none.</param>
/// <param name="Partition">The number of the partition that its newest event came from; -1 = none with a number.</param>
/// <param name="Bill">The new version of its bill; null = none is due.</param>
public readonly record struct SessionWrite(
    TextSlice SessionId, TextSlice Record, SessionState State, BillStatus Status, int Version, ContentHash ContentHash, long? TariffsUntil,
    long ConnectorHash, long StartedAtNs, long LastEventNs, bool OnlyEventsChanged, int Revision, BillStatus? StatusBefore, int Partition, Bill? Bill);

/// <summary>Contact data that a record brought, within the batch's <see cref="CommitBatch.Texts"/>; empty = not stated.</summary>
public readonly record struct ContactWrite(TextSlice SessionId, TextSlice PhoneNumber, TextSlice Email);

/// <summary>How far a partition was read.</summary>
/// <param name="EndOffset">Where it ends, as far as is known; -1 = not known.</param>
/// <param name="ClockNs">The newest time of its events that were read by this run; 0 = none.</param>
/// <param name="Records">Records that the batch has of it.</param>
/// <param name="Events">Of these, events that went into sessions, copies too.</param>
public readonly record struct PartitionProgress(long NextOffset, long EndOffset, long ClockNs, long Records = 0, long Events = 0);

/// <summary>What one transaction writes: changed sessions, new versions of bills, dead letters, and how far the logs were read to get there.</summary>
public sealed class CommitBatch
{
    // What a dead letter takes besides its text.
    private const int LetterBytes = 1000;

    private const int TextBytes = 1 << 20;
    private const int LargeSessions = 70_000;

    private readonly Dictionary<LogPartition, PartitionProgress> _positions = [];
    private readonly List<SessionWrite> _sessions = [];

    /// <summary>Session ids, records and contact data.</summary>
    public EventBuffer Texts { get; private set; } = new(TextBytes);

    /// <summary>Each session once.</summary>
    public Span<SessionWrite> Sessions => CollectionsMarshal.AsSpan(_sessions);

    public List<DeadLetter> DeadLetters { get; } = [];

    public List<ContactWrite> Contacts { get; } = [];

    /// <summary>Numbers of dead letters that went through.</summary>
    public List<long> RemovedDeadLetters { get; } = [];

    /// <summary>Where a record is accepted that an earlier run may have seen half of: a dead letter of that position is done with.</summary>
    public List<(LogPartition Partition, long Offset)> CompletedAt { get; } = [];

    /// <summary>When the records were written (milliseconds since 1970) that ended sessions whose bills are in this batch; of logs that say so.</summary>
    public List<long> EndsWrittenAtUnixMs { get; } = [];

    public IReadOnlyDictionary<LogPartition, PartitionProgress> Positions => _positions;

    /// <summary>The newest time of all events so far.</summary>
    public long EventClockNs { get; set; }

    public long DeadLetterBytes { get; private set; }

    /// <summary>How many sessions have a new version of their bill; those are counted that are in the batch now, since a store may merge others' rows into it.</summary>
    public int CountBills()
    {
        var bills = 0;
        foreach (ref readonly var session in Sessions)
        {
            bills += session.Bill is null ? 0 : 1;
        }
        return bills;
    }

    public bool IsEmpty => _sessions.Count == 0 && DeadLetters.Count == 0 && RemovedDeadLetters.Count == 0 && Contacts.Count == 0 && _positions.Count == 0;

    /// <summary>Takes a partition further; what was read of it adds up.</summary>
    public void Advance(LogPartition partition, PartitionProgress progress)
    {
        var before = _positions.GetValueOrDefault(partition);
        _positions[partition] = progress with { Records = before.Records + progress.Records, Events = before.Events + progress.Events };
    }

    public void Add(in SessionWrite session) => _sessions.Add(session);

    public void Add(DeadLetter letter)
    {
        DeadLetters.Add(letter);
        DeadLetterBytes += letter.Bytes.Length + LetterBytes;
    }

    /// <summary>What the batch adds to the store's counts.</summary>
    public StoreCounts Change()
    {
        var (sessions, final, held, voided) = (0L, 0L, 0L, 0L);
        foreach (ref readonly var session in Sessions)
        {
            sessions += session.StatusBefore is null ? 1 : 0;
            final += Difference(session, BillStatus.Final);
            held += Difference(session, BillStatus.Held);
            voided += Difference(session, BillStatus.Void);
        }
        return new(sessions, final, held, voided);
    }

    public void Clear()
    {
        Texts.Clear();
        _sessions.Clear();
        DeadLetters.Clear();
        Contacts.Clear();
        RemovedDeadLetters.Clear();
        CompletedAt.Clear();
        EndsWrittenAtUnixMs.Clear();
        _positions.Clear();
        DeadLetterBytes = 0;
    }

    /// <summary>Whether it has held so many sessions that its memory is worth being given back.</summary>
    public bool IsLarge => _sessions.Capacity > LargeSessions;

    /// <summary>Of an empty batch: gives back memory that a large one before it took.</summary>
    public void Trim()
    {
        if (IsLarge)
        {
            Texts = new EventBuffer(TextBytes);
            _sessions.Capacity = 0;
        }
    }

    private static int Difference(in SessionWrite session, BillStatus status) => (session.Status == status ? 1 : 0) - (session.StatusBefore == status ? 1 : 0);
}
