using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;

namespace EvBilling.Json;

/// <summary>
/// Steps through the JSON (RFC 8259) of a <see cref="PaddedText"/> that is valid UTF-8, validating all it passes. It knows no errors: where it can't go on, be
/// the text valid or not, it goes to <see cref="Nowhere"/>, a place where nothing can be read; each reader looks at what follows a value, so that it ends there too.
/// </summary>
internal static class JsonScanner
{
    /// <summary>Deeper texts are left to the full reader.</summary>
    public const int DepthMax = MemberNames.DepthMax;

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

    /// <summary>The first byte that is a quote, a backslash or a control character.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref byte TextEnd(ref byte from)
    {
        var ends = Ends(ref from);
        return ref ends != 0 ? ref Unsafe.Add(ref from, BitOperations.TrailingZeroCount(ends)) : ref LongTextEnd(ref from);
    }

    /// <summary>Reads a name that <paramref name="at"/> is the first quote of, and the colon.</summary>
    /// <returns>Where the value starts, or nowhere.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref byte Name(ref byte at, out MemberName name)
    {
        ref var first = ref Unsafe.Add(ref at, 1);
        ref var end = ref TextEnd(ref first);
        name = new(ref first, Distance(ref first, ref end));
        if (at != '"' || end != '"')
        {
            return ref Nowhere;
        }
        at = ref Next(ref end, 1);
        return ref at == ':' ? ref Next(ref at, 1) : ref Nowhere;
    }

    /// <summary>Passes a value of any kind.</summary>
    /// <param name="at">Its first byte.</param>
    /// <param name="names">See <see cref="PaddedText.Names"/>.</param>
    /// <param name="depth">How many objects and lists are around the value.</param>
    /// <returns>Just behind it, or nowhere.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref byte Skip(ref byte at, ref ulong names, int depth)
    {
        if (at != '"')
        {
            return ref SkipOther(ref at, ref names, depth);
        }
        ref var end = ref TextEnd(ref Unsafe.Add(ref at, 1));
        return ref end == '"' ? ref Unsafe.Add(ref end, 1) : ref SkipEscaped(ref end);
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

    private static ref byte SkipOther(ref byte at, ref ulong names, int depth)
    {
        switch (at)
        {
            case (byte)'{':
                return ref SkipObject(ref at, ref names, depth);
            case (byte)'[':
                return ref SkipList(ref at, ref names, depth);
            case (byte)'t' or (byte)'f' or (byte)'n':
                return ref Literal(ref at);
            default:
                return ref SkipNumber(ref at);
        }
    }

    private static ref byte SkipObject(ref byte at, ref ulong names, int depth)
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
        var seen = new MemberNames(ref names, depth);
        while (true)
        {
            at = ref Name(ref at, out var name);
            if (!seen.TryAdd(name))
            {
                return ref Nowhere;
            }
            at = ref Skip(ref at, ref names, depth + 1);
            at = ref Next(ref at, 0);
            if (at != ',')
            {
                return ref at == '}' ? ref Unsafe.Add(ref at, 1) : ref Nowhere;
            }
            at = ref Next(ref at, 1);
        }
    }

    private static ref byte SkipList(ref byte at, ref ulong names, int depth)
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
            at = ref Skip(ref at, ref names, depth + 1);
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

    /// <summary>Passes the rest of a text that has escapes; the first is at <paramref name="at"/>, or a control character is.</summary>
    private static ref byte SkipEscaped(ref byte at)
    {
        while (at == '\\')
        {
            var kind = Unsafe.Add(ref at, 1);
            if (kind == 'u')
            {
                for (var i = 2; i < 6; i++)
                {
                    if (!char.IsAsciiHexDigit((char)Unsafe.Add(ref at, i)))
                    {
                        return ref Nowhere;
                    }
                }
            }
            else if (kind is not ((byte)'"' or (byte)'\\' or (byte)'/' or (byte)'b' or (byte)'f' or (byte)'n' or (byte)'r' or (byte)'t'))
            {
                return ref Nowhere;
            }
            at = ref TextEnd(ref Unsafe.Add(ref at, kind == 'u' ? 6 : 2));
        }
        return ref at == '"' ? ref Unsafe.Add(ref at, 1) : ref Nowhere;
    }

    private static ref byte LongTextEnd(ref byte from)
    {
        uint ends;
        do
        {
            from = ref Unsafe.Add(ref from, Vector128<byte>.Count);
            ends = Ends(ref from);
        }
        while (ends == 0);
        return ref Unsafe.Add(ref from, BitOperations.TrailingZeroCount(ends));
    }

    /// <summary>A bit for each of the next bytes that is a quote, a backslash or a control character.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Ends(ref byte from)
    {
        var bytes = Vector128.LoadUnsafe(ref from);
        var ends = Vector128.Equals(bytes, Vector128.Create((byte)'"')) | Vector128.Equals(bytes, Vector128.Create((byte)'\\'))
            | Vector128.LessThan(bytes, Vector128.Create((byte)' '));
        return ends.ExtractMostSignificantBits();
    }
}
