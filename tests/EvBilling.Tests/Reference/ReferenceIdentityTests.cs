using static EvBilling.Tests.Reference.ReferenceAssemblyTests;

namespace EvBilling.Tests.Reference;

/// <summary>Copies, ids, states at the edges and `completed`, by hand.</summary>
public class ReferenceIdentityTests
{
    private const string Hour = "'type':'completed','session_id':'s','started_at':'2026-01-05T10:00:00Z','ended_at':'2026-01-05T11:00:00Z'";

    private static readonly string Started = At("started", "10:00", "'meter_wh':0");

    private static readonly string Ended = At("ended", "11:00", "'meter_wh':5000");

    [Fact]
    public void Copies_of_an_event_complete_each_other()
    {
        ReferenceSession session = Closed(
            Started, Ended, Ended, Ended.Replace("5000", "5.00e3", StringComparison.Ordinal),
            At("updated", "10:30", "'event_id':'e','meter_wh':4000,'token_id':'b'"),
            At("updated", "10:30", "'event_id':'e','charging_state':'Charging','token_id':'a','offline':true"));
        AssertSession(session, "final", "", 5_000_000, charging: 60, parking: 0, waiting: 0, readings: 3);
        Assert.Equal("a", session.TokenId);
    }

    [Fact]
    public void Two_contents_under_one_id_hold_the_session()
    {
        ReferenceSession session = Closed(
            Started, Ended, At("updated", "10:30", "'event_id':'e','meter_wh':4000"), At("updated", "10:30", "'event_id':'e','meter_wh':4000.001"));
        Assert.Equal(("held", true), (session.Status, session.IsConflicting));
        session = Closed(
            Started, Ended, At("updated", "10:30", "'event_id':'e','meter_wh':4000"), At("updated", "10:30", "'event_id':'e','meter_wh':4000.0004"));
        Assert.Equal(("final", false), (session.Status, session.IsConflicting));
    }

    [Fact]
    public void Without_an_id_another_content_is_another_event()
    {
        ReferenceSession session = Closed(
            Started, Ended, At("updated", "10:30", "'meter_wh':4000,'token_id':'b'"), At("updated", "10:30", "'meter_wh':4000,'token_id':'a'"),
            At("updated", "10:30", "'meter_wh':4000,'sequence_number':1"), At("updated", "10:30", "'meter_wh':4000,'event_id':'e'"));
        AssertSession(session, "final", "ParkingInferred", 5_000_000, charging: 60, parking: 0, waiting: 0, readings: 5);
        Assert.Equal("a", session.TokenId);
    }

    [Fact]
    public void The_started_event_is_the_first_to_state_an_id()
    {
        ReferenceSession session = Closed(
            At("updated", "09:00", "'token_id':'early','connector_id':'2','tariff_id':'A'"),
            At("started", "10:00", "'meter_wh':0,'token_id':'T','location_id':'L'"), Ended,
            At("updated", "10:30", "'location_id':'L','tariff_id':'B'"));
        Assert.Equal("ParkingInferred SeveralTariffs SeveralTokens", string.Join(' ', session.Flags));
        Assert.Equal(("T", "2", "A", "L"), (session.TokenId, session.ConnectorId, session.TariffId, session.LocationId));
        Assert.Equal(["SeveralConnectors"], Closed(At("ended", "10:00", "'station_id':'a'"), At("updated", "10:00", "'station_id':'b'")).Flags
            .Where(flag => flag.StartsWith("Several", StringComparison.Ordinal)));
    }

    [Fact]
    public void An_id_that_two_events_of_one_rank_state_is_called_tied()
    {
        Assert.Empty(Closed(Started, Ended, At("updated", "10:30", "'token_id':'b'"), At("updated", "10:31", "'token_id':'a'")).TiedIds);
        ReferenceSession tied = Closed(Started, Ended, At("updated", "10:30", "'station_id':'b'"), At("updated", "10:30", "'station_id':'a'"));
        Assert.Equal(["station_id"], tied.TiedIds);
    }

