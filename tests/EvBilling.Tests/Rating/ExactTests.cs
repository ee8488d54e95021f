using System.Text;

namespace EvBilling.Tests.Rating;

public sealed class ExactTests
{
    [Theory]
    [InlineData("0", "0")]
    [InlineData("-0", "0")]
    [InlineData("0.1000", "0.1")]
    [InlineData("1e-2", "0.01")]
    [InlineData("25E+1", "250")]
    [InlineData("1.50e1", "15")]
    [InlineData("-12.345", "-12.345")]
    [InlineData("100", "100")]
    [InlineData("0.30000000000000004", "0.30000000000000004")]
    [InlineData("0.0000000000000000000000000001", "0.0000000000000000000000000001")]
    [InlineData("9999999999999999999999999999", "9999999999999999999999999999")]
    [InlineData("0.10000000000000000000000000000000000000000", "0.1")]
    [InlineData("0e999999999999", "0")]
    public void A_json_number_is_read_digit_by_digit_and_without_trailing_zeros(string text, string expected)
    {
        Assert.Equal(NumberReading.Read, Exact.TryParse(Encoding.UTF8.GetBytes(text), out var value));
        Assert.Equal(expected, value.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("+1")]
    [InlineData(".5")]
    [InlineData("1.")]
    [InlineData("01")]
    [InlineData("1e")]
    [InlineData("1e+")]
    [InlineData("0,35")]
    [InlineData("1 2")]
    [InlineData("NaN")]
    [InlineData("0x10")]
    public void What_json_does_not_call_a_number_is_none(string text) =>
        Assert.Equal(NumberReading.NotANumber, Exact.TryParse(Encoding.UTF8.GetBytes(text), out _));

    [Theory]
    [InlineData("0.00000000000000000000000000001")]
    [InlineData("12345678901234567890123456789")]
    [InlineData("1.0000000000000000000000000001")]
    [InlineData("1e28")]
    [InlineData("1e999999999999")]
    [InlineData("1e-999999999999")]
    public void More_than_28_digits_are_never_rounded_away(string text) =>
        Assert.Equal(NumberReading.TooManyDigits, Exact.TryParse(Encoding.UTF8.GetBytes(text), out _));

    [Fact]
    public void A_number_of_four_hundred_digits_is_too_long_and_not_slow() =>
        Assert.Equal(NumberReading.TooManyDigits, Exact.TryParse(Encoding.UTF8.GetBytes(new string('7', 400)), out _));

    [Theory]
    [InlineData(1_800_000_000_000, "0.5")]
    [InlineData(3_600_000_000_000, "1")]
    [InlineData(9, "0.0000000000025")]
    [InlineData(600_000_000_000, "0.166666666667")]
    [InlineData(-600_000_000_000, "-0.166666666667")]
    [InlineData(1_000_000_000, "0.000277777778")]
    [InlineData(9_223_372_036_854_775_806, "2562047.788015215502")]
    public void Hours_are_exact_where_their_decimals_end_and_else_have_twelve(long nanoseconds, string expected) =>
        Assert.Equal(expected, Exact.Hours(nanoseconds).ToString());

    [Theory]
    [InlineData(1, 8, "0.125")]
    [InlineData(1, 3, "0.333333333333")]
    [InlineData(2, 3, "0.666666666667")]
    [InlineData(-2, 3, "-0.666666666667")]
    [InlineData(0, 7, "0")]
    [InlineData(100, 4, "25")]
    public void A_ratio_is_exact_where_its_decimals_end_and_else_has_twelve(long numerator, long denominator, string expected)
    {
        var ratio = new ExactRatio(numerator, denominator);
        Assert.Equal(expected, ratio.ToString());
        Assert.Equal(expected, ratio.ToDecimal().ToString());
    }

    [Fact]
    public void A_ratio_has_as_many_digits_as_it_takes()
    {
        var ratio = ExactRatio.Of(1_234_567_890.0987654321m) * ExactRatio.Of(1_234_567_890.0987654321m) * ExactRatio.Of(0.5m);
        Assert.Equal("762078937631458681.117512574288949855205", ratio.ToString());
        Assert.Equal(762078937631458681.1175m, decimal.Round(ratio.ToDecimal(), 4));
        Assert.Throws<OverflowException>(() => (ratio * ratio).ToDecimal());
    }

    [Theory]
    [InlineData(5, 1000, "0.01", "0.00")]
    [InlineData(15, 1000, "0.02", "0.02")]
    [InlineData(-25, 1000, "-0.03", "-0.02")]
    [InlineData(24, 1000, "0.02", "0.02")]
    [InlineData(1, 3, "0.33", "0.33")]
    public void A_ratio_rounds_halves_away_from_zero_or_to_even(long numerator, long denominator, string away, string even)
    {
        var ratio = new ExactRatio(numerator, denominator);
        Assert.Equal(decimal.Parse(away) * 100, (decimal)ratio.Rounded(2));
        Assert.Equal(decimal.Parse(even) * 100, (decimal)ratio.Rounded(2, halfEven: true));
    }

    [Fact]
    public void Ratios_compare_by_what_they_are()
    {
        Assert.True(new ExactRatio(1, 3) == new ExactRatio(2, 6));
        Assert.Equal(new ExactRatio(1, 3).GetHashCode(), new ExactRatio(2, 6).GetHashCode());
        Assert.True(new ExactRatio(-1, 3) < default(ExactRatio));
        Assert.True(default(ExactRatio).IsZero);
        Assert.Throws<DivideByZeroException>(() => new ExactRatio(1, 3) / ExactRatio.Zero);
        Assert.Throws<ArgumentOutOfRangeException>(() => new ExactRatio(1, 0));
    }

    [Theory]
    [InlineData(5, 10, 1)]
    [InlineData(-5, 10, -1)]
    [InlineData(4, 10, 0)]
    [InlineData(-4, 10, 0)]
    [InlineData(15, 10, 2)]
    [InlineData(1, 3, 0)]
    [InlineData(2, 3, 1)]
    public void Halves_are_rounded_away_from_zero(long numerator, long denominator, long expected) =>
        Assert.Equal(expected, Exact.RoundedQuotient(numerator, denominator));

    [Theory]
    [InlineData(long.MaxValue, 6, "9223372036854.775807")]
    [InlineData(long.MinValue, 6, "-9223372036854.775808")]
    [InlineData(2_147_483_648, 0, "2147483648")]
    [InlineData(4_294_967_295, 2, "42949672.95")]
    public void Every_long_becomes_a_decimal(long value, byte scale, string expected) => Assert.Equal(expected, Exact.Decimal(value, scale).ToString());

    [Theory]
    [InlineData("0.00", "0")]
    [InlineData("-0.00", "0")]
    [InlineData("1200", "1200")]
    [InlineData("-1.2300", "-1.23")]
    [InlineData("18446744073709551615.0", "18446744073709551615")]
    [InlineData("1844674407370955161.50", "1844674407370955161.5")]
    [InlineData("79228162514264337593543950335", "79228162514264337593543950335")]
    [InlineData("7922816251426433759354395.0330", "7922816251426433759354395.033")]
    [InlineData("0.0000000000000000000000000010", "0.000000000000000000000000001")]
    public void Trimmed_a_number_has_no_zeros_behind_its_decimals_and_the_bits_of_a_quotient(string number, string expected)
    {
        var value = decimal.Parse(number);
        Assert.Equal(expected, Exact.Trim(value).ToString());
        Assert.Equal(decimal.GetBits(value / 1.0000000000000000000000000000m), decimal.GetBits(Exact.Trim(value)));
    }
}
