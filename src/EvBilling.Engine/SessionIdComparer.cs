using System.Buffers.Binary;
using System.Security.Cryptography;

namespace EvBilling.Engine;

/// <summary>
/// Finds sessions by their ids in UTF-8. Hashes are seeded by the process: ids come from outside, and chosen ones must not fill one bucket.
/// </summary>
internal sealed class SessionIdComparer
    : IEqualityComparer<ReadOnlyMemory<byte>>, IAlternateEqualityComparer<ReadOnlySpan<byte>, ReadOnlyMemory<byte>>
{
    public static readonly SessionIdComparer Instance = new();

    private static readonly ulong Seed = BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(8));

    public static int Hash(ReadOnlySpan<byte> id)
    {
        var hash = Seed;
        for (; id.Length >= 8; id = id[8..])
        {
            hash = Mix(hash, BinaryPrimitives.ReadUInt64LittleEndian(id));
        }
        var rest = (ulong)id.Length;
        foreach (var unit in id)
        {
            rest = (rest << 8) | unit;
        }
        return unchecked((int)Mix(hash, rest));
    }

    public bool Equals(ReadOnlyMemory<byte> x, ReadOnlyMemory<byte> y) => x.Span.SequenceEqual(y.Span);

    public bool Equals(ReadOnlySpan<byte> alternate, ReadOnlyMemory<byte> other) => alternate.SequenceEqual(other.Span);

    public int GetHashCode(ReadOnlyMemory<byte> id) => Hash(id.Span);

    public int GetHashCode(ReadOnlySpan<byte> alternate) => Hash(alternate);

    public ReadOnlyMemory<byte> Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();

    private static ulong Mix(ulong hash, ulong value)
    {
        var high = Math.BigMul(hash ^ value, 0xA076_1D64_78BD_642F ^ Seed | 1, out var low);
        return high ^ low;
    }

    /// <summary>The same for packed sessions.</summary>
    public sealed class OfPacked : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static readonly OfPacked Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => PackedSession.SessionId(x).SequenceEqual(PackedSession.SessionId(y));

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(PackedSession.SessionId(other));

        public int GetHashCode(byte[] packed) => Hash(PackedSession.SessionId(packed));

        public int GetHashCode(ReadOnlySpan<byte> alternate) => Hash(alternate);

        public byte[] Create(ReadOnlySpan<byte> alternate) => throw new NotSupportedException("An id alone is no packed session.");
    }
}