    [Fact]
    public void A_state_from_before_the_start_holds_at_the_start_and_one_after_the_end_is_ignored()
    {
        ReferenceSession session = Closed(
            Started, Ended, At("updated", "09:00", "'charging_state':'Charging'"), At("updated", "09:30", "'charging_state':'EVConnected'"),
            At("updated", "10:15", "'charging_state':'Charging'"), At("updated", "10:45", "'charging_state':'EVConnected'"),
            At("updated", "11:10", "'charging_state':'Idle'"));
        AssertSession(session, "final", "", 5_000_000, charging: 30, parking: 15, waiting: 15, readings: 2);
    }

    [Fact]
    public void Charging_that_is_only_assumed_counts_as_the_first_if_it_lasted()
    {
        ReferenceSession assumed = Closed(Started, Ended, At("updated", "10:15", "'charging_state':'EVConnected'"));
        AssertSession(assumed, "final", "", 5_000_000, charging: 15, parking: 45, waiting: 0, readings: 2);
        ReferenceSession atOnce = Closed(Started, Ended, At("updated", "10:00", "'charging_state':'EVConnected'"));
        AssertSession(atOnce, "final", "", 5_000_000, charging: 0, parking: 0, waiting: 60, readings: 2);
        // At one instant the later in the schema's list stands, if nothing else tells them apart.
        ReferenceSession both = Closed(
            Started, Ended, At("updated", "10:15", "'charging_state':'Idle'"), At("updated", "10:15", "'charging_state':'Charging'"));
        AssertSession(both, "final", "", 5_000_000, charging: 15, parking: 45, waiting: 0, readings: 2);
    }

    [Fact]
    public void A_completed_event_alone_is_a_whole_session()
    {
        ReferenceSession session = Closed(Line(Hour + ",'energy_wh':7000,'charging_ended_at':'2026-01-05T10:40:00Z','tariff_id':'A','meter_wh':1"));
        AssertSession(session, "final", "", 7_000_000, charging: 40, parking: 20, waiting: 0, readings: 0);
        Assert.Equal("A", session.TariffId);
        session = Closed(Line(Hour + ",'charging_ended_at':'2026-01-05T11:00:01Z'"));
        AssertSession(session, "held", "ChargingEndOutside NoReadings", null, charging: 60, parking: 0, waiting: 0, readings: 0);
        session = Closed(Line(Hour.Replace("T11", "T09", StringComparison.Ordinal) + ",'energy_wh':7000"));
        AssertSession(session, "held", "ImplausibleEnergy NegativeDuration", 7_000_000, charging: 0, parking: 0, waiting: 0, readings: 0);
    }

    [Fact]
    public void Two_completed_events_must_say_the_same()
    {
        ReferenceSession same = Closed(
            Line(Hour + ",'energy_wh':7,'event_id':'a','token_id':'S'"), Line(Hour + ",'energy_wh':7.0,'event_id':'b','token_id':'T'"));
        Assert.Equal(("final", "SeveralTokens"), (same.Status, string.Join(' ', same.Flags)));
        Assert.Equal(["token_id"], same.TiedIds);
        ReferenceSession other = Closed(Line(Hour + ",'energy_wh':7"), Line(Hour + ",'energy_wh':8"));
        Assert.Equal(("held", "ConflictingDuplicate"), (other.Status, string.Join(' ', other.Flags)));
    }

    [Fact]
    public void A_completed_event_beside_others_only_adds_ids_and_states()
    {
        string completed = Line(Hour + ",'energy_wh':7000,'charging_ended_at':'2026-01-05T10:40:00Z','tariff_id':'A','token_id':'T'");
        ReferenceSession session = Closed(Started, Ended, completed);
        AssertSession(session, "final", "", 5_000_000, charging: 40, parking: 20, waiting: 0, readings: 2);
        Assert.Equal(("T", (string?)null), (session.TokenId, session.TariffId));
        session = ReferenceAssembly.Assemble([Started, completed], closedByPolicy: false);
        Assert.Equal("open", session.Status);
        session = Closed(Started, Ended, completed, At("updated", "10:50", "'charging_state':'Idle'"));
        AssertSession(session, "final", "", 5_000_000, charging: 50, parking: 10, waiting: 0, readings: 2);
    }

    private static string Line(string members) => ("{" + members + "}").Replace('\'', '"');
}
