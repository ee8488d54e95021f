using System.Diagnostics.CodeAnalysis;

namespace EvBilling;

/// <summary>What <see cref="Exact.TryParse"/> made of a text.</summary>
public enum NumberReading
{
    /// <summary>The number, exactly.</summary>
    Read,

    /// <summary>The text is no JSON number (RFC 8259, 6).</summary>
    NotANumber,

    /// <summary>A number that needs more than 28 digits, before or after the point.</summary>
    TooManyDigits,
}

/// <summary>Exact decimals from scaled integers and from the digits of a text; nothing passes through floating point.</summary>
public static class Exact
{
    /// <summary>Significant digits that every decimal holds whatever its value, and the most decimals it has.</summary>
    public const int MaxDigits = 28;

    private const int EndlessDecimals = 12;
    private const int ShortPowerMax = 9;
    private const int PowerMax = 38;

    private static readonly Int128[] PowersOfTen = Powers();

    /// <summary>10^0 to 10^18.</summary>
    internal static ReadOnlySpan<long> ShortPowersOfTen =>
    [
        1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000, 100_000_000_000, 1_000_000_000_000,
        10_000_000_000_000, 100_000_000_000_000, 1_000_000_000_000_000, 10_000_000_000_000_000, 100_000_000_000_000_000, 1_000_000_000_000_000_000,
    ];

    /// <summary><paramref name="value"/> / 10^<paramref name="scale"/>, without trailing zeros, so that equal numbers have one spelling.</summary>
    /// <param name="value">The number in units of 10^-<paramref name="scale"/>.</param>
    /// <param name="scale">0 to 28.</param>
    [SuppressMessage("Naming", "CA1720:Identifier contains type name", Justification = "It makes a decimal.")]
    public static decimal Decimal(long value, byte scale)
    {
        var magnitude = value < 0 ? (ulong)-(Int128)value : (ulong)value;
        while (scale > 0 && magnitude % 10 == 0)
        {
            magnitude /= 10;
            scale--;
        }
        return FromMagnitude(magnitude, value < 0, scale);
    }

    /// <inheritdoc cref="Decimal(long, byte)"/>
    /// <exception cref="OverflowException">The number without its trailing zeros does not fit in 96 bits.</exception>
    [SuppressMessage("Naming", "CA1720:Identifier contains type name", Justification = "It makes a decimal.")]
    public static decimal Decimal(Int128 value, byte scale)
    {
        if (value >= long.MinValue && value <= long.MaxValue)
        {
            return Decimal((long)value, scale);
        }
        while (scale > 0 && value % 10 == 0)
        {
            value /= 10;
            scale--;
        }
        return FromMagnitude((UInt128)Int128.Abs(value), value < 0, scale);
    }

    /// <summary>The same number without trailing zeros.</summary>
    public static decimal Trim(decimal value)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        var magnitude = ((ulong)unchecked((uint)bits[1]) << 32) | unchecked((uint)bits[0]);
        if (bits[2] != 0 || magnitude == 0)
        {
            return value / 1.0000000000000000000000000000m;
        }
        // Without a division of 96 bits.
        var scale = value.Scale;
        while (scale > 0 && magnitude % 10 == 0)
        {
            magnitude /= 10;
            scale--;
        }
        return FromMagnitude(magnitude, bits[3] < 0, scale);
    }

    /// <summary>10^<paramref name="exponent"/>.</summary>
    /// <param name="exponent">0 to 38.</param>
    /// <exception cref="OverflowException">More than 38.</exception>
    public static Int128 PowerOfTen(int exponent) => exponent < PowersOfTen.Length ? PowersOfTen[exponent] : throw new OverflowException($"10^{exponent} needs more than 127 bits.");

    /// <summary><paramref name="value"/> * 10^<paramref name="scale"/>: the number as an integer at that scale.</summary>
    /// <param name="value">A number of at most <paramref name="scale"/> decimals.</param>
    /// <param name="scale">0 to 28.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number has more decimals than <paramref name="scale"/>.</exception>
    /// <exception cref="OverflowException">The integer needs more than 127 bits.</exception>
    public static Int128 Scaled(decimal value, int scale)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(scale, value.Scale);
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        var further = scale - value.Scale;
        if ((bits[1] | bits[2]) == 0 && further <= ShortPowerMax)
        {
            // 32 bits times 10^9 are under 63 bits.
            var small = unchecked((uint)bits[0]) * ShortPowersOfTen[further];
            return bits[3] < 0 ? -small : small;
        }
        var magnitude = ((UInt128)unchecked((uint)bits[2]) << 64) | ((UInt128)unchecked((uint)bits[1]) << 32) | unchecked((uint)bits[0]);
        var scaled = (Int128)magnitude * PowerOfTen(scale - value.Scale);
        return bits[3] < 0 ? -scaled : scaled;
    }

    /// <summary><paramref name="numerator"/> / <paramref name="denominator"/> to the nearest integer, half away from zero.</summary>
    /// <param name="numerator">Any number.</param>
    /// <param name="denominator">Over 0.</param>
    public static Int128 RoundedQuotient(Int128 numerator, Int128 denominator)
    {
        var (quotient, rest) = Int128.DivRem(numerator, denominator);
        var distance = Int128.Abs(rest);
        return distance < denominator - distance ? quotient : numerator < 0 ? quotient - 1 : quotient + 1;
    }

    /// <summary>Hours from nanoseconds: exact where the decimals end, else rounded to 12 decimals, half away from zero.</summary>
    public static decimal Hours(long nanoseconds) =>
        // An hour is 3.6e12 ns = 2^2 * 9 * 10^11 ns, so the decimals end exactly where 9 divides.
        nanoseconds % 9 == 0
            ? Decimal((Int128)(nanoseconds / 9) * 25, 13)
            : Decimal(RoundedQuotient((Int128)nanoseconds * 5, 18), EndlessDecimals);

    /// <summary>Reads a JSON number (RFC 8259, 6) digit by digit, an exponent included; the value has no trailing zeros.</summary>
    public static NumberReading TryParse(ReadOnlySpan<byte> utf8, out decimal value)
    {
        value = 0;
        var scanner = new NumberScanner(utf8);
        if (!scanner.Scan())
        {
            return NumberReading.NotANumber;
        }
        if (scanner.Mantissa == 0 && !scanner.TooLong)
        {
            return NumberReading.Read;
        }
        var exponent = scanner.Exponent;
        if (scanner.TooLong || exponent < -MaxDigits || exponent + scanner.Digits > MaxDigits)
        {
            return NumberReading.TooManyDigits;
        }
        var magnitude = exponent > 0 ? scanner.Mantissa * (UInt128)PowerOfTen(exponent) : scanner.Mantissa;
        value = FromMagnitude(magnitude, scanner.Negative, (byte)Math.Max(0, -exponent));
        return NumberReading.Read;
    }

    private static Int128[] Powers()
    {
        var powers = new Int128[PowerMax + 1];
        powers[0] = 1;
        for (var i = 1; i < powers.Length; i++)
        {
            powers[i] = powers[i - 1] * 10;
        }
        return powers;
    }

    private static decimal FromMagnitude(UInt128 magnitude, bool negative, byte scale)
    {
        if (magnitude >> 96 != 0)
        {
            throw new OverflowException("The number needs more than 96 bits.");
        }
        return new decimal(unchecked((int)(uint)magnitude), unchecked((int)(uint)(magnitude >> 32)), unchecked((int)(uint)(magnitude >> 64)), negative, scale);
    }
}
