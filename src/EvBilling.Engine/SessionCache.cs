using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using EvBilling.Sessions;

namespace EvBilling.Engine;

/// <summary>
/// Sessions in memory, a cache of their rows. What has ended and is committed is given up soon, since little comes after the end; what is open is kept as long
/// as the budget allows, and then given up by what was not touched for longest.
/// </summary>
internal sealed class SessionCache(long budgetBytes)
{
    // Copies and stragglers of an ended session mostly come within a few batches.
    private const int KeepEndedBatches = 2;

    private readonly Dictionary<ReadOnlyMemory<byte>, CachedSession> _sessions = new(Utf8Comparer.Instance);
    private long _approximateBytes;

    public bool TryFind(ReadOnlySpan<byte> sessionId, [NotNullWhen(true)] out CachedSession? session) =>
        _sessions.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(sessionId, out session);

    public void Add(CachedSession session)
    {
        _sessions.Add(session.Record.SessionIdMemory, session);
        _approximateBytes += session.Record.ApproximateBytes;
    }

    /// <summary>Whether sessions had to be given up that were still open, and no room has come back since.</summary>
    public bool IsPressed { get; private set; }

    /// <summary>Of how many sessions there is something in memory.</summary>
    public int Count => _sessions.Count;

    public void Grew(int bytes) => _approximateBytes += bytes;

    /// <summary>Gives up what is not needed or is over the budget.</summary>
    /// <param name="committedBatch">What this batch, or an older one, last touched is in the store.</param>
    public void Shrink(int committedBatch)
    {
        foreach (var (id, session) in _sessions)
        {
            if (session.Standing.State == SessionState.Ended && IsCommitted(session, committedBatch) && session.Batch <= committedBatch - KeepEndedBatches)
            {
                Remove(id, session);
            }
        }
        if (_approximateBytes <= budgetBytes)
        {
            IsPressed &= _approximateBytes > budgetBytes / 2;
            return;
        }
        IsPressed = true;
        // Some room below the budget, so that this is not done for every batch.
        var target = budgetBytes / 4 * 3;
        foreach (var (id, session) in _sessions.Where(pair => IsCommitted(pair.Value, committedBatch)).OrderBy(pair => pair.Value.Batch).ToList())
        {
            if (_approximateBytes <= target)
            {
                break;
            }
            Remove(id, session);
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
    }

    /// <summary>Gives up those of these sessions that are as in the store, or as they were there.</summary>
    public void Forget(IReadOnlyList<byte[]> ids, int committedBatch)
    {
        foreach (var id in ids)
        {
            if (TryFind(id, out var session) && IsCommitted(session, committedBatch))
            {
                Remove(session);
            }
        }
    }

    public void Remove(CachedSession session) => Remove(session.Record.SessionIdMemory, session);

    private static bool IsCommitted(CachedSession session, int committedBatch) => !session.IsDirty && session.Batch <= committedBatch;

    private void Remove(ReadOnlyMemory<byte> id, CachedSession session)
    {
        _sessions.Remove(id);
        _approximateBytes -= session.Record.ApproximateBytes;
    }

    private sealed class Utf8Comparer : IEqualityComparer<ReadOnlyMemory<byte>>, IAlternateEqualityComparer<ReadOnlySpan<byte>, ReadOnlyMemory<byte>>
    {
        public static readonly Utf8Comparer Instance = new();

        public bool Equals(ReadOnlyMemory<byte> x, ReadOnlyMemory<byte> y) => x.Span.SequenceEqual(y.Span);

        public bool Equals(ReadOnlySpan<byte> alternate, ReadOnlyMemory<byte> other) => alternate.SequenceEqual(other.Span);

        public int GetHashCode(ReadOnlyMemory<byte> id) => GetHashCode(id.Span);

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = Seed;
            for (; alternate.Length >= 8; alternate = alternate[8..])
            {
                hash = Mix(hash, BinaryPrimitives.ReadUInt64LittleEndian(alternate));
            }
            var rest = (ulong)alternate.Length;
            foreach (var unit in alternate)
            {
                rest = (rest << 8) | unit;
            }
            return unchecked((int)Mix(hash, rest));
        }

        // Seeded by the process: ids come from outside, and chosen ones must not fill one bucket.
        private static readonly ulong Seed = BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(8));

        private static ulong Mix(ulong hash, ulong value)
        {
            var high = Math.BigMul(hash ^ value, 0xA076_1D64_78BD_642F ^ Seed | 1, out var low);
            return high ^ low;
        }

        public ReadOnlyMemory<byte> Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
