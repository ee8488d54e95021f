using System.Runtime.CompilerServices;

namespace EvBilling.Binary;

/// <summary>Variable-length integers: seven bits a byte, the lowest first, the eighth bit says that more follow. Signed ones are zigzag-coded.</summary>
internal static class Varint
{
    /// <summary>The most bytes that one takes.</summary>
    public const int MaxLength = 10;

    public static void Write(Span<byte> to, ref int at, ulong value)
    {
        while (value >= 0x80)
        {
            to[at++] = (byte)((value & 0x7F) | 0x80);
            value >>= 7;
        }
        to[at++] = (byte)value;
    }

    public static void WriteSigned(Span<byte> to, ref int at, long value) => Write(to, ref at, Zigzag(value));

    // Nearly all take one byte.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Read(ReadOnlySpan<byte> from, ref int at)
    {
        var first = from[at++];
        return first < 0x80 ? first : ReadRest(first, from, ref at);
    }

    public static long ReadSigned(ReadOnlySpan<byte> from, ref int at) => Unzigzag(Read(from, ref at));

    private static ulong ReadRest(byte first, ReadOnlySpan<byte> from, ref int at)
    {
        ulong value = (uint)first & 0x7F;
        for (var shift = 7; shift < 64; shift += 7)
        {
            var next = from[at++];
            value |= ((ulong)next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
        throw new FormatException("A stored number is longer than 64 bits.");
    }

    private static ulong Zigzag(long value) => unchecked((ulong)(value << 1) ^ (ulong)(value >> 63));

    private static long Unzigzag(ulong value) => unchecked((long)(value >> 1) ^ -(long)(value & 1));
}
