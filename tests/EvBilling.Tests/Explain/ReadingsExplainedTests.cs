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
