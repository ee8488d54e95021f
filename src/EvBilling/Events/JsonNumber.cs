namespace EvBilling.Events;

internal enum NumberRounding
{
    Exact,
    TowardsZero,
    AwayFromZero,
}

/// <summary>JSON numbers as scaled integers, exactly and without a detour through binary fractions.</summary>
internal static class JsonNumber
{
    private const int MaxExponent = 1_000_000;

    // A number of so many bytes, scaled by so much, fits in any case.
    private const int ShortLength = 15;
    private const int ShortScale = 3;

    /// <summary>
    /// <paramref name="number"/> x 10^<paramref name="scale"/>, rounded half away from zero. The text is a valid JSON number.
    /// </summary>
    /// <param name="rounding">Whether something was rounded away, and to which side of 0.</param>
    /// <returns>False if the result does not fit.</returns>
    public static bool TryScale(ReadOnlySpan<byte> number, int scale, out long value, out NumberRounding rounding)
    {
        rounding = NumberRounding.Exact;
        if (number.Length <= ShortLength && scale <= ShortScale && TryScaleShort(number, scale, out value))
        {
            return true;
        }
        value = 0;
        var negative = number[0] == '-';
        var digits = number[(negative ? 1 : 0)..];
        var exponentAt = digits.IndexOfAny((byte)'e', (byte)'E');
        var exponent = 0;
        if (exponentAt >= 0)
        {
            exponent = Exponent(digits[(exponentAt + 1)..]);
            digits = digits[..exponentAt];
        }
        var point = digits.IndexOf((byte)'.');
        // How many of the digits stand before the scaled number's point.
        var whole = (point < 0 ? digits.Length : point) + exponent + scale;
        ulong magnitude = 0;
        var index = 0;
        foreach (var digit in digits)
        {
            if (digit == '.')
            {
                continue;
            }
            var d = (ulong)(digit - '0');
            if (index < whole)
            {
                if (!Push(ref magnitude, d))
                {
                    return false;
                }
            }
            else
            {
                if (index == whole && d >= 5)
                {
                    magnitude++;
                    rounding = NumberRounding.AwayFromZero;
                }
                else if (d != 0 && rounding == NumberRounding.Exact)
                {
                    rounding = NumberRounding.TowardsZero;
                }
            }
            index++;
        }
        for (; index < whole && magnitude != 0; index++)
        {
            if (!Push(ref magnitude, 0))
            {
                return false;
            }
        }
        if (magnitude > long.MaxValue)
        {
            return false;
        }
        value = negative ? -(long)magnitude : (long)magnitude;
        return true;
    }

    /// <summary>As <see cref="TryScale"/>, for a range that holds before rounding.</summary>
    /// <returns>False if the exact number is not within the range, whose ends are given scaled.</returns>
    public static bool TryScaleWithin(ReadOnlySpan<byte> number, int scale, long least, long most, out long value)
    {
        var fits = TryScale(number, scale, out value, out var rounding);
        // What was rounded towards zero lay a little further out.
        var beyond = rounding == NumberRounding.TowardsZero && (value == most || value == least) && (value != 0 || number[0] == '-');
        return fits && value >= least && value <= most && !beyond;
    }

    /// <summary>The quick way for numbers without exponent that are exact.</summary>
    private static bool TryScaleShort(ReadOnlySpan<byte> number, int scale, out long value)
    {
        value = 0;
        var negative = number[0] == '-';
        var at = negative ? 1 : 0;
        ulong magnitude = 0;
        unchecked
        {
            for (; at < number.Length && number[at] != '.'; at++)
            {
                var digit = (uint)number[at] - '0';
                if (digit > 9)
                {
                    return false;
                }
                magnitude = (magnitude * 10) + digit;
            }
            var decimals = at < number.Length ? number.Length - at - 1 : 0;
            if (decimals > scale)
            {
                return false;
            }
            for (at++; at < number.Length; at++)
            {
                var digit = (uint)number[at] - '0';
                if (digit > 9)
                {
                    return false;
                }
                magnitude = (magnitude * 10) + digit;
            }
            magnitude *= (scale - decimals) switch { 0 => 1UL, 1 => 10UL, 2 => 100UL, _ => 1000UL };
        }
        value = negative ? -(long)magnitude : (long)magnitude;
        return true;
    }

    private static bool Push(ref ulong magnitude, ulong digit)
    {
        if (magnitude > 999_999_999_999_999_999)
        {
            return false;
        }
        magnitude = (magnitude * 10) + digit;
        return true;
    }

    private static int Exponent(ReadOnlySpan<byte> text)
    {
        var negative = text[0] == '-';
        var value = 0;
        foreach (var digit in text)
        {
            if (digit is >= (byte)'0' and <= (byte)'9')
            {
                value = Math.Min((value * 10) + digit - '0', MaxExponent);
            }
        }
        return negative ? -value : value;
    }
}
