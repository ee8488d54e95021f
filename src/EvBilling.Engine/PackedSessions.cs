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
        ApproximateBytes += BytesOf(packed);
    }

    /// <summary>Takes a session out, if it is here.</summary>
    public bool TryTake(ReadOnlySpan<byte> sessionId, [NotNullWhen(true)] out CachedSession? session)
    {
        session = Remove(sessionId) is { } packed ? PackedSession.Unpack(packed) : null;
        return session is not null;
    }

    /// <summary>Gives up a session, if it is here.</summary>
    public void GiveUp(ReadOnlySpan<byte> sessionId) => Remove(sessionId);

    /// <summary>Gives up a part of them.</summary>
    public void GiveUpSome()
    {
        var part = _nextPart++ % Parts;
        GiveUp(packed => (SessionIdComparer.Hash(PackedSession.SessionId(packed)) & (Parts - 1)) == part);
    }

    /// <summary>Gives up those whose newest event came from one of these partitions.</summary>
    public void GiveUp(IReadOnlySet<int> partitions) => GiveUp(packed => partitions.Contains(PackedSession.Partition(packed)));

    private byte[]? Remove(ReadOnlySpan<byte> sessionId)
    {
        var lookup = _sessions.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (!lookup.TryGetValue(sessionId, out var packed))
        {
            return null;
        }
        lookup.Remove(sessionId);
        ApproximateBytes -= BytesOf(packed);
        return packed;
    }

    private void GiveUp(Predicate<byte[]> isChosen) => _sessions.RemoveWhere(packed =>
    {
        var chosen = isChosen(packed);
        ApproximateBytes -= chosen ? BytesOf(packed) : 0;
        return chosen;
    });

    private static int BytesOf(byte[] packed) => packed.Length + PackedSession.OverheadBytes;
}
