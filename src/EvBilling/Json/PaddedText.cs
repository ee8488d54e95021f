using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text.Unicode;

namespace EvBilling.Json;

/// <summary>
/// A JSON text copied to where <see cref="JsonScanner"/> may look some bytes before its start and beyond its end, which is followed by zeros: no JSON token has
/// a zero byte, so that no reader passes them. A bit for each byte tells where texts begin and end; behind them is room for the names of members.
/// </summary>
internal ref struct PaddedText
{
    /// <summary>How far a scanner may look beyond the byte it is at.</summary>
    public const int Padding = BlockBytes * 2;

    /// <summary>Longer texts are left to the full reader.</summary>
    public const int LengthMax = 1 << 20;

    private const int BlockBytes = 64;
    private const int Lead = 16;

    // Null: it is the caller's.
    private readonly byte[]? _rented;
    private readonly int _length;

    // Of which bytes there are bits.
    private readonly nuint _marked;

    // The same, or none if there are escapes.
    private nuint _plain;
    private readonly ref byte _first;
    private readonly ref ulong _quotes;

    private PaddedText(ReadOnlySpan<byte> utf8, byte[] room, bool isRented)
    {
        _length = utf8.Length;
        _rented = isRented ? room : null;
        var blocks = Blocks(_length);
        _plain = _marked = (nuint)(blocks * BlockBytes);
        var bytes = Lead + (blocks * BlockBytes) + Padding;
        _first = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(room), Lead);
        _quotes = ref Unsafe.As<byte, ulong>(ref Unsafe.Add(ref _first, bytes - Lead));
        // The zeros end within the marks, which are written later.
        ref var end = ref Unsafe.Add(ref _first, _length);
        for (var zeros = 0; zeros < BlockBytes + BlockBytes + Padding; zeros += BlockBytes)
        {
            Vector512<byte>.Zero.StoreUnsafe(ref end, (nuint)zeros);
        }
        // Whole blocks are copied when they are marked.
        if (_length < BlockBytes)
        {
            utf8.CopyTo(room.AsSpan(Lead));
        }
        else
        {
            Vector512.LoadUnsafe(ref MemoryMarshal.GetReference(utf8), (nuint)(_length - BlockBytes)).StoreUnsafe(ref _first, (nuint)(_length - BlockBytes));
        }
        Names = ref Unsafe.Add(ref _quotes, blocks);
    }

    public readonly ref byte First => ref _first;

    /// <summary>Just behind the text.</summary>
    public readonly ref byte End => ref Unsafe.Add(ref _first, _length);

    /// <summary>Room of <see cref="MemberNames.RoomBytes"/> bytes.</summary>
    public readonly ref ulong Names;

    /// <summary>Some text has a backslash.</summary>
    public bool HasEscapes { get; private set; }

    /// <summary>Where a text starts in the room that it was taken into.</summary>
    public static int Start => Lead;

    /// <summary>Takes a text in.</summary>
    /// <param name="utf8">Any bytes.</param>
    /// <param name="text">Set where it returns true; to be returned.</param>
    /// <returns>False: too long, no valid UTF-8, control characters within texts, or escapes that there are not.</returns>
    public static bool TryTake(ReadOnlySpan<byte> utf8, out PaddedText text)
    {
        if (utf8.Length > LengthMax)
        {
            text = default;
            return false;
        }
        text = new PaddedText(utf8, ArrayPool<byte>.Shared.Rent(RoomFor(utf8.Length)), isRented: true);
        if (text.TryMark(utf8))
        {
            return true;
        }
        text.Return();
        return false;
    }

    /// <summary>Likewise, into a room that grows as it must.</summary>
    public static bool TryTake(ReadOnlySpan<byte> utf8, scoped ref byte[] room, out PaddedText text)
    {
        if (utf8.Length > LengthMax)
        {
            text = default;
            return false;
        }
        if (room.Length < RoomFor(utf8.Length))
        {
            room = new byte[RoomFor(utf8.Length) * 2];
        }
        text = new PaddedText(utf8, room, isRented: false);
        return text.TryMark(utf8);
    }

    /// <summary>Where some bytes of the text are.</summary>
    public readonly TextRange Range(ReadOnlySpan<byte> bytes) => new(JsonScanner.Distance(ref _first, ref MemoryMarshal.GetReference(bytes)), bytes.Length);

    public readonly TextRange Range(scoped ref byte from, scoped ref byte to) => new(JsonScanner.Distance(ref _first, ref from), JsonScanner.Distance(ref from, ref to));

    public readonly ReadOnlySpan<byte> Bytes(TextRange range) => MemoryMarshal.CreateReadOnlySpan(ref _first, _length).Slice(range.Start, range.Length);

    /// <summary>Which of the bytes from one on are quotes: at least 57, from the lowest bit on; none where the byte is not of the text, or the text has escapes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ulong PlainQuotesFrom(ref byte from)
    {
        unchecked
        {
            var offset = (nuint)Unsafe.ByteOffset(ref _first, ref from);
            return offset >= _plain ? 0 : Unsafe.ReadUnaligned<ulong>(ref Unsafe.AddByteOffset(ref Unsafe.As<ulong, byte>(ref _quotes), offset / 8)) >> (int)(offset % 8);
        }
    }

    /// <summary>The next quote that is not escaped, or the end of all.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ref byte Quote(ref byte from)
    {
        unchecked
        {
            var offset = (nuint)Unsafe.ByteOffset(ref _first, ref from);
            if (offset >= _marked)
            {
                return ref from;
            }
            var quotes = Unsafe.Add(ref _quotes, offset / BlockBytes) >> (int)offset;
            return ref quotes != 0 ? ref Unsafe.AddByteOffset(ref from, (nuint)BitOperations.TrailingZeroCount(quotes)) : ref FarQuote(offset);
        }
    }

    public readonly void Return()
    {
        if (_rented is not null)
        {
            ArrayPool<byte>.Shared.Return(_rented);
        }
    }

    // All bytes of the text, and a block at least in which every byte ends what is read.
    private static int Blocks(int length) => (length / BlockBytes) + 2;

    private static int RoomFor(int length) => Lead + (Blocks(length) * (BlockBytes + sizeof(ulong))) + Padding + MemberNames.RoomBytes;

    private bool TryMark(ReadOnlySpan<byte> utf8)
    {
        var seen = Mark(ref MemoryMarshal.GetReference(utf8));
        HasEscapes = (seen & Seen.Escape) != 0;
        _plain = HasEscapes ? 0 : _plain;
        return ((seen & Seen.NotAscii) == 0 || Utf8.IsValid(utf8)) && (!HasEscapes || UnmarkEscaped()) && ((seen & Seen.Control) == 0 || !HasControlInText());
    }

    // There are no bits without an end: those of the last block are set.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private readonly ref byte FarQuote(nuint offset)
    {
        unchecked
        {
            var block = offset / BlockBytes;
            ulong quotes;
            do
            {
                quotes = Unsafe.Add(ref _quotes, ++block);
            }
            while (quotes == 0);
            return ref Unsafe.Add(ref _first, (block * BlockBytes) + (nuint)BitOperations.TrailingZeroCount(quotes));
        }
    }

    private readonly Seen Mark(scoped ref byte source)
    {
        var (escapes, least, all) = (Vector512<byte>.Zero, Vector512<byte>.AllBitsSet, Vector512<byte>.Zero);
        var whole = _length / BlockBytes;
        // Fields would be read anew after each store.
        ref var first = ref _first;
        ref var quotes = ref _quotes;
        for (var i = 0; i < whole; i++)
        {
            var bytes = Vector512.LoadUnsafe(ref source, (nuint)(i * BlockBytes));
            bytes.StoreUnsafe(ref first, (nuint)(i * BlockBytes));
            Unsafe.Add(ref quotes, i) = Quotes(bytes);
            escapes |= Vector512.Equals(bytes, Vector512.Create((byte)'\\'));
            least = Vector512.Min(least, bytes);
            all |= bytes;
        }
        var rest = _length % BlockBytes;
        var isOfText = (1UL << rest) - 1;
        var last = Block(whole);
        Unsafe.Add(ref _quotes, whole) = Quotes(last) | ~isOfText;
        Unsafe.Add(ref _quotes, whole + 1) = ulong.MaxValue;
        escapes |= Vector512.Equals(last, Vector512.Create((byte)'\\'));
        all |= last;
        var hasControl = Vector512.LessThanAny(least, Vector512.Create((byte)' ')) || (Controls(last) & isOfText) != 0;
        return (escapes != Vector512<byte>.Zero ? Seen.Escape : 0) | (all.ExtractMostSignificantBits() != 0 ? Seen.NotAscii : 0) | (hasControl ? Seen.Control : 0);
    }

    // Escapes outside of texts are no matter of this: there each ends what is read.
    private readonly bool UnmarkEscaped()
    {
        var rest = MemoryMarshal.CreateReadOnlySpan(ref _first, _length);
        var at = 0;
        while (rest.IndexOf((byte)'\\') is var found and >= 0)
        {
            at += found;
            var kind = Unsafe.Add(ref _first, at + 1);
            if (kind == 'u')
            {
                for (var i = 2; i < 6; i++)
                {
                    if (!char.IsAsciiHexDigit((char)Unsafe.Add(ref _first, at + i)))
                    {
                        return false;
                    }
                }
            }
            else if (kind is not ((byte)'"' or (byte)'\\' or (byte)'/' or (byte)'b' or (byte)'f' or (byte)'n' or (byte)'r' or (byte)'t'))
            {
                return false;
            }
            if (kind == '"')
            {
                Unsafe.Add(ref _quotes, (at + 1) / BlockBytes) &= ~(1UL << ((at + 1) % BlockBytes));
            }
            at += 2;
            rest = MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref _first, at), Math.Max(0, _length - at));
        }
        return true;
    }

    private readonly bool HasControlInText()
    {
        var isWithin = 0UL;
        for (var i = 0; i <= _length / BlockBytes; i++)
        {
            // A bit is set from a text's first quote until its last.
            var within = Unsafe.Add(ref _quotes, i);
            for (var shift = 1; shift < BlockBytes; shift *= 2)
            {
                within ^= within << shift;
            }
            within ^= isWithin;
            if ((Controls(Block(i)) & within & ~(i == _length / BlockBytes ? ulong.MaxValue << (_length % BlockBytes) : 0)) != 0)
            {
                return true;
            }
            isWithin = (within & (1UL << (BlockBytes - 1))) != 0 ? ulong.MaxValue : 0;
        }
        return false;
    }

    private readonly Vector512<byte> Block(int block) => Vector512.LoadUnsafe(ref _first, (nuint)(block * BlockBytes));

    private static ulong Quotes(Vector512<byte> bytes) => Vector512.Equals(bytes, Vector512.Create((byte)'"')).ExtractMostSignificantBits();

    private static ulong Controls(Vector512<byte> bytes) => Vector512.LessThan(bytes, Vector512.Create((byte)' ')).ExtractMostSignificantBits();

    [Flags]
    private enum Seen
    {
        Plain = 0,
        Escape = 1,
        Control = 2,
        NotAscii = 4,
    }
}

/// <summary>Some bytes of a <see cref="PaddedText"/>.</summary>
internal readonly record struct TextRange(int Start, int Length);
