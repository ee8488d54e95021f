namespace EvBilling;

/// <summary>Exact decimals from scaled integers.</summary>
public static class Exact
{
    /// <summary><paramref name="value"/> / 10^<paramref name="scale"/>, without trailing zeros, so that equal numbers have one spelling.</summary>
    /// <param name="scale">0 to 28.</param>
    public static decimal Decimal(long value, byte scale)
    {
        var negative = value < 0;
        var magnitude = negative ? (ulong)-(Int128)value : (ulong)value;
        while (scale > 0 && magnitude % 10 == 0)
        {
            magnitude /= 10;
            scale--;
        }
        return new decimal((int)(uint)(magnitude & 0xFFFF_FFFF), (int)(uint)(magnitude >> 32), 0, negative, scale);
    }

    /// <summary>The same number without trailing zeros.</summary>
    public static decimal Trim(decimal value) => value / 1.0000000000000000000000000000m;
}
