using EvBilling.Billing;
using static EvBilling.Tests.Explain.Explained;

namespace EvBilling.Tests.Explain;

/// <summary>A held bill first says that there is none, then exactly what was found, and what can be done.</summary>
public sealed class HeldExplainedTests
{
    private const string T = "\"tariff_id\":\"T\"";

    private static readonly string OneTariff = Tariff("T", Component("ENERGY", "0.3"));

    [Fact]
    public void Contradicting_copies_are_named_with_both_values() => Holds(
        "ConflictingDuplicate", "The copies of event e1 differ in meter_wh: 1000 Wh or 1100 Wh.", OneTariff,
        Event("started", 0, 1_000, T + ",\"event_id\":\"e1\""), Event("started", 0, 1_100, T + ",\"event_id\":\"e1\""), Event("ended", 10, 2_000));

    [Fact]
    public void A_jump_of_the_clock_is_named_with_both_events() => Holds(
        "ClockJump", "sequence number 2 is of 2026-03-01 10:20:00 UTC, 0:10:00 before that of the smaller number 1 (2026-03-01 10:30:00 UTC).", OneTariff,
        Event("started", 0, 0, T + ",\"sequence_number\":0"), Event("updated", 30, 1, "\"sequence_number\":1"),
        Event("updated", 20, 2, "\"sequence_number\":2"), Event("ended", 40, 3, "\"sequence_number\":3"));

    [Fact]
    public void Too_much_energy_is_named_with_what_is_possible() => Holds(
        "ImplausibleEnergy",
        "1999 kWh are reported from 2026-03-01 10:00:00 UTC to 2026-03-01 10:15:00 UTC. No power of the connector is stated, so 400 kW is taken: "
        + "100 kWh in 0:15:00.",
        OneTariff, Event("started", 0, 1_000, T), Event("ended", 15, 2_000_000));

    [Fact]
    public void An_end_before_the_start_is_named_with_both_times() => Holds(
        "NegativeDuration", "It started 2026-03-01 10:30:00 UTC and ended 2026-03-01 10:10:00 UTC.", OneTariff,
        Event("started", 30, 1_000, T), Event("ended", 10, 2_000));

    [Fact]
    public void No_reading_is_said_to_be_no_energy_known() => Holds(
        "NoReadings", "Energy not known", OneTariff, Event("started", 0, null, T), Event("ended", 10));

    [Fact]
    public void An_unknown_tariff_is_named() => Holds(
        "UnknownTariff", "Named, but in no tariff file: NOPE.", OneTariff, Event("started", 0, 0, "\"tariff_id\":\"NOPE\""), Event("ended", 10, 1));

    [Fact]
    public void A_tariff_that_has_ended_is_known_but_not_valid() => Holds(
        "UnknownTariff", "T is known, but no version of it is valid at the session's start.",
        Tariff("T", Component("ENERGY", "0.3"), members: "\"end_date_time\":\"2026-02-01T00:00:00Z\","),
        Event("started", 0, 0, T), Event("ended", 10, 1));

    [Fact]
    public void A_refused_tariff_is_named_with_path_and_reason() => Holds(
        "TariffRefused", "At /min_price/excl_vat of the tariff: \"much\" is not a number",
        Tariff("T", Component("ENERGY", "0.3"), members: "\"min_price\":{\"excl_vat\":\"much\"},"),
        Event("started", 0, 0, T), Event("ended", 10, 1));

    [Fact]
    public void An_ambiguous_tariff_says_how_to_name_it() => Holds(
        "TariffAmbiguous", "CC*PARTY*id", $"[{OneTariff},{OneTariff.Replace("EVB", "XYZ", StringComparison.Ordinal)}]",
        Event("started", 0, 0, T), Event("ended", 10, 1));

    [Fact]
    public void What_was_billed_before_it_was_held_still_stands()
    {
        var explained = new Explained(OneTariff);
        string[] events = [Event("started", 0, 0, T), Event("ended", 20, 1_000)];
        string[] more = [.. events, Event("ended", 30, 2_000_000)];
        var text = Text(explained.Of([explained.Bill(1, events), explained.Bill(2, more)], more));

        Assert.Contains("HELD: no bill can be defended", text, StringComparison.Ordinal);
        Assert.Contains("stands until a new final version replaces it: version 1, 0.36 EUR incl. VAT", text, StringComparison.Ordinal);
    }

    private static void Holds(string flag, string detail, string tariffs, params string[] events)
    {
        var explanation = new Explained(tariffs).Of(events);
        var text = Text(explanation);
        var reason = text.IndexOf($"({flag})", StringComparison.Ordinal);
        var remedy = text.IndexOf("What can be done: ", StringComparison.Ordinal);

        Assert.Equal(BillStatus.Held, explanation.Bill.Status);
        Assert.StartsWith("Session S HELD, version 1 " + new string('=', 80) + " HELD: no bill can be defended", text, StringComparison.Ordinal);
        Assert.Contains(detail, text, StringComparison.Ordinal);
        Assert.True(reason > 0 && remedy > reason, text);
        Assert.DoesNotContain("TOTAL", text, StringComparison.Ordinal);
    }
}
