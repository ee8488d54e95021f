using EvBilling.Rating;
using EvBilling.Tariffs;
using static EvBilling.Tests.Rating.Given;

namespace EvBilling.Tests.Rating;

/// <summary>Rows rounding and missing_vat of ocpi-semantics.md.</summary>
public sealed class RoundingTests
{
    [Theory]
    [InlineData("EUR", "0.005", "0.01")]
    [InlineData("EUR", "0.0049", "0")]
    [InlineData("EUR", "-0.005", "-0.01")]
    [InlineData("EUR", "-0.0049", "0")]
    [InlineData("EUR", "12.345", "12.35")]
    [InlineData("JPY", "12.5", "13")]
    [InlineData("JPY", "-12.5", "-13")]
    [InlineData("KWD", "1.2345", "1.235")]
    [InlineData("EUR", "1.10", "1.1")]
    public void A_total_is_rounded_once_to_the_currencys_minor_unit_half_away_from_zero(string currency, string price, string total)
    {
        var bill = Bill(TariffIn(currency, "", Flat(price)), Period(0));
        Assert.Equal((total, total), (bill.TotalExclVat.ToString(), bill.TotalInclVat?.ToString()));
        Assert.Equal(Currency.Parse(currency), bill.Currency);
    }

    [Fact]
    public void Lines_sum_to_the_total_by_largest_remainder_and_ties_go_to_the_first_line()
    {
        Assert.Equal([0.01m, 0m], Amounts(Energy("0.005"), Flat("0.005")));
        Assert.Equal([0m, 0.01m], Amounts(Energy("0.004"), Flat("0.006")));
        Assert.Equal([0.01m, 0.01m, 0m], Amounts(Energy("0.005"), Time("0.005"), Flat("0.005")));
        Assert.Equal([1m, -0.34m], Amounts(Energy("1.001"), Flat("-0.337")));
    }

    [Fact]
    public void The_total_with_vat_is_rounded_from_the_exact_sum_not_from_rounded_parts()
    {
        // 0.104 + 21 % = 0.12584; from 0.10 it would be 0.12.
        var bill = Bill(Tariff(Energy("0.104", vat: "21")), Period(0, kwh: 1));
        Assert.Equal((0.10m, 0.13m), (bill.TotalExclVat, bill.TotalInclVat));
        Assert.Equal([new VatRow(21, 0.10m, 0.03m)], bill.VatBreakdown);
    }

    [Fact]
    public void Vat_is_the_difference_of_the_totals_allotted_to_rates_and_lines()
    {
        var bill = Bill(Tariff(Energy("0.35", vat: "21"), Time("0.333", vat: "9"), Flat("0.555", vat: "21")), Period(0, kwh: 1, timeS: 3600));
        // Exact: 1.238 without VAT; 21 % of 0.905 = 0.19005, 9 % of 0.333 = 0.02997; 1.45802 with VAT.
        Assert.Equal((1.24m, 1.46m), (bill.TotalExclVat, bill.TotalInclVat));
        Assert.Equal([new VatRow(9, 0.33m, 0.03m), new VatRow(21, 0.91m, 0.19m)], bill.VatBreakdown);
        Assert.Equal([(0.35m, 0.07m), (0.33m, 0.03m), (0.56m, 0.12m)], bill.Lines.Select(line => (line.AmountExclVat, line.AmountVat!.Value)));
        Assert.Equal((1.238m, 1.45802m), BillAmounts.Unrounded(Rate(
            Tariff(Energy("0.35", vat: "21"), Time("0.333", vat: "9"), Flat("0.555", vat: "21")), Period(0, kwh: 1, timeS: 3600))));
    }

    [Fact]
    public void Many_lines_are_allotted_as_few_are()
    {
        var periods = Enumerable.Range(0, 80).Select(i => i % 2 == 0 ? Period(i, timeS: 1) : Period(i)).ToArray();
        // 40 lines of 0.0025: a total of 0.10, in ones to the first ten.
        var bill = Bill(Tariff(Time("9")), periods);
        Assert.Equal(0.1m, bill.TotalExclVat);
        Assert.Equal(Enumerable.Repeat(0.01m, 10).Concat(Enumerable.Repeat(0m, 30)), bill.Lines.Select(line => line.AmountExclVat));
    }

