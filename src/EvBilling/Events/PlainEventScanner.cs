using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace EvBilling.Events;

/// <summary>
/// The quick way to read an event whose JSON is plain: one flat object of strings without escapes, numbers without exponents, true, false and null, all in ASCII.
/// It knows no errors: whatever is not plain, be it valid or not, is left to the full reader.
/// </summary>
internal static class PlainEventScanner
{
    /// <summary>Reads the members of a plain object, the whole of <paramref name="text"/>.</summary>
    /// <param name="start">Where in the buffer the text starts.</param>
    /// <returns>False if it is not plain; then what <paramref name="reader"/> and <paramref name="read"/> hold is of no use.</returns>
    public static bool TryRead(ReadOnlySpan<byte> text, int start, ref EventMemberReader reader, ref ChargingEvent read)
    {
        var at = 0;
        // No event is shorter than a vector.
        if (text.Length < Vector128<byte>.Count || Next(text, ref at) != '{')
        {
            return false;
        }
        do
        {
            at++;
            if (Next(text, ref at) != '"')
            {
                return false;
            }
            var name = at + 1;
            at = StringEnd(text, name);
            if (at < 0)
            {
                return false;
            }
            var member = EventMemberNames.Find(text[name..at]);
            at++;
            if (Next(text, ref at) != ':')
            {
                return false;
            }
            at++;
            var first = Next(text, ref at);
            EventValue value;
            if (first == '"')
            {
                var from = at + 1;
                var end = StringEnd(text, from);
                value = new(EventValueKind.PlainText, start + from, end - from);
                at = end + 1;
            }
            else if (first is (byte)'-' or (>= (byte)'0' and <= (byte)'9'))
            {
                var end = NumberEnd(text, at);
                value = new(EventValueKind.Number, start + at, end - at);
                at = end;
            }
            else
            {
                value = new(Literal(text[at..], out var length), 0, length > 0 ? 0 : -1);
                at += length;
            }
            if (value.Length < 0)
            {
                return false;
            }
            if (member != EventMembers.None)
            {
                reader.Read(member, value, ref read);
            }
        }
        while (Next(text, ref at) == ',');
        if (Next(text, ref at) != '}')
        {
            return false;
        }
        at++;
        return Next(text, ref at) == 0 && at == text.Length;
    }

    /// <summary>The first byte from <paramref name="at"/> on that is no white space, and moves there; 0 at the end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte Next(ReadOnlySpan<byte> text, ref int at)
    {
        while ((uint)at < (uint)text.Length)
        {
            var next = text[at];
            if (next is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n'))
            {
                return next;
            }
            at++;
        }
        return 0;
    }

    /// <summary>True, false or null; of no length where it is none of them.</summary>
    private static EventValueKind Literal(ReadOnlySpan<byte> text, out int length)
    {
        var kind = text.StartsWith("true"u8) ? EventValueKind.True
            : text.StartsWith("false"u8) ? EventValueKind.False
            : text.StartsWith("null"u8) ? EventValueKind.Null
            : EventValueKind.Other;
        length = kind switch { EventValueKind.Other => 0, EventValueKind.False => 5, _ => 4 };
        return kind;
    }

    /// <summary>Where the quote is that ends a string; -1 if the text's end, a backslash, a control character or a byte beyond ASCII comes first.</summary>
    private static int StringEnd(ReadOnlySpan<byte> text, int from)
    {
        var last = text.Length - Vector128<byte>.Count;
        var at = from;
        uint ends;
        for (; at <= last; at += Vector128<byte>.Count)
        {
            ends = EndsOfPlainText(text[at..]);
            if (ends != 0)
            {
                at += BitOperations.TrailingZeroCount(ends);
                return text[at] == '"' ? at : -1;
            }
        }
        // The last bytes are looked at together with those before them, which do not count.
        ends = EndsOfPlainText(text[last..]) >> (at - last);
        at += BitOperations.TrailingZeroCount(ends);
        return ends != 0 && text[at] == '"' ? at : -1;
    }

    /// <summary>A bit for each of the first bytes that is a quote, or may not stand in a plain string.</summary>
    private static uint EndsOfPlainText(ReadOnlySpan<byte> text)
    {
        var bytes = Vector128.Create(text);
        // Bytes beyond ASCII are negative.
        var ends = Vector128.Equals(bytes, Vector128.Create((byte)'"'))
            | Vector128.Equals(bytes, Vector128.Create((byte)'\\'))
            | Vector128.LessThan(bytes.AsSByte(), Vector128.Create((sbyte)' ')).AsByte();
        return ends.ExtractMostSignificantBits();
    }

    /// <summary>The end of a number; -1 if it is none. That something else than a digit follows is for what is expected next.</summary>
    private static int NumberEnd(ReadOnlySpan<byte> text, int from)
    {
        var whole = text[from] == '-' ? from + 1 : from;
        var at = DigitsEnd(text, whole);
        if (at == whole || (at > whole + 1 && text[whole] == '0'))
        {
            return -1;
        }
        if (at < text.Length && text[at] == '.')
        {
            var fraction = at + 1;
            at = DigitsEnd(text, fraction);
            return at > fraction ? at : -1;
        }
        return at;
    }

    private static int DigitsEnd(ReadOnlySpan<byte> text, int at)
    {
        if (at <= text.Length - Vector128<byte>.Count)
        {
            // One look for all lengths: a loop's end would be guessed wrong for every other number.
            var others = Vector128.GreaterThan(Vector128.Create(text[at..]) - Vector128.Create((byte)'0'), Vector128.Create((byte)9)).ExtractMostSignificantBits();
            if (others != 0)
            {
                return at + BitOperations.TrailingZeroCount(others);
            }
        }
        while ((uint)at < (uint)text.Length && text[at] is >= (byte)'0' and <= (byte)'9')
        {
            at++;
        }
        return at;
    }
}
