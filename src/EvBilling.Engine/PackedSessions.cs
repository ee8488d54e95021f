using System.Diagnostics.CodeAnalysis;

namespace EvBilling.Engine;

/// <summary>Open sessions that nothing came for lately, packed.</summary>
internal sealed class PackedSessions
{
    // So many parts the sessions fall into by their ids, of which one is given up at a time: where all come round in turn, giving up the oldest would miss each time.
    private const int Parts = 8;

    private readonly HashSet<byte[]> _sessions = new(SessionIdComparer.OfPacked.Instance);
    private int _nextPart;

    /// <summary>About how much memory they take.</summary>
    public long ApproximateBytes { get; private set; }

    public int Count => _sessions.Count;

    public void Add(CachedSession session)
    {
        var packed = PackedSession.Pack(session);
        _sessions.Add(packed);
        ApproximateBytes += packed.Length + PackedSession.OverheadBytes;
    }

    /// <summary>Takes a session out, if it is here.</summary>
    public bool TryTake(ReadOnlySpan<byte> sessionId, [NotNullWhen(true)] out CachedSession? session)
    {
        var lookup = _sessions.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (!lookup.TryGetValue(sessionId, out var packed))
        {
            session = null;
            return false;
        }
        session = PackedSession.Unpack(packed);
        lookup.Remove(sessionId);
        ApproximateBytes -= packed.Length + PackedSession.OverheadBytes;
        return true;
    }

    /// <summary>Gives up a part of them.</summary>
    public void GiveUpSome()
    {
        var part = _nextPart++ % Parts;
        GiveUp(packed => (SessionIdComparer.Hash(PackedSession.SessionId(packed)) & (Parts - 1)) == part);
    }

    /// <summary>Gives up those whose newest event came from one of these partitions.</summary>
    public void GiveUp(IReadOnlySet<int> partitions) => GiveUp(packed => partitions.Contains(PackedSession.Partition(packed)));

    public void Remove(ReadOnlySpan<byte> sessionId)
    {
        var lookup = _sessions.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (lookup.TryGetValue(sessionId, out var packed) && lookup.Remove(sessionId))
        {
            ApproximateBytes -= packed.Length + PackedSession.OverheadBytes;
        }
    }

    private void GiveUp(Predicate<byte[]> isChosen)
    {
        long bytes = 0;
        _sessions.RemoveWhere(packed =>
        {
            var chosen = isChosen(packed);
            bytes += chosen ? packed.Length + PackedSession.OverheadBytes : 0;
            return chosen;
        });
        ApproximateBytes -= bytes;
    }
}
