namespace EvBilling.Rating;

/// <summary>Allots a whole number of minor units to exact shares so that the parts sum to the whole (rule <c>rounding</c>).</summary>
internal static class LargestRemainder
{
    private const int OnStack = 16;

    /// <summary>
    /// Each share gets its whole minor units; the units left over go one by one to the largest remainders, among equal ones to the first share.
    /// </summary>
    /// <param name="total">What the parts sum to.</param>
    /// <param name="numerators">The exact shares in minor units are these over <paramref name="denominator"/>. At least one.</param>
    /// <param name="denominator">Over 0.</param>
    /// <param name="parts">Takes the parts; as long as <paramref name="numerators"/>.</param>
    public static void Allot(Int128 total, ReadOnlySpan<Int128> numerators, Int128 denominator, Span<Int128> parts)
    {
        if (numerators.Length == 1)
        {
            parts[0] = total;
            return;
        }
        var remainders = numerators.Length <= OnStack ? stackalloc Int128[OnStack] : new Int128[numerators.Length];
        remainders = remainders[..numerators.Length];
        var left = total;
        for (var i = 0; i < numerators.Length; i++)
        {
            (parts[i], remainders[i]) = FloorDivRem(numerators[i], denominator);
            left -= parts[i];
        }
        // Prices of both signs can round so that less than nothing, or more than one unit each, is left over.
        var (each, units) = left >= 0 && left <= numerators.Length ? (0, left) : FloorDivRem(left, numerators.Length);
        for (var i = 0; i < parts.Length && each != 0; i++)
        {
            parts[i] += each;
        }
        if (units == 0)
        {
            return;
        }
        if (numerators.Length <= OnStack)
        {
            GiveBySearch((int)units, remainders, parts);
        }
        else
        {
            GiveBySorting((int)units, remainders, parts);
        }
    }

    private static (Int128 Quotient, Int128 Remainder) FloorDivRem(Int128 numerator, Int128 denominator)
    {
        if (numerator == 0)
        {
            return (0, 0);
        }
        var (quotient, remainder) = Int128.DivRem(numerator, denominator);
        return remainder < 0 ? (quotient - 1, remainder + denominator) : (quotient, remainder);
    }

    private static void GiveBySearch(int units, Span<Int128> remainders, Span<Int128> parts)
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
            parts[largest] += 1;
            remainders[largest] = -1;
        }
    }

    private static void GiveBySorting(int units, ReadOnlySpan<Int128> remainders, Span<Int128> parts)
    {
        var order = new (Int128 Remainder, int Index)[remainders.Length];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = (remainders[i], i);
        }
        Array.Sort(order, static (left, right) =>
            left.Remainder != right.Remainder ? right.Remainder.CompareTo(left.Remainder) : left.Index.CompareTo(right.Index));
        foreach (var (_, index) in order.AsSpan(0, units))
        {
            parts[index] += 1;
        }
    }
}
