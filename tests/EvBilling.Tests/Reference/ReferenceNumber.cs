using System.Numerics;

namespace EvBilling.Tests.Reference;

/// <summary>
/// A JSON number as it was written, exact whatever its length: sign, digits without zeros at either end, and a power of ten.
/// Zero has no digits, and no sign: -0 is 0.
/// </summary>
internal sealed class ReferenceNumber
{
    private readonly string _digits;
    private readonly BigInteger _exponent;

    /// <param name="shift">The number is taken times ten to the power of this.</param>
    public ReferenceNumber(string json, int shift = 0)
    {
        string unsigned = json.TrimStart('-');
        string[] parts = unsigned.Split('e', 'E');
        string[] mantissa = parts[0].Split('.');
        string fraction = mantissa.Length > 1 ? mantissa[1] : "";
        BigInteger exponent = parts.Length > 1 ? Integer(parts[1]) : BigInteger.Zero;
        string all = (mantissa[0] + fraction).TrimStart('0');
        _digits = all.TrimEnd('0');
        _exponent = exponent + shift - fraction.Length + (all.Length - _digits.Length);
        IsNegative = json[0] == '-' && _digits.Length > 0;
    }

    public bool IsNegative { get; }

    public bool IsInteger => _digits.Length == 0 || _exponent >= 0;

    /// <summary>The absolute value is below 10 to the power of this, and at least a tenth of that (zero aside).</summary>
    private BigInteger Magnitude => _digits.Length + _exponent;

    /// <summary>The exact absolute value against a limit; rounding comes later, so it can't bring a number back into range.</summary>
    public bool AbsoluteExceeds(long limit)
    {
        if (_digits.Length == 0 || Magnitude <= 0) return false;
        if (Magnitude > 20) return true;
        BigInteger digits = Integer(_digits);
        return _exponent >= 0
            ? digits * BigInteger.Pow(10, (int)_exponent) > limit
            : digits > limit * BigInteger.Pow(10, (int)-_exponent);
    }

    /// <summary>The whole number this is; only where <see cref="IsInteger"/> and in range.</summary>
    public long ToInteger() => _digits.Length == 0 ? 0 : (long)(Sign * Integer(_digits) * BigInteger.Pow(10, (int)_exponent));

    /// <summary>Thousandths, rounded half away from zero; only where in range.</summary>
    public long ToThousandths()
    {
        // Below 10^-4 nothing is left, and the power of ten need not be worked out.
        if (_digits.Length == 0 || Magnitude < -3) return 0;
        BigInteger digits = Integer(_digits);
        BigInteger exponent = _exponent + 3;
        if (exponent >= 0) return (long)(Sign * digits * BigInteger.Pow(10, (int)exponent));
        BigInteger divisor = BigInteger.Pow(10, (int)-exponent);
        BigInteger quotient = BigInteger.DivRem(digits, divisor, out BigInteger rest);
        return (long)(Sign * (rest * 2 >= divisor ? quotient + 1 : quotient));
    }

    private BigInteger Sign => IsNegative ? BigInteger.MinusOne : BigInteger.One;

    private static BigInteger Integer(string text) => BigInteger.Parse(text, System.Globalization.NumberStyles.AllowLeadingSign, null);
}
