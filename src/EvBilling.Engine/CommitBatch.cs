using EvBilling.Billing;
using EvBilling.Events;
using EvBilling.Sessions;

namespace EvBilling.Engine;

/// <summary>A session's row as it is to be.</summary>
/// <param name="Record">Its stored form, within the batch's <see cref="CommitBatch.Texts"/>.</param>
/// <param name="ConnectorHash">0 = neither station nor EVSE is stated.</param>
/// <param name="OnlyEventsChanged">The row is there, and differs from this in its record and newest event alone: no index need be touched.</param>
public readonly record struct SessionWrite(
    TextSlice SessionId, TextSlice Record, SessionState State, BillStatus Status, int Version, ContentHash ContentHash, long? TariffsUntil,
    long ConnectorHash, long StartedAtNs, long LastEventNs, bool OnlyEventsChanged);

/// <summary>What one transaction writes: changed sessions, new versions of bills, dead letters, and how far the logs were read to get there.</summary>
public sealed class CommitBatch
{
    // What a dead letter takes besides its text.
    private const int LetterBytes = 1000;

    private readonly Dictionary<LogPartition, long> _positions = [];

    /// <summary>Session ids and records.</summary>
    public EventBuffer Texts { get; } = new(1 << 20);

    public List<SessionWrite> Sessions { get; } = [];

    public List<Bill> Bills { get; } = [];

    public List<DeadLetter> DeadLetters { get; } = [];

    /// <summary>Numbers of dead letters that went through.</summary>
    public List<long> RemovedDeadLetters { get; } = [];

    /// <summary>Where a record is accepted that an earlier run may have seen half of: a dead letter of that position is done with.</summary>
    public List<(LogPartition Partition, long Offset)> CompletedAt { get; } = [];

    public IReadOnlyDictionary<LogPartition, long> Positions => _positions;

    /// <summary>The newest time of all events so far.</summary>
    public long EventClockNs { get; set; }

    /// <summary>What to add to the store's counts.</summary>
    public StoreCounts Change { get; set; }

    public long DeadLetterBytes { get; private set; }

    public bool IsEmpty => Sessions.Count == 0 && Bills.Count == 0 && DeadLetters.Count == 0 && RemovedDeadLetters.Count == 0 && _positions.Count == 0;

    public void Advance(LogPartition partition, long nextOffset) => _positions[partition] = nextOffset;

    public void Add(DeadLetter letter)
    {
        DeadLetters.Add(letter);
        DeadLetterBytes += letter.Bytes.Length + LetterBytes;
    }

    public void Clear()
    {
        Texts.Clear();
        Sessions.Clear();
        Bills.Clear();
        DeadLetters.Clear();
        RemovedDeadLetters.Clear();
        CompletedAt.Clear();
        _positions.Clear();
        DeadLetterBytes = 0;
        Change = default;
    }
}
