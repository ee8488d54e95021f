using EvBilling.Billing;
using EvBilling.Billing.Explain;
using static EvBilling.Tests.Explain.Explained;

namespace EvBilling.Tests.Explain;

/// <summary>Each kind of session tells what is particular about it.</summary>
public sealed class SessionsExplainedTests
{
    private const string T = "\"tariff_id\":\"T\"";

    private const string Location = """
        {"id":"LOC","name":"Zuidas","address":"Mahlerlaan 1","city":"Amsterdam","country":"NLD","time_zone":"Europe/Amsterdam",
        "evses":[{"uid":"U","evse_id":"E1",
        "connectors":[{"id":"1","standard":"IEC_62196_T2","max_electric_power":11000,"tariff_ids":["GONE","T"]}]}]}
        """;

    private static readonly string OneTariff = Tariff("T", Component("ENERGY", "0.3"));

    [Fact]
    public void A_meter_reset_is_named_with_both_values()
    {
        var text = Told(Event("started", 0, 50_000, T), Event("updated", 10, 55_000), Event("updated", 20, 1_200), Event("ended", 30, 3_000));

        Assert.Contains("2026-03-01 10:20:00 UTC, 1.2 kWh: the register restarted at 0 after 55 kWh", text, StringComparison.Ordinal);
        Assert.Contains("Energy: 8 kWh, the sum of the increases.", text, StringComparison.Ordinal);
        Assert.Contains("(MeterReset)", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_reading_that_is_left_out_is_named_with_its_reason()
    {
        var text = Told(
            Event("updated", 0, 900), Event("started", 1, 1_000, T), Event("updated", 5, 2_000), Event("updated", 6, 20), Event("updated", 8, 3_000),
            Event("ended", 10, 4_000), Event("updated", 12, 4_100));

        Assert.Contains("7 events; 4 meter readings count, 3 are left out.", text, StringComparison.Ordinal);
        Assert.Contains("10:00:00 UTC, 0.9 kWh: left out, as it is from before the start.", text, StringComparison.Ordinal);
        Assert.Contains("10:06:00 UTC, 0.02 kWh: left out, as it fell below the 2 kWh before it", text, StringComparison.Ordinal);
        Assert.Contains("10:12:00 UTC, 4.1 kWh: left out, as it is from after the end.", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_equal_readings_around_a_fall_the_right_ones_are_named()
    {
        var record = Record(Event("started", 0, 100, T), Event("updated", 1, 50), Event("updated", 2, 100), Event("updated", 3, 50), Event("ended", 4, 60));
        var session = Sessions.Assembling.Assemble(record);

        Assert.Equal(
            [ReadingFate.Counted, ReadingFate.Glitch, ReadingFate.Counted, ReadingFate.CountedAfterReset, ReadingFate.Counted],
            ExplainedReading.Find(record, session).Select(reading => reading.Fate));
    }

    [Fact]
    public void Place_local_time_and_the_way_to_the_tariff_are_told()
    {
        var text = Text(new Explained(OneTariff, Location).Of(
            Event("started", 0, 0, "\"location_id\":\"LOC\",\"evse_id\":\"E1\",\"connector_id\":\"1\",\"token_id\":\"CARD\""), Event("ended", 30, 1_000)));

        Assert.Contains("Place Zuidas, Mahlerlaan 1, Amsterdam (LOC) EVSE E1, connector 1 (IEC_62196_T2, 11 kW)", text, StringComparison.Ordinal);
        Assert.Contains("Started 2026-03-01 10:00:00 UTC, local 2026-03-01 11:00:00 (+01)", text, StringComparison.Ordinal);
        Assert.Contains("Token CARD", text, StringComparison.Ordinal);
        Assert.Contains("GONE, named by the connector, is in no tariff file.", text, StringComparison.Ordinal);
        Assert.Contains("Chosen because the connector names it, and nothing nearer does.", text, StringComparison.Ordinal);
        Assert.Contains("(TariffIdUnknown)", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Stretches_are_a_timeline_and_what_is_waited_costs_nothing()
    {
        var text = Told(
            Event("started", 0, 0, T + ",\"charging_state\":\"EVConnected\""), Event("updated", 5, 0, "\"charging_state\":\"Charging\""),
            Event("updated", 20, 5_000, "\"charging_state\":\"SuspendedEV\""), Event("ended", 30, 5_000));

        Assert.Contains("Lasted 0:30:00 (0:15:00 charging, 0:10:00 parking, 0:05:00 waiting)", text, StringComparison.Ordinal);
        Assert.Contains("2026-03-01 10:05:00 2026-03-01 10:20:00 charging 0:15:00 5 kWh", text, StringComparison.Ordinal);
        Assert.Contains("Waiting, 0:05:00: no charge.", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_session_without_an_end_says_why_it_was_closed_and_how_parking_was_found()
    {
        var text = Told(Event("started", 0, 1_000, T), Event("updated", 10, 5_000), Event("updated", 40, 5_000));

        Assert.Contains("No end was reported. The session was closed because nothing came of it for long enough", text, StringComparison.Ordinal);
        Assert.Contains("(ClosedByPolicy)", text, StringComparison.Ordinal);
        Assert.Contains("(ParkingInferred)", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Several_starts_and_ends_are_told()
    {
        var text = Told(Event("started", 0, 0, T), Event("started", 3, 500, "\"tariff_id\":\"U\""), Event("ended", 20, 900), Event("ended", 25, 900));

        Assert.Contains("Started 2026-03-01 10:00:00 UTC Ended 2026-03-01 10:25:00 UTC", text, StringComparison.Ordinal);
        Assert.Contains("(SeveralStarts)", text, StringComparison.Ordinal);
        Assert.Contains("(SeveralEnds)", text, StringComparison.Ordinal);
        Assert.Contains("(SeveralTariffs)", text, StringComparison.Ordinal);
    }

    [Fact]
    public void An_open_session_is_a_preview_and_nothing_is_charged_yet()
    {
        var explanation = new Explained(OneTariff).OfOpen(Event("started", 0, 0, T), Event("updated", 10, 1_000));
        var text = Text(explanation);

        Assert.StartsWith("Session S OPEN", text, StringComparison.Ordinal);
        Assert.Contains("nothing is charged yet. As things stand: 0.36 EUR incl. VAT (0.30 EUR and 0.06 EUR VAT).", text, StringComparison.Ordinal);
        Assert.Contains("at least 24:00:00 younger", text, StringComparison.Ordinal);
        Assert.DoesNotContain("VERSIONS", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_session_known_by_a_completed_event_says_that_it_has_no_readings()
    {
        var text = Told(
            """{"type":"completed","session_id":"S","started_at":"2026-03-01T10:00:00Z","ended_at":"2026-03-01T11:00:00Z","energy_wh":9000,"tariff_id":"T"}""");

        Assert.Contains("(a `completed` event), with its energy and without meter readings", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Versions_tell_what_replaced_what_and_what_changed()
    {
        var explained = new Explained(OneTariff);
        string[] first = [Event("started", 0, 0, T), Event("ended", 20, 1_000)];
        string[] second = [.. first, Event("ended", 30, 2_000)];
        var written = explained.Bill(1, first);
        written.WrittenAtUnixSeconds = 1_772_400_000;
        var text = Text(explained.Of([written, explained.Bill(2, second)], second));

        Assert.Contains("Version 1, written 2026-03-01 21:20:00 UTC: final, 0.36 EUR with VAT.", text, StringComparison.Ordinal);
        Assert.Contains("Version 2, in place of version 1: final, 0.73 EUR with VAT.", text, StringComparison.Ordinal);
        Assert.Contains("end 2026-03-01 10:20:00 UTC -> 2026-03-01 10:30:00 UTC; energy 1 kWh -> 2 kWh; charging 0:20:00", text, StringComparison.Ordinal);
        Assert.Contains("total 0.36 EUR with VAT -> 0.73 EUR with VAT", text, StringComparison.Ordinal);
        Assert.Contains("flags +SeveralEnds", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_its_events_a_bill_is_explained_from_itself()
    {
        var explained = new Explained(OneTariff);
        var explanation = explained.Of([explained.Bill(1, Event("started", 0, 0, T), Event("ended", 20, 1_000))], null);
        var text = Text(explanation);

        Assert.Null(explanation.Events);
        Assert.Contains("the session's events are no longer kept", text, StringComparison.Ordinal);
        Assert.Contains("1 kWh x 0.30 EUR per kWh = 0.30 EUR", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_the_events_give_another_bill_now_the_stored_one_counts_and_this_is_said()
    {
        var explained = new Explained(OneTariff);
        var stored = explained.Bill(1, Event("started", 0, 0, T), Event("ended", 20, 1_000));
        var explanation = explained.Of([stored], [Event("started", 0, 0, T), Event("ended", 20, 4_000)]);
        var text = Text(explanation);

        Assert.Same(stored, explanation.Bill);
        Assert.Contains("The stored bill counts", text, StringComparison.Ordinal);
        Assert.Contains("energy 1 kWh -> 4 kWh", text, StringComparison.Ordinal);
        Assert.Contains("TOTAL WITH VAT 0.36 EUR", text, StringComparison.Ordinal);
    }

    private static string Told(params string[] events)
    {
        var explanation = new Explained(OneTariff).Of(events);
        Assert.Equal(BillStatus.Final, explanation.Bill.Status);
        return Text(explanation);
    }
}
