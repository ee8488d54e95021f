namespace EvBilling.Tests.Rating;

public sealed class MoneyTests
{
    [Theory]
    [InlineData("EUR", 2)]
    [InlineData("USD", 2)]
    [InlineData("JPY", 0)]
    [InlineData("KRW", 0)]
    [InlineData("CLP", 0)]
    [InlineData("ISK", 0)]
    [InlineData("VND", 0)]
    [InlineData("HUF", 2)]
    [InlineData("KWD", 3)]
    [InlineData("BHD", 3)]
    [InlineData("JOD", 3)]
    [InlineData("OMR", 3)]
    [InlineData("TND", 3)]
    [InlineData("UYW", 4)]
    [InlineData("ZWL", 2)]
    public void A_currency_has_the_minor_units_of_iso_4217(string code, byte minorUnits)
    {
        Assert.Equal(minorUnits, Currency.Parse(code).MinorUnits);
        Assert.Equal(code, Currency.Parse(code).Code);
        Assert.Equal(Currency.Parse(code), Currency.Parse(code.ToLowerInvariant()));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("EU")]
    [InlineData("EURO")]
    [InlineData("XXX")]
    [InlineData("XTS")]
    [InlineData("ABC")]
    [InlineData("€")]
    public void What_iso_4217_does_not_list_is_no_currency(string? code)
    {
        Assert.False(Currency.TryParse(code, out var currency));
        Assert.Equal(Currency.None, currency);
    }

    [Fact]
    public void Amounts_of_two_currencies_are_never_added()
    {
        var exception = Assert.Throws<InvalidOperationException>(() => Euros(1) + new Money(1, Currency.Parse("SEK")));
        Assert.Contains("EUR and SEK", exception.Message);
        Assert.Throws<InvalidOperationException>(() => Euros(1) - default(Money));
    }

    [Fact]
    public void Amounts_of_one_currency_add_exactly()
    {
        Assert.Equal(Euros(0.3m), Euros(0.1m) + Euros(0.2m));
        Assert.Equal(Euros(-0.1m), Euros(0.1m) - Euros(0.2m));
        Assert.Equal(Euros(-1), -Euros(1));
    }

    [Fact]
    public void An_amount_shows_at_least_its_currencys_digits()
    {
        Assert.Equal("12.50 EUR", Euros(12.5m).ToString());
        Assert.Equal("0.12345 EUR", Euros(0.12345m).ToString());
        Assert.Equal("7 JPY", new Money(7, Currency.Parse("JPY")).ToString());
    }

    private static Money Euros(decimal amount) => new(amount, Currency.Parse("EUR"));
}
