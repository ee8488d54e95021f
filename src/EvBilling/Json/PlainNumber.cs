using System.Runtime.CompilerServices;

namespace EvBilling.Json;

/// <summary>A number as most are written, <c>-12.50</c>: under 10^9, at most 18 digits, no exponent. <see cref="Mantissa"/> / 10^<see cref="Decimals"/>, without trailing zeros.</summary>
internal readonly struct PlainNumber(long mantissa, int decimals)
{
    private const int WholeMax = 9;
    private const int DigitsMax = 18;

    public long Mantissa { get; } = mantissa;

    public int Decimals { get; } = decimals;

    public decimal Value
    {
        get
        {
            unchecked
            {
                var magnitude = (ulong)(Mantissa < 0 ? -Mantissa : Mantissa);
                return new((int)magnitude, (int)(magnitude >> 32), 0, Mantissa < 0, (byte)Decimals);
            }
        }
    }

    /// <summary>The number times 10^<paramref name="scale"/>, for a scale of at least its decimals.</summary>
    /// <returns>False if it has more decimals, or the product is beyond a long.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryScale(int scale, out long scaled)
    {
        scaled = 0;
        if (Decimals > scale)
        {
            return false;
        }
        var product = Math.BigMul(Mantissa, Exact.ShortPowersOfTen[scale - Decimals], out scaled);
        return product == scaled >> 63;
    }

    /// <returns>Just behind the number, or <see cref="JsonScanner.Nowhere"/>.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref byte Read(ref byte at, out PlainNumber number)
    {
        unchecked
        {
            number = default;
            var isNegative = at == '-';
            at = ref Unsafe.Add(ref at, isNegative ? 1 : 0);
            ref var first = ref at;
            var mantissa = 0L;
            uint digit;
            for (; (digit = (uint)at - '0') <= 9; at = ref Unsafe.Add(ref at, 1))
            {
                mantissa = (mantissa * 10) + digit;
            }
            var whole = JsonScanner.Distance(ref first, ref at);
            if (whole is 0 or > WholeMax || (first == '0' && whole > 1))
            {
                return ref JsonScanner.Nowhere;
            }
            var decimals = 0;
            if (at == '.')
            {
                at = ref Unsafe.Add(ref at, 1);
                ref var fraction = ref at;
                for (; (digit = (uint)at - '0') <= 9; at = ref Unsafe.Add(ref at, 1))
                {
                    mantissa = (mantissa * 10) + digit;
                }
                decimals = JsonScanner.Distance(ref fraction, ref at);
                if (decimals == 0 || whole + decimals > DigitsMax)
                {
                    return ref JsonScanner.Nowhere;
                }
                if (Unsafe.Subtract(ref at, 1) == '0')
                {
                    decimals = Trim(ref mantissa, decimals);
                }
            }
            if ((at | 0x20) == 'e')
            {
                return ref JsonScanner.Nowhere;
            }
            number = new(isNegative ? -mantissa : mantissa, decimals);
            return ref at;
        }
    }

    private static int Trim(ref long mantissa, int decimals)
    {
        while (decimals > 0 && mantissa % 10 == 0)
        {
            mantissa /= 10;
            decimals--;
        }
        return decimals;
    }
}
