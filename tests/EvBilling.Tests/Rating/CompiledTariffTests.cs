using EvBilling.Rating;
using EvBilling.Tariffs;
using static EvBilling.Tests.Rating.Given;

namespace EvBilling.Tests.Rating;

public sealed class CompiledTariffTests
{
    private const string Elements = "\"elements\":[{\"price_components\":[{\"type\":\"ENERGY\",\"price\":0.25}]}]";

    [Fact]
    public void Element_choice_takes_the_first_element_that_has_the_dimension_and_there_the_first_component()
    {
        var tariff = Tariff(Energy("0.1") + "," + Energy("0.2"), Energy("0.3") + "," + Time("4"), Time("5") + "," + Flat("6"));
        var bill = Bill(tariff, Period(0, kwh: 10, timeS: 3600));
        Assert.Equal(
            [("ENERGY", 0.1m, 0, 0), ("TIME", 4m, 1, 1), ("FLAT", 6m, 2, 1)],
            bill.Lines.Select(line => (line.Dimension, line.UnitPrice, line.Element, line.Component)));
        Assert.Equal(11m, bill.TotalExclVat);
    }

    [Fact]
    public void A_dimension_without_a_component_is_free()
    {
        var bill = Bill(Tariff(Time("1")), Period(0, kwh: 10, timeS: 3600, parkingS: 60));
        Assert.Equal(["TIME"], bill.Lines.Select(line => line.Dimension));
    }

    [Theory]
    [InlineData("\"min_price\":null,\"max_price\":{},")]
    [InlineData("\"min_price\":{\"excl_vat\":null},")]
    public void Price_bounds_that_state_nothing_are_none(string members) =>
        Assert.True(CompiledTariff.TryCompile(Read($$"""{"id":"T","currency":"EUR",{{members}}{{Elements}}}"""), null, out _, out _));

    [Theory]
    [InlineData("0.1234567890123456789012345678", 36, "1.234567890123456789012345678")]
    [InlineData("999999999.1234567890123456789", 36, "9999999991.234567890123456789")]
    public void Prices_with_as_many_digits_as_a_decimal_has_are_rated_exactly(string price, int minutes, string total) =>
        Assert.Equal(total, RatingTotals.Of(Rate(Tariff(Time(price) + "," + Energy("0.01")), Period(0, timeS: minutes * 1000))).ExclVat.ToString());
}
