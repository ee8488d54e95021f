using System.Diagnostics.CodeAnalysis;
using EvBilling.Sessions;

namespace EvBilling.Engine;

/// <summary>
/// Sessions in memory, a cache of their rows. What has ended and is committed is given up soon, since little comes after the end. What is open is kept as long
/// as the budget allows: when it is used up, those that are not at work are packed, and when that is not enough, some of the packed ones are given up.
/// </summary>
internal sealed class SessionCache(long budgetBytes, MemoryKeeper memory)
{
    // Copies and stragglers of an ended session mostly come within a few batches.
    private const int KeepEndedBatches = 2;

    // Where many are given up at once, what they leave behind is not to lie beside what they become.
    private const int CollectEvery = 10_000;

    // What a session takes beside its record: itself, and its place in a dictionary that has grown.
    private const int OverheadBytes = 240;

    private readonly Dictionary<ReadOnlyMemory<byte>, CachedSession> _sessions = new(SessionIdComparer.Instance);
    private readonly PackedSessions _packed = new();
    private long _unpackedBytes;
    private bool _wasPressed;

    public bool TryFind(ReadOnlySpan<byte> sessionId, [NotNullWhen(true)] out CachedSession? session)
    {
        if (_sessions.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(sessionId, out session))
        {
            return true;
        }
        if (_packed.Count == 0 || !_packed.TryTake(sessionId, out session))
        {
            return false;
        }
        Add(session);
        return true;
    }

    public void Add(CachedSession session)
    {
        _sessions.Add(session.Record.SessionIdMemory, session);
        _unpackedBytes += session.Record.ApproximateBytes + OverheadBytes;
    }

    /// <summary>Whether the budget is used up, or was and has not become free since.</summary>
    public bool IsPressed => _wasPressed || Bytes > budgetBytes;

    /// <summary>Of how many sessions there is something in memory.</summary>
    public int Count => _sessions.Count + _packed.Count;

    public void Grew(int bytes) => _unpackedBytes += bytes;

    /// <summary>Gives up what is not needed or is over the budget.</summary>
    /// <param name="committedBatch">What this batch, or an older one, last touched is in the store.</param>
    public void Shrink(int committedBatch)
    {
        var isPressed = _wasPressed = Bytes > (_wasPressed ? budgetBytes / 2 : budgetBytes);
        var removed = 0;
        foreach (var (id, session) in _sessions)
        {
            if (!IsCommitted(session, committedBatch))
            {
                continue;
            }
            if (session.Standing.State == SessionState.Ended ? isPressed || session.Batch <= committedBatch - KeepEndedBatches : isPressed)
            {
                Remove(id, session);
                if (PackedSession.IsFit(session))
                {
                    _packed.Add(session);
                }
                if (++removed % CollectEvery == 0)
                {
                    memory.Collect();
                }
            }
        }
        while (Bytes > budgetBytes && _packed.Count > 0)
        {
            _packed.GiveUpSome();
        }
    }

    /// <summary>Gives up sessions that are as in the store and whose newest event came from one of these partitions: others go on with them.</summary>
    public void Forget(IReadOnlyList<LogPartition> partitions, int committedBatch)
    {
        var numbers = partitions.Select(partition => partition.Partition).ToHashSet();
        foreach (var (id, session) in _sessions)
        {
            if (numbers.Contains(session.Partition) && IsCommitted(session, committedBatch))
            {
                Remove(id, session);
            }
        }
        _packed.GiveUp(numbers);
    }

    /// <summary>Gives up those of these sessions that are as in the store, or as they were there.</summary>
    public void Forget(IReadOnlyList<byte[]> ids, int committedBatch)
    {
        foreach (var id in ids)
        {
            if (!_sessions.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(id, out var session))
            {
                _packed.GiveUp(id);
            }
            else if (IsCommitted(session, committedBatch))
            {
                Remove(session);
            }
        }
    }

    public void Remove(CachedSession session) => Remove(session.Record.SessionIdMemory, session);

    private long Bytes => _unpackedBytes + _packed.ApproximateBytes;

    private static bool IsCommitted(CachedSession session, int committedBatch) => !session.IsDirty && session.Batch <= committedBatch;

    private void Remove(ReadOnlyMemory<byte> id, CachedSession session)
    {
        _sessions.Remove(id);
        _unpackedBytes -= session.Record.ApproximateBytes + OverheadBytes;
    }
}