    [Fact]
    public void Vat_that_is_not_stated_is_0_percent_with_a_flag()
    {
        var bill = Bill(Tariff(Energy("1", vat: ""), Flat("1", vat: "10")), Period(0, kwh: 1));
        Assert.Equal((2m, 2.1m, RatingFlags.VatNotStated), (bill.TotalExclVat, bill.TotalInclVat, bill.Flags));
        Assert.Equal([new VatRow(0, 1, 0), new VatRow(10, 1, 0.1m)], bill.VatBreakdown);
        Assert.Equal((0m, 0m), (bill.Lines[0].VatRate, bill.Lines[0].AmountVat));
        var net = Bill(TariffIn("EUR", "\"tax_included\":\"NO\",", Energy("1", vat: "")), Period(0, kwh: 1));
        Assert.Equal((1m, RatingFlags.VatNotStated), (net.TotalInclVat, net.Flags));
    }

    [Fact]
    public void Vat_that_is_not_stated_where_nothing_was_priced_raises_no_flag() =>
        Assert.Equal(RatingFlags.None, Bill(Tariff(Energy("1", vat: ""), Flat("1", vat: "10")), Period(0)).Flags);

    [Fact]
    public void Vat_of_0_percent_that_is_stated_raises_no_flag()
    {
        var bill = Bill(Tariff(Energy("1")), Period(0, kwh: 1));
        Assert.Equal(RatingFlags.None, bill.Flags);
        Assert.Equal([new VatRow(0, 1, 0)], bill.VatBreakdown);
    }

    [Fact]
    public void A_tariff_of_ocpi_211_without_vat_has_no_known_total_with_vat()
    {
        var tariff = Read($$"""{"id":"T","currency":"EUR","elements":[{"price_components":[{{Energy("1", vat: "")}}]}]}""", OcpiVersion.V211);
        Assert.True(CompiledTariff.TryCompile(tariff, null, out var compiled, out _));
        var bill = Bill(compiled, Period(0, kwh: 1));
        Assert.Equal((1m, null, RatingFlags.None), (bill.TotalExclVat, bill.TotalInclVat, bill.Flags));
        Assert.Empty(bill.VatBreakdown);
        Assert.Equal((null, null), (bill.Lines[0].VatRate, bill.Lines[0].AmountVat));
        Assert.Null(BillAmounts.Unrounded(Rate(compiled, Period(0, kwh: 1))).InclVat);
    }

    [Fact]
    public void Tax_included_na_means_no_tax_whatever_vat_is_stated()
    {
        var bill = Bill(TariffIn("EUR", "\"tax_included\":\"N/A\",", Energy("1", vat: "21"), Flat("1", vat: "")), Period(0, kwh: 1));
        Assert.Equal((2m, 2m, RatingFlags.None), (bill.TotalExclVat, bill.TotalInclVat, bill.Flags));
        Assert.Equal([new VatRow(null, 2, 0)], bill.VatBreakdown);
        Assert.Equal((null, 0m), (bill.Lines[0].VatRate, bill.Lines[0].AmountVat));
    }

    [Fact]
    public void The_version_a_caller_states_decides_what_missing_vat_means()
    {
        var tariff = Read($$"""{"id":"T","currency":"EUR","elements":[{"price_components":[{{Energy("1", vat: "")}}]}]}""");
        Assert.True(CompiledTariff.TryCompile(tariff, OcpiVersion.V211, out var compiled, out _));
        Assert.Null(Bill(compiled, Period(0, kwh: 1)).TotalInclVat);
    }

    private static IEnumerable<decimal> Amounts(params string[] components)
    {
        var bill = Bill(Tariff(string.Join(',', components)), Period(0, kwh: 1, timeS: 3600));
        Assert.Equal(bill.TotalExclVat, bill.Lines.Sum(line => line.AmountExclVat));
        return bill.Lines.Select(line => line.AmountExclVat);
    }
}
