using System.Globalization;
using System.Numerics;

namespace EvBilling;

/// <summary>An exact fraction of any size. <c>default</c> is 0.</summary>
public readonly struct ExactRatio : IEquatable<ExactRatio>
{
    private const int EndlessDecimals = 12;

    private readonly BigInteger _denominatorLessOne;

    /// <param name="numerator">Any number.</param>
    /// <param name="denominator">Over 0.</param>
    public ExactRatio(BigInteger numerator, BigInteger denominator)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(denominator);
        Numerator = numerator;
        _denominatorLessOne = denominator - 1;
    }

    public static ExactRatio Zero => default;

    public BigInteger Numerator { get; }

    public BigInteger Denominator => _denominatorLessOne + 1;

    public bool IsZero => Numerator.IsZero;

    public static ExactRatio Of(decimal value) => new(Unscaled(value), BigInteger.Pow(10, value.Scale));

    public static ExactRatio operator +(ExactRatio left, ExactRatio right) =>
        new((left.Numerator * right.Denominator) + (right.Numerator * left.Denominator), left.Denominator * right.Denominator);

    public static ExactRatio operator -(ExactRatio left, ExactRatio right) =>
        new((left.Numerator * right.Denominator) - (right.Numerator * left.Denominator), left.Denominator * right.Denominator);

    public static ExactRatio operator -(ExactRatio value) => new(-value.Numerator, value.Denominator);

    public static ExactRatio operator *(ExactRatio left, ExactRatio right) => new(left.Numerator * right.Numerator, left.Denominator * right.Denominator);

    /// <exception cref="DivideByZeroException"><paramref name="right"/> is 0.</exception>
    public static ExactRatio operator /(ExactRatio left, ExactRatio right) =>
        right.IsZero ? throw new DivideByZeroException()
            : new(left.Numerator * right.Denominator * right.Numerator.Sign, left.Denominator * BigInteger.Abs(right.Numerator));

    public static bool operator <(ExactRatio left, ExactRatio right) => left.CompareTo(right) < 0;

    public static bool operator >(ExactRatio left, ExactRatio right) => left.CompareTo(right) > 0;

    public static bool operator ==(ExactRatio left, ExactRatio right) => left.Equals(right);

    public static bool operator !=(ExactRatio left, ExactRatio right) => !left.Equals(right);

    public int CompareTo(ExactRatio other) => (Numerator * other.Denominator).CompareTo(other.Numerator * Denominator);

    public bool Equals(ExactRatio other) => CompareTo(other) == 0;

    public override bool Equals(object? obj) => obj is ExactRatio other && Equals(other);

    public override int GetHashCode()
    {
        var common = BigInteger.GreatestCommonDivisor(Numerator, Denominator);
        return HashCode.Combine(Numerator / common, Denominator / common);
    }

    /// <summary>In units of 10^-<paramref name="decimals"/>, to the nearest, halves away from zero, or to the even neighbour.</summary>
    public BigInteger Rounded(int decimals, bool halfEven = false)
    {
        var scaled = BigInteger.Abs(Numerator) * BigInteger.Pow(10, decimals);
        var whole = BigInteger.DivRem(scaled, Denominator, out var rest);
        var side = (rest * 2).CompareTo(Denominator);
        if (side > 0 || (side == 0 && (!halfEven || !whole.IsEven)))
        {
            whole += 1;
        }
        return Numerator.Sign < 0 ? -whole : whole;
    }

    /// <summary>The number: exact where its decimals end, else 12 of them, halves away from zero; no trailing zeros.</summary>
    public override string ToString()
    {
        var common = BigInteger.GreatestCommonDivisor(Numerator, Denominator);
        var denominator = Denominator / common;
        var decimals = DecimalsOf(denominator);
        return decimals < 0 ? Text(Rounded(EndlessDecimals), EndlessDecimals) : Text(Rounded(decimals), decimals);
    }

    /// <summary><paramref name="value"/> in units of 10^-<paramref name="decimals"/> as a decimal without trailing zeros.</summary>
    private static string Text(BigInteger value, int decimals)
    {
        var digits = BigInteger.Abs(value).ToString(CultureInfo.InvariantCulture).PadLeft(decimals + 1, '0');
        var fraction = digits[^decimals..].TrimEnd('0');
        var sign = value.Sign < 0 ? "-" : "";
        var whole = digits[..^decimals];
        return fraction.Length == 0 ? sign + whole : $"{sign}{whole}.{fraction}";
    }

    /// <summary>The number as a decimal: exact where its decimals end within 28 digits, else rounded to 12 decimals, or as many as fit.</summary>
    /// <exception cref="OverflowException">It does not fit.</exception>
    public decimal ToDecimal()
    {
        var text = ToString();
        return decimal.TryParse(text, NumberStyles.Number, CultureInfo.InvariantCulture, out var value) && value.ToString(CultureInfo.InvariantCulture) == text
            ? value
            : decimal.Parse(Text(Rounded(EndlessDecimals), EndlessDecimals), NumberStyles.Number, CultureInfo.InvariantCulture);
    }

    /// <summary>The digits of a decimal without its point.</summary>
    internal static BigInteger Unscaled(decimal value)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        var magnitude = (new BigInteger(unchecked((uint)bits[2])) << 64) + (new BigInteger(unchecked((uint)bits[1])) << 32) + unchecked((uint)bits[0]);
        return bits[3] < 0 ? -magnitude : magnitude;
    }

    // How many decimals end it: as many as the greater power of 2 or 5; -1 where there is another factor.
    private static int DecimalsOf(BigInteger denominator)
    {
        var (twos, fives) = (0, 0);
        for (; denominator.IsEven; twos++)
        {
            denominator >>= 1;
        }
        for (; BigInteger.Remainder(denominator, 5).IsZero; fives++)
        {
            denominator /= 5;
        }
        return denominator.IsOne ? Math.Max(twos, fives) : -1;
    }
}
