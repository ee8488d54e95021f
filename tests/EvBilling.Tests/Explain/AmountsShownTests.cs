using EvBilling.Billing.Explain;
using EvBilling.Cli.Explain;
using EvBilling.Rating;
using EvBilling.Simulator;
using EvBilling.Tariffs;
using EvBilling.Tests.Simulator;
using static EvBilling.Tests.Explain.Explained;

namespace EvBilling.Tests.Explain;

/// <summary>What is shown is the bill's, and follows from what is shown with it.</summary>
public sealed class AmountsShownTests
{
    private static readonly string AllDimensions = Tariff(
        "T",
        string.Join(',', Component("FLAT", "1", vat: "9"), Component("ENERGY", "0.3333"), Component("TIME", "1.25", 7), Component("PARKING_TIME", "1.1", 7)));

    [Fact]
    public void The_explained_amounts_of_a_fleet_in_the_field_are_those_of_its_bills()
    {
        var simulation = new FleetSimulation(SeenFleet.FieldWeek.Options);
        var tariffs = TariffDocument.Read(simulation.TariffsJson()).ToDictionary(entry => entry.Index + 1L, entry => Compiled(entry.Tariff!));
        var (_, bills) = Billing.Billed.FieldWeek;
        foreach (var bill in bills.Where(bill => bill.TotalExclVat is not null))
        {
            var explained = PricingExplainer.Explain(bill, tariffs[bill.TariffSequence!.Value], null);

            Assert.NotNull(explained);
            Assert.Equal(bill.Lines, explained.Lines.Select(line => line.Line));
            Assert.Equal(bill.TotalExclVat, decimal.Round(explained.UnroundedExclVat, 2, MidpointRounding.AwayFromZero));
            Assert.Equal(bill.TotalInclVat, decimal.Round(explained.UnroundedInclVat!.Value, 2, MidpointRounding.AwayFromZero));
            // Endless decimals are rounded to twelve.
            Assert.InRange(explained.Lines.Sum(line => line.ExactExclVat) - explained.UnroundedExclVat, -0.000_000_001m, 0.000_000_001m);
            Assert.All(explained.Lines, line =>
                Assert.InRange(line.ExactExclVat - (line.Line.Quantity * line.Line.UnitPrice), -0.000_000_001m, 0.000_000_001m));
        }
    }

