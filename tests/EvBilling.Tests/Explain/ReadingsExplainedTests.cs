using EvBilling.Rating;
using static EvBilling.Tests.Explain.Explained;

namespace EvBilling.Tests.Explain;

/// <summary>A bill by other readings of OCPI than the default says so.</summary>
public sealed class ReadingsExplainedTests
{
    [Fact]
    public void Readings_that_are_not_the_default_and_later_versions_of_the_tariff_are_named_and_the_sums_are_derived()
    {
        var text = Text(new Explained(
            $"[{Tariff("T", Component("ENERGY", "0.3"))},{Tariff("T", Component("ENERGY", "0.5"), members: "\"start_date_time\":\"2026-03-01T10:10:00Z\",")}]",
            rating: RatingReadings.Parse("mid_session_change=per_period step_total=all"))
            .Of(Event("started", 0, 0, "\"tariff_id\":\"T\""), Event("updated", 10, 1_000), Event("ended", 30, 4_000)));

        Assert.Contains("From 2026-03-01 10:10:00", text, StringComparison.Ordinal);
        Assert.Contains("on another version of it rates (reading mid_session_change).", text, StringComparison.Ordinal);
        Assert.Contains("Rated by the reading step_total=all; EvBilling's own is priced.", text, StringComparison.Ordinal);
        Assert.Contains("1 kWh x 0.30 EUR per kWh", text, StringComparison.Ordinal);
        Assert.Contains("3 kWh x 0.50 EUR per kWh", text, StringComparison.Ordinal);
        Assert.DoesNotContain("without a derivation", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "0:12:15 measured, rounded up to 0:13:00: steps of 0:01:00 (60 s).", "Each of the two is rounded once, half away from zero")]
    [InlineData("step_size=per_period", "0:12:15 measured, rounded up to 0:13:00: in each charging period by itself, steps of 0:01:00 (60 s) (step_size=per_period).", "half away from zero")]
    [InlineData("step_total=all", "counted with what no component prices (step_total=all)", "half away from zero")]
    [InlineData("step_size=next_multiple", "a whole number of them to the next one (step_size=next_multiple)", "half away from zero")]
    [InlineData("rounding=half_even", "rounded up to 0:13:00", "Each of the two is rounded once, half to even")]
    [InlineData("rounding=per_component", "rounded up to 0:13:00", "Each line is rounded by itself, half away from zero, and the total is the sum of the lines (rounding=per_component). So is the VAT of each.")]
    [InlineData("vat_rounding=per_rate", "rounded up to 0:13:00", "VAT is each rate's share of its rounded base, rounded likewise (vat_rounding=per_rate)")]
    public void Steps_and_rounding_are_told_as_the_reading_has_them(string reading, string step, string rounding)
    {
        var text = Text(new Explained(Tariff("T", $"{Component("ENERGY", "0.333")},{Component("TIME", "1.11", 60)}"), rating: RatingReadings.Parse(reading))
            .Of(Event("started", 0, 0, "\"tariff_id\":\"T\",\"charging_state\":\"Charging\""), Event("ended", 12, 4_001).Replace(":00Z", ":15Z", StringComparison.Ordinal)));

        Assert.Contains(step, text, StringComparison.Ordinal);
        Assert.Contains(rounding, text, StringComparison.Ordinal);
        Assert.DoesNotContain("without a derivation", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_parking_is_priced_too_each_period_of_charging_is_still_raised_by_its_reading() => Assert.DoesNotContain(
        "not rounded up",
        Text(new Explained(Tariff("T", $"{Component("TIME", "1", 60)},{Component("PARKING_TIME", "2", 60)}"), rating: RatingReadings.Parse("step_size=per_period"))
            .Of(Event("started", 0, 0, "\"tariff_id\":\"T\",\"charging_state\":\"Charging\""), Event("updated", 10, 4_000, "\"charging_state\":\"SuspendedEV\""), Event("ended", 30, 4_000))),
        StringComparison.Ordinal);

    [Fact]
    public void Where_one_element_counts_for_all_it_is_told_so_and_nothing_that_is_not_true()
    {
        const string Tariffs = """
            {"id":"T","currency":"EUR","elements":[{"price_components":[{"type":"ENERGY","price":0.3}]},{"price_components":[{"type":"TIME","price":2},{"type":"FLAT","price":1},{"type":"ENERGY","price":0.1}]}]}
            """;
        var text = Text(new Explained(Tariffs, rating: RatingReadings.Parse("element_choice=whole_element"))
            .Of(Event("started", 0, 0, "\"tariff_id\":\"T\",\"charging_state\":\"Charging\""), Event("ended", 30, 5_000)));

        Assert.Contains("the first one counts for all that was measured (element_choice=whole_element)", text, StringComparison.Ordinal);
        Assert.Contains("TIME 2.00 EUR per hour): in no charging period was its element the first that applied", text, StringComparison.Ordinal);
        Assert.Contains("FLAT 1.00 EUR per session): in no charging period was its element the first that applied", text, StringComparison.Ordinal);
        Assert.Contains("element 1 applied before it, and the first element that applies counts for all", text, StringComparison.Ordinal);
        Assert.DoesNotContain("did not charge", text, StringComparison.Ordinal);
        Assert.DoesNotContain("has ENERGY already", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_last_year_of_all_is_told_as_it_is() => Assert.Contains(
        "valid until 9999-12-31 23:59:59 UTC",
        Text(new Explained(Tariff("T", Component("ENERGY", "0.3"), members: "\"end_date_time\":\"9999-12-31T23:59:59Z\","), defaultTariffId: "T").Of(Event("started", 0, 0), Event("ended", 30, 4_000))),
        StringComparison.Ordinal);

    [Fact]
    public void Nothing_is_said_of_the_default_readings() => Assert.DoesNotContain(
        "Rated by", Text(new Explained(Tariff("T", Component("ENERGY", "0.3")), defaultTariffId: "T").Of(Event("started", 0, 0), Event("ended", 30, 4_000))),
        StringComparison.Ordinal);
}
