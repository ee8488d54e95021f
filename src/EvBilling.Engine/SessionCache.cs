using System.Diagnostics.CodeAnalysis;
using EvBilling.Sessions;

namespace EvBilling.Engine;

/// <summary>
/// Sessions in memory, a cache of their rows. Over its budget, it gives up those that are committed and were not touched for longest, ended ones first.
/// </summary>
internal sealed class SessionCache(long budgetBytes)
{
    private readonly Dictionary<byte[], CachedSession> _sessions = new(Utf8Comparer.Instance);
    private long _approximateBytes;

    public int Count => _sessions.Count;

    public bool TryFind(ReadOnlySpan<byte> sessionId, [NotNullWhen(true)] out CachedSession? session) =>
        _sessions.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(sessionId, out session);

    public void Add(CachedSession session)
    {
        _sessions.Add(session.Record.SessionIdUtf8.ToArray(), session);
        _approximateBytes += session.Record.ApproximateBytes;
    }

    public void Grew(int bytes) => _approximateBytes += bytes;

    /// <summary>Gives up what is over the budget.</summary>
    /// <param name="committedBatch">What this batch, or an older one, last touched is in the store.</param>
    public void Shrink(int committedBatch)
    {
        if (_approximateBytes <= budgetBytes)
        {
            return;
        }
        var candidates = new List<(bool IsOpen, int Batch, byte[] Id, int Bytes)>();
        foreach (var (id, session) in _sessions)
        {
            if (!session.IsDirty && session.Batch <= committedBatch)
            {
                candidates.Add((session.State == SessionState.Open, session.Batch, id, session.Record.ApproximateBytes));
            }
        }
        candidates.Sort((a, b) => a.IsOpen != b.IsOpen ? a.IsOpen.CompareTo(b.IsOpen) : a.Batch.CompareTo(b.Batch));
        // Some room below the budget, so that this is not done for every batch.
        var target = budgetBytes / 4 * 3;
        foreach (var (_, _, id, bytes) in candidates)
        {
            if (_approximateBytes <= target)
            {
                break;
            }
            _sessions.Remove(id);
            _approximateBytes -= bytes;
        }
    }

    private sealed class Utf8Comparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static readonly Utf8Comparer Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(byte[] id) => GetHashCode(id.AsSpan());

        // Seeded by the process: ids come from outside, and chosen ones must not fill one bucket.
        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = default(HashCode);
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
