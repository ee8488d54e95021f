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
    [InlineData("\"min_price\":{\"excl_vat\":1},", "/min_price",
        "min_price is not supported by this version; please leave it out or bill the tariff elsewhere.")]
    [InlineData("\"max_price\":{\"before_taxes\":1},", "/max_price",
        "max_price is not supported by this version; please leave it out or bill the tariff elsewhere.")]
    [InlineData("\"tax_included\":\"YES\",", "/tax_included",
        "Prices with taxes included (YES) are not supported by this version; please state them without (NO).")]
    public void What_is_not_supported_yet_is_refused_never_mispriced(string members, string path, string message)
    {
        Assert.False(CompiledTariff.TryCompile(Read($$"""{"id":"T","currency":"EUR",{{members}}{{Elements}}}"""), null, out _, out var refusal));
        Assert.Equal(new TariffRefusal(path, message), refusal);
    }

    [Theory]
    [InlineData("\"min_duration\":0", "min_duration 0")]
    [InlineData("\"day_of_week\":[\"MONDAY\"]", "day_of_week [\"MONDAY\"]")]
    [InlineData("\"reservation\":\"RESERVATION\"", "reservation \"RESERVATION\"")]
    [InlineData("\"min_durration\":5", "min_durration 5")]
    [InlineData("\"start_time\":null,\"end_time\":\"\"", "end_time \"\"")]
    public void Any_real_restriction_is_refused_by_name(string restriction, string shown)
    {
        var json = "{\"id\":\"T\",\"currency\":\"EUR\"," +
            "\"elements\":[{\"price_components\":[]},{\"price_components\":[],\"restrictions\":{" + restriction + "}}]}";
        Assert.False(CompiledTariff.TryCompile(Read(json), null, out _, out var refusal));
        Assert.Equal("/elements/1/restrictions/" + shown.Split(' ')[0], refusal.Path);
        Assert.StartsWith(shown + " is a restriction", refusal.Message);
    }

    [Theory]
    [InlineData("\"min_price\":null,\"max_price\":{},")]
    [InlineData("\"min_price\":{\"excl_vat\":null},")]
    public void Price_bounds_that_state_nothing_are_none(string members) =>
        Assert.True(CompiledTariff.TryCompile(Read($$"""{"id":"T","currency":"EUR",{{members}}{{Elements}}}"""), null, out _, out _));

    [Fact]
    public void Prices_with_too_many_digits_to_add_exactly_are_refused()
    {
        var json = $$"""{"id":"T","currency":"EUR","elements":[{"price_components":[{{Time("0.1234567890123456789012345678")}}]}]}""";
        Assert.False(CompiledTariff.TryCompile(Read(json), null, out _, out var refusal));
        Assert.Equal("/elements", refusal.Path);
        Assert.Equal(1.234567890123456789m, BillAmounts.Unrounded(Rate(Tariff(Energy("0.1234567890123456789") + "," + Time("1")), Period(0, kwh: 10))).ExclVat);
        Assert.Equal(9.8347107438016528925619834m, BillAmounts.Unrounded(Rate(Tariff(Energy("0.49173553719008264462809917")), Period(0, kwh: 20))).ExclVat);
    }
}
