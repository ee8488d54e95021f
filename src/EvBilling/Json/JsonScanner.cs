using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace EvBilling.Json;

/// <summary>
/// Steps through the JSON (RFC 8259) of a <see cref="PaddedText"/>, validating all it passes. It knows no errors: where it can't go on, be
/// the text valid or not, it goes to <see cref="Nowhere"/>, a place where nothing can be read; each reader looks at what follows a value, so that it ends there too.
/// </summary>
internal static class JsonScanner
{
    /// <summary>Deeper texts are left to the full reader.</summary>
    public const int DepthMax = MemberNames.DepthMax;

    // As little-endian numbers, the only order of bytes there is where .NET runs: they are compared in one instruction.
    private const uint QuoteColonQuote = 0x22_3A_22;
    private const ushort CommaQuote = 0x22_2C;

    private static readonly byte[] Zeros = new byte[PaddedText.Padding * 2];

    /// <summary>A zero byte among zero bytes.</summary>
    public static ref byte Nowhere => ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(Zeros), PaddedText.Padding / 2);

    /// <summary>The first byte from some bytes on that is no white space.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref byte Next(ref byte at, int further)
    {
        at = ref Unsafe.Add(ref at, further);
        return ref at > ' ' ? ref at : ref AfterSpace(ref at);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool StartsWith(scoped ref byte at, ReadOnlySpan<byte> text) => MemoryMarshal.CreateReadOnlySpan(ref at, text.Length).SequenceEqual(text);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Distance(scoped ref byte from, scoped ref byte to) => unchecked((int)Unsafe.ByteOffset(ref from, ref to));

    /// <summary>The bytes of a text, from behind its first quote to its last.</summary>
    public static ReadOnlySpan<byte> Between(scoped ref byte from, scoped ref byte to) => MemoryMarshal.CreateReadOnlySpan(ref from, Distance(ref from, ref to));

    /// <summary>Reads a name that <paramref name="at"/> is the first quote of, and the colon.</summary>
    /// <returns>Where the value starts, or nowhere: so for a name with escapes.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref byte Name(ref byte at, scoped in PaddedText text, out MemberName name)
    {
        ref var first = ref Unsafe.Add(ref at, 1);
        ref var end = ref text.Quote(ref first);
        name = new(ref first, Distance(ref first, ref end));
        if (at != '"' || end != '"' || HasEscape(ref first, ref end, text))
        {
            return ref Nowhere;
        }
        at = ref Next(ref end, 1);
        return ref at == ':' ? ref Next(ref at, 1) : ref Nowhere;
    }

    /// <summary>
    /// Reads a name, the colon, and where it is near the text that is the value: as most are written, <c>"name":"text"</c>. The four quotes are in one word of marks,
    /// so that finding the last one does not wait for the three before.
    /// </summary>
    /// <param name="at">The name's first quote.</param>
    /// <param name="length">Of the text in bytes; under 0: look at the value.</param>
    /// <param name="behind">How far it is from <paramref name="at"/> to just behind that text.</param>
    /// <returns>Where the value starts, or nowhere.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref byte Member(ref byte at, scoped in PaddedText text, out MemberName name, out int length, out int behind)
    {
        unchecked
        {
            var quotes = text.PlainQuotesFrom(ref at);
            var second = quotes & (quotes - 1);
            var third = second & (second - 1);
            var fourth = third & (third - 1);
            var nameEnd = BitOperations.TrailingZeroCount(second);
            var begin = nameEnd + 2;
            if ((quotes & 1) != 0 && fourth != 0 && (Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref at, nameEnd)) & 0xFF_FFFF) == QuoteColonQuote)
            {
                name = new(ref Unsafe.Add(ref at, 1), nameEnd - 1);
                behind = BitOperations.TrailingZeroCount(fourth) + 1;
                length = behind - begin - 2;
                return ref Unsafe.Add(ref at, begin);
            }
            length = behind = -1;
            return ref Name(ref at, text, out name);
        }
    }

    /// <summary>Passes the value of a member that <see cref="Member"/> has read the name of.</summary>
    /// <param name="at">The name's first quote.</param>
    /// <param name="value">Where the value starts.</param>
    /// <param name="behind">As it has told.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref byte SkipValue(ref byte at, ref byte value, int behind, scoped in PaddedText text, int depth) =>
        ref behind >= 0 ? ref Unsafe.Add(ref at, behind) : ref Skip(ref value, text, depth);

    /// <summary>Goes on behind a member's value.</summary>
    /// <param name="at">Just behind the value.</param>
    /// <param name="isLast">The object ends here, or all does.</param>
    /// <returns>The next member's first quote, or just behind the object, or nowhere.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref byte NextMember(ref byte at, out bool isLast)
    {
        isLast = false;
        // As most are written: with no space.
        if (Unsafe.ReadUnaligned<ushort>(ref at) == CommaQuote)
        {
            return ref Unsafe.Add(ref at, 1);
        }
        at = ref Next(ref at, 0);
        if (at == ',')
        {
            return ref Next(ref at, 1);
        }
        isLast = true;
        return ref at == '}' ? ref Unsafe.Add(ref at, 1) : ref Nowhere;
    }

    /// <summary>Reads a text without escapes that <paramref name="at"/> is the first quote of.</summary>
    /// <returns>Just behind it, or nowhere.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref byte Text(ref byte at, scoped in PaddedText text, out ReadOnlySpan<byte> read)
    {
        ref var first = ref Unsafe.Add(ref at, 1);
        ref var end = ref text.Quote(ref first);
        read = Between(ref first, ref end);
        return ref at == '"' && end == '"' && !HasEscape(ref first, ref end, text) ? ref Unsafe.Add(ref end, 1) : ref Nowhere;
    }

    /// <summary>Likewise of a member that <see cref="Member"/> has read the name of.</summary>
    /// <param name="length">As it has told.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref byte Text(ref byte at, int length, scoped in PaddedText text, out ReadOnlySpan<byte> read)
    {
        if (length < 0)
        {
            return ref Text(ref at, text, out read);
        }
        read = MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref at, 1), length);
        return ref Unsafe.Add(ref at, length + 2);
    }

    /// <summary>Passes a value of any kind.</summary>
    /// <param name="at">Its first byte.</param>
    /// <param name="depth">How many objects and lists are around the value.</param>
    /// <returns>Just behind it, or nowhere.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref byte Skip(ref byte at, scoped in PaddedText text, int depth)
    {
        if (at != '"')
        {
            return ref SkipOther(ref at, text, depth);
        }
        ref var end = ref text.Quote(ref Unsafe.Add(ref at, 1));
        return ref end == '"' ? ref Unsafe.Add(ref end, 1) : ref Nowhere;
    }

    /// <summary>Passes true, false or null; else goes nowhere.</summary>
    public static ref byte Literal(ref byte at)
    {
        if (StartsWith(ref at, "null"u8) || StartsWith(ref at, "true"u8))
        {
            return ref Unsafe.Add(ref at, 4);
        }
        return ref StartsWith(ref at, "false"u8) ? ref Unsafe.Add(ref at, 5) : ref Nowhere;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool HasEscape(scoped ref byte first, scoped ref byte end, scoped in PaddedText text) => text.HasEscapes && Between(ref first, ref end).Contains((byte)'\\');

    private static ref byte SkipOther(ref byte at, scoped in PaddedText text, int depth)
    {
        switch (at)
        {
            case (byte)'{':
                return ref SkipObject(ref at, text, depth);
            case (byte)'[':
                return ref SkipList(ref at, text, depth);
            case (byte)'t' or (byte)'f' or (byte)'n':
                return ref Literal(ref at);
            default:
                return ref SkipNumber(ref at);
        }
    }

    private static ref byte SkipObject(ref byte at, scoped in PaddedText text, int depth)
    {
        if (depth >= DepthMax)
        {
            return ref Nowhere;
        }
        at = ref Next(ref at, 1);
        if (at == '}')
        {
            return ref Unsafe.Add(ref at, 1);
        }
        var seen = new MemberNames(text, depth);
        while (true)
        {
            ref var value = ref Member(ref at, text, out var name, out _, out var behind);
            if (!seen.TryAdd(name))
            {
                return ref Nowhere;
            }
            at = ref SkipValue(ref at, ref value, behind, text, depth + 1);
            at = ref NextMember(ref at, out var isLast);
            if (isLast)
            {
                return ref at;
            }
        }
    }

    private static ref byte SkipList(ref byte at, scoped in PaddedText text, int depth)
    {
        if (depth >= DepthMax)
        {
            return ref Nowhere;
        }
        at = ref Next(ref at, 1);
        if (at == ']')
        {
            return ref Unsafe.Add(ref at, 1);
        }
        while (true)
        {
            at = ref Skip(ref at, text, depth + 1);
            at = ref Next(ref at, 0);
            if (at != ',')
            {
                return ref at == ']' ? ref Unsafe.Add(ref at, 1) : ref Nowhere;
            }
            at = ref Next(ref at, 1);
        }
    }

    private static ref byte SkipNumber(ref byte at)
    {
        at = ref Unsafe.Add(ref at, at == '-' ? 1 : 0);
        if (!IsDigit(at))
        {
            return ref Nowhere;
        }
        at = ref at == '0' ? ref Unsafe.Add(ref at, 1) : ref AfterDigits(ref at);
        if (at == '.')
        {
            at = ref Unsafe.Add(ref at, 1);
            if (!IsDigit(at))
            {
                return ref Nowhere;
            }
            at = ref AfterDigits(ref at);
        }
        if ((at | 0x20) == 'e')
        {
            at = ref Unsafe.Add(ref at, 1);
            at = ref Unsafe.Add(ref at, at is (byte)'-' or (byte)'+' ? 1 : 0);
            return ref IsDigit(at) ? ref AfterDigits(ref at) : ref Nowhere;
        }
        return ref at;
    }

    private static bool IsDigit(byte one) => one is >= (byte)'0' and <= (byte)'9';

    private static ref byte AfterDigits(ref byte at)
    {
        while (IsDigit(at))
        {
            at = ref Unsafe.Add(ref at, 1);
        }
        return ref at;
    }

    private static ref byte AfterSpace(ref byte at)
    {
        while (at is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')
        {
            at = ref Unsafe.Add(ref at, 1);
        }
        return ref at;
    }
}
