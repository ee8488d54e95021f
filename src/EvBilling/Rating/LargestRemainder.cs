using System.Numerics;

namespace EvBilling.Rating;

/// <summary>Allots a whole number of minor units to exact shares so that the parts sum to the whole (rule <c>rounding</c>).</summary>
internal static class LargestRemainder<T>
    where T : struct, IBinaryInteger<T>
{
    private const int BySearch = 16;

    /// <summary>
    /// Each share gets its whole minor units; the units left over go one by one to the largest remainders, among equal ones to the first share.
    /// </summary>
    /// <param name="total">What the parts sum to.</param>
    /// <param name="numerators">The exact shares in minor units are these over <paramref name="denominator"/>. At least one.</param>
    /// <param name="denominator">Over 0.</param>
    /// <param name="parts">Takes the parts; as long as <paramref name="numerators"/>.</param>
    public static void Allot(T total, ReadOnlySpan<T> numerators, T denominator, Span<T> parts)
    {
        if (numerators.Length == 1)
        {
            parts[0] = total;
            return;
        }
        var remainders = new T[numerators.Length];
        var left = total;
        for (var i = 0; i < numerators.Length; i++)
        {
            (parts[i], remainders[i]) = FloorDivRem(numerators[i], denominator);
            left -= parts[i];
        }
        // Prices of both signs can round so that less than nothing, or more than one unit each, is left over.
        var count = T.CreateChecked(numerators.Length);
        var (each, units) = left >= T.Zero && left <= count ? (T.Zero, left) : FloorDivRem(left, count);
        for (var i = 0; i < parts.Length && each != T.Zero; i++)
        {
            parts[i] += each;
        }
        if (units == T.Zero)
        {
            return;
        }
        if (numerators.Length <= BySearch)
        {
            GiveBySearch(int.CreateChecked(units), remainders, parts);
        }
        else
        {
            GiveBySorting(int.CreateChecked(units), remainders, parts);
        }
    }

    private static (T Quotient, T Remainder) FloorDivRem(T numerator, T denominator)
    {
        if (numerator == T.Zero)
        {
            return (T.Zero, T.Zero);
        }
        var (quotient, remainder) = T.DivRem(numerator, denominator);
        return T.IsNegative(remainder) ? (quotient - T.One, remainder + denominator) : (quotient, remainder);
    }

    private static void GiveBySearch(int units, Span<T> remainders, Span<T> parts)
    {
        for (; units > 0; units--)
        {
            var largest = 0;
            for (var i = 1; i < remainders.Length; i++)
            {
                if (remainders[i] > remainders[largest])
                {
                    largest = i;
                }
            }
            parts[largest] += T.One;
            remainders[largest] = -T.One;
        }
    }

    private static void GiveBySorting(int units, ReadOnlySpan<T> remainders, Span<T> parts)
    {
        var order = new (T Remainder, int Index)[remainders.Length];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = (remainders[i], i);
        }
        Array.Sort(order, static (left, right) =>
            left.Remainder != right.Remainder ? right.Remainder.CompareTo(left.Remainder) : left.Index.CompareTo(right.Index));
        foreach (var (_, index) in order.AsSpan(0, units))
        {
            parts[index] += T.One;
        }
    }
}
