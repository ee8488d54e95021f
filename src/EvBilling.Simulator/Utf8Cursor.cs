using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;

namespace EvBilling.Simulator;

/// <summary>Writes text and whole numbers into a buffer that its owner made large enough.</summary>
internal ref struct Utf8Cursor(Span<byte> buffer)
{
    private readonly Span<byte> _buffer = buffer;

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Append(ReadOnlySpan<byte> utf8)
    {
        utf8.CopyTo(_buffer[Length..]);
        Length += utf8.Length;
    }

    public void AppendAscii(string text) => Length += Encoding.UTF8.GetBytes(text, _buffer[Length..]);

    /// <summary>A number with at least so many digits.</summary>
    public void AppendNumber(long value, int digitsMin = 1)
    {
        Debug.Assert(value >= 0, "Only what cannot be negative is written.");
        int digits = Math.Max(digitsMin, DigitCount((ulong)value));
        var target = _buffer.Slice(Length, digits);
        ulong rest = (ulong)value;
        for (int at = target.Length - 1; at >= 0; at--)
        {
            (rest, ulong digit) = Math.DivRem(rest, 10);
            target[at] = (byte)('0' + (int)digit);
        }

        Length += digits;
    }

    /// <summary>A number of tenths, such as 31.3 for 313.</summary>
    public void AppendTenths(int tenths)
    {
        AppendNumber(tenths / 10);
        Append("."u8);
        AppendNumber(tenths % 10);
    }

    /// <summary>Twelve hexadecimal digits of the lowest 48 bits.</summary>
    public void AppendHex48(ulong value)
    {
        var target = _buffer.Slice(Length, 12);
        for (int at = 11; at >= 0; at--)
        {
            target[at] = "0123456789ABCDEF"u8[(int)(value & 0xF)];
            value >>= 4;
        }

        Length += 12;
    }

    private static int DigitCount(ulong value)
    {
        int digits = 1;
        while (value >= 10)
        {
            value /= 10;
            digits++;
        }

        return digits;
    }
}