    [Fact]
    public void Every_amount_of_the_bill_is_printed()
    {
        var explanation = new Explained(AllDimensions).Of(
            Event("started", 0, 1_000, "\"tariff_id\":\"T\",\"charging_state\":\"Charging\""),
            Event("updated", 20, 6_000, "\"charging_state\":\"SuspendedEV\""),
            Event("updated", 25, 6_000, "\"charging_state\":\"Charging\""),
            Event("ended", 41, 9_012));
        var text = Text(explanation);

        Assert.Equal(5, explanation.Bill.Lines.Count);
        Assert.All(explanation.Bill.Lines, line => Assert.Contains(Words.Money(line.AmountExclVat, "EUR"), text, StringComparison.Ordinal));
        Assert.All(explanation.Bill.VatBreakdown, row =>
            Assert.Contains($"VAT {row.Rate} % of {Words.Money(row.Base, "EUR")} {Words.Money(row.Amount, "EUR")}", text, StringComparison.Ordinal));
        Assert.Contains($"Total without VAT {Words.Money(explanation.Bill.TotalExclVat!.Value, "EUR")}", text, StringComparison.Ordinal);
        Assert.Contains($"TOTAL WITH VAT {Words.Money(explanation.Bill.TotalInclVat!.Value, "EUR")}", text, StringComparison.Ordinal);
        Assert.Contains($"Exactly it is {Words.ExactMoney(explanation.Pricing!.UnroundedExclVat, "EUR")} without", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_step_is_shown_on_the_line_that_carries_it_and_of_the_times_only_on_parking()
    {
        var explanation = new Explained(AllDimensions).Of(
            Event("started", 0, 0, "\"tariff_id\":\"T\",\"charging_state\":\"SuspendedEV\""),
            Event("updated", 10, 0, "\"charging_state\":\"Charging\""),
            Event("updated", 20, 5_000, "\"charging_state\":\"SuspendedEV\""),
            Event("ended", 32, 5_000));
        var steps = explanation.Pricing!.Lines.Select(line => $"{line.Line.Dimension} {line.Step}").Order(StringComparer.Ordinal);

        Assert.Equal(["ENERGY WholeSteps", "FLAT None", "PARKING_TIME Raised", "PARKING_TIME RaisedOnLastLine", "TIME LeftToParking"], steps);
        Assert.Contains("0:22:00 measured by all such lines, rounded up to 0:22:03: steps of 0:00:07 (7 s).", Text(explanation), StringComparison.Ordinal);
    }

    [Fact]
    public void The_step_that_is_named_is_that_of_the_price_used_last()
    {
        const string Tariffs = """
            {"id":"T","currency":"EUR","elements":[{"price_components":[{"type":"ENERGY","price":0.3,"step_size":1}],"restrictions":{"max_kwh":3}},
            {"price_components":[{"type":"ENERGY","price":0.5,"step_size":1000}]}]}
            """;
        var text = Text(new Explained(Tariffs).Of(Event("started", 0, 0, "\"tariff_id\":\"T\""), Event("ended", 31, 10_550)));

        Assert.Contains("10.55 kWh measured by all such lines, rounded up to 11 kWh: steps of 1000 Wh", text, StringComparison.Ordinal);
        Assert.DoesNotContain("steps of 1 Wh", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_only_lines_are_rounded_it_is_told_so() => Assert.Contains(
        "The totals had not to be rounded; lines are",
        Text(new Explained(Tariff("T", $"{Component("ENERGY", "0.5", vat: "0")}", members: "\"min_price\":{\"excl_vat\":5},")).Of(Event("started", 0, 0, "\"tariff_id\":\"T\""), Event("ended", 31, 4_350))),
        StringComparison.Ordinal);

    [Fact]
    public void Bits_of_energy_that_a_charging_period_cannot_carry_are_told()
    {
        var text = Text(new Explained(AllDimensions).Of(Event("started", 0, 0, "\"tariff_id\":\"T\""), Event("ended", 31, members: "\"meter_wh\":1000.125")));

        Assert.Contains("1.000125 kWh are taken as 1.0001 kWh", text, StringComparison.Ordinal);
        Assert.Contains("1.0001 kWh measured, rounded up to 1.001 kWh: steps of 1 Wh.", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_component_that_bills_nothing_says_why()
    {
        const string Tariffs = """
            {"id":"T","currency":"EUR","elements":[{"price_components":[{"type":"ENERGY","price":0.3},{"type":"ENERGY","price":0.4}]},
            {"price_components":[{"type":"ENERGY","price":0.5},{"type":"PARKING_TIME","price":2},{"type":"WATER","price":1}]}]}
            """;
        var text = Text(new Explained(Tariffs).Of(Event("started", 0, 0, "\"tariff_id\":\"T\",\"charging_state\":\"Charging\""), Event("ended", 30, 5_000)));

        Assert.Contains("Price: element 1, component 1 (elements[0].price_components[0]), the first with ENERGY.", text, StringComparison.Ordinal);
        Assert.Contains("elements[0].price_components[1], ENERGY 0.40 EUR per kWh): the element has ENERGY already", text, StringComparison.Ordinal);
        Assert.Contains("elements[1].price_components[0], ENERGY 0.50 EUR per kWh): element 1 has ENERGY already", text, StringComparison.Ordinal);
        Assert.Contains("PARKING_TIME 2.00 EUR per hour): the car was not parked", text, StringComparison.Ordinal);
        Assert.Contains("\"WATER\" is no dimension of OCPI", text, StringComparison.Ordinal);
        Assert.Contains("Charging time, 0:30:00: no charge, as no element of the tariff has TIME.", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("JPY", "33.3", "41.0922 JPY -> 41 JPY")]
    [InlineData("KWD", "0.12345", "0.152337... KWD -> 0.152 KWD")]
    [InlineData("EUR", "0.25", "0.3085 EUR -> 0.31 EUR")]
    public void Amounts_have_the_digits_of_their_currency(string currency, string price, string shown)
    {
        var explained = new Explained(Tariff("T", Component("ENERGY", price), currency));
        var text = Text(explained.Of(Event("started", 0, 0, "\"tariff_id\":\"T\""), Event("ended", 30, 1_234)));

        Assert.Contains("= " + shown, text, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_the_tariff_does_not_tell_the_VAT_no_total_with_VAT_is_shown()
    {
        var explained = new Explained(Tariff("T", Component("ENERGY", "0.3", vat: null)), version: OcpiVersion.V211);
        var text = Text(explained.Of(Event("started", 0, 0, "\"tariff_id\":\"T\""), Event("ended", 30, 1_000)));

        Assert.Contains("0.30 EUR without VAT; the tariff does not tell the VAT.", text, StringComparison.Ordinal);
        Assert.DoesNotContain("TOTAL WITH VAT", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_that_the_tariff_does_not_give_are_shown_without_a_derivation()
    {
        var events = new[] { Event("started", 0, 0, "\"tariff_id\":\"T\""), Event("ended", 30, 1_000) };
        var billed = new Explained(Tariff("T", Component("ENERGY", "0.3"))).Bill(1, events);
        var explanation = new Explained(Tariff("T", Component("ENERGY", "0.4"))).Of([billed], null);
        var text = Text(explanation);

        Assert.Null(explanation.Pricing);
        Assert.Contains("these are the bill's own lines", text, StringComparison.Ordinal);
        Assert.Contains("1 kWh x 0.30 EUR per kWh (elements[0].price_components[0]) 0.30 EUR", text, StringComparison.Ordinal);
        Assert.DoesNotContain("0.40", text, StringComparison.Ordinal);
    }

    private static CompiledTariff Compiled(Tariff tariff)
    {
        Assert.True(CompiledTariff.TryCompile(tariff, null, out var compiled, out _));
        return compiled;
    }
}
