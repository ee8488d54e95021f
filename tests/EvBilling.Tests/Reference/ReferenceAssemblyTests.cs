namespace EvBilling.Tests.Reference;

/// <summary>The reference itself, against expectations worked out by hand from contracts.md.</summary>
public class ReferenceAssemblyTests
{
    private const long Minute = 60 * ReferenceTime.Second;

    [Fact]
    public void An_ordinary_session_has_the_sum_of_its_increases_and_its_states_times()
    {
        ReferenceSession session = Closed(
            At("started", "10:00", "'meter_wh':1000,'token_id':'T','connector_id':'1','charging_state':'EVConnected'"),
            At("updated", "10:05", "'charging_state':'Charging'"),
            At("updated", "10:30", "'meter_wh':6000.0005"),
            At("updated", "10:40", "'charging_state':'SuspendedEVSE'"),
            At("updated", "10:45", "'charging_state':'SuspendedEV'"),
            At("ended", "11:00", "'meter_wh':9000,'charging_state':'Idle'"));
        // Waiting: 5 min before charging, 5 min by the station's doing.
        AssertSession(session, "final", "", 8_000_000, charging: 35, parking: 15, waiting: 10, readings: 3);
        Assert.Equal(ReferenceTime.Parse("2026-01-05T10:00:00Z"), session.StartedAt);
        Assert.Equal(ReferenceTime.Parse("2026-01-05T11:00:00Z"), session.EndedAt);
        Assert.Equal(("T", "1"), (session.TokenId, session.ConnectorId));
    }

    [Fact]
    public void Without_states_only_the_tail_after_the_last_rise_is_parking()
    {
        ReferenceSession session = Closed(
            At("started", "10:00", "'meter_wh':0"), At("updated", "10:20", "'meter_wh':5000"), At("updated", "10:30", "'meter_wh':5000"), At("ended", "11:00"));
        AssertSession(session, "final", "ParkingInferred", 5_000_000, charging: 20, parking: 40, waiting: 0, readings: 3);
        session = Closed(At("started", "10:00", "'meter_wh':7"), At("ended", "11:00", "'meter_wh':7"));
        AssertSession(session, "final", "NoEnergy", 0, charging: 60, parking: 0, waiting: 0, readings: 2);
        session = Closed(At("started", "10:00"), At("ended", "11:00"));
        AssertSession(session, "held", "NoReadings", null, charging: 60, parking: 0, waiting: 0, readings: 0);
    }

    [Fact]
    public void A_fall_is_a_glitch_if_the_register_recovers_or_nothing_follows_and_else_a_restart()
    {
        ReferenceSession recovered = Meters(1000, 2000, 0, 5, 2000, 3000);
        AssertSession(recovered, "final", "ParkingInferred ReadingGlitch", 2_000_000, charging: 50, parking: 0, waiting: 0, readings: 4);
        ReferenceSession last = Meters(1000, 2000, 1999);
        AssertSession(last, "final", "ParkingInferred ReadingGlitch", 1_000_000, charging: 10, parking: 10, waiting: 0, readings: 2);
        ReferenceSession restarted = Meters(1000, 2000, 300, 700);
        AssertSession(restarted, "final", "MeterReset ParkingInferred", 1_700_000, charging: 30, parking: 0, waiting: 0, readings: 4);
        // Two falls at the end: the first is a restart, since a reading follows; the second is the last, and left out.
        ReferenceSession twice = Meters(1000, 500, 400);
        AssertSession(twice, "final", "MeterReset ParkingInferred ReadingGlitch", 500_000, charging: 10, parking: 10, waiting: 0, readings: 2);
    }

    [Fact]
    public void A_start_without_reading_takes_the_first_reading_that_counts()
    {
        ReferenceSession session = Closed(At("started", "10:00"), At("updated", "10:10", "'meter_wh':4000"), At("ended", "10:30", "'meter_wh':6000"));
        AssertSession(session, "final", "ParkingInferred StartReadingMissing", 2_000_000, charging: 30, parking: 0, waiting: 0, readings: 2);
    }

    [Fact]
    public void Readings_outside_the_session_do_not_count()
    {
        ReferenceSession session = Closed(
            At("updated", "09:59", "'meter_wh':500"), At("started", "10:00", "'meter_wh':1000"),
            At("ended", "10:30", "'meter_wh':2000"), At("updated", "10:31", "'meter_wh':9000"));
        AssertSession(session, "final", "ParkingInferred ReadingAfterEnd ReadingBeforeStart", 1_000_000, charging: 30, parking: 0, waiting: 0, readings: 2);
    }

    [Fact]
    public void The_first_start_and_the_last_end_bound_the_session()
    {
        ReferenceSession session = Closed(
            At("started", "10:05", "'meter_wh':1500"), At("started", "10:00", "'meter_wh':1000"),
            At("ended", "10:30", "'meter_wh':2000"), At("ended", "10:20", "'meter_wh':1800"));
        AssertSession(session, "final", "ParkingInferred SeveralEnds SeveralStarts", 1_000_000, charging: 30, parking: 0, waiting: 0, readings: 4);
    }

    [Fact]
    public void Without_an_end_a_session_is_open_until_the_policy_closes_it()
    {
        string[] lines = [At("updated", "10:00", "'meter_wh':1000"), At("updated", "10:30", "'meter_wh':2000")];
        ReferenceSession open = ReferenceAssembly.Assemble(lines, closedByPolicy: false);
        AssertSession(open, "open", "ParkingInferred StartMissing", 1_000_000, charging: 30, parking: 0, waiting: 0, readings: 2);
        Assert.Null(open.EndedAt);
        ReferenceSession closed = ReferenceAssembly.Assemble(lines, closedByPolicy: true);
        AssertSession(closed, "final", "ClosedByPolicy ParkingInferred StartMissing", 1_000_000, charging: 30, parking: 0, waiting: 0, readings: 2);
        ReferenceSession ended = ReferenceAssembly.Assemble([.. lines, At("ended", "10:40")], closedByPolicy: true);
        AssertSession(ended, "final", "ParkingInferred StartMissing", 1_000_000, charging: 30, parking: 10, waiting: 0, readings: 2);
    }

    [Fact]
    public void An_open_session_does_not_list_what_only_its_end_can_tell()
    {
        ReferenceSession session = ReferenceAssembly.Assemble([At("started", "10:00"), At("updated", "10:02", "'token_id':'T'")], closedByPolicy: false);
        AssertSession(session, "open", "", null, charging: 2, parking: 0, waiting: 0, readings: 0);
    }

    [Fact]
    public void An_end_before_the_start_holds_the_session()
    {
        ReferenceSession session = Closed(
            At("ended", "09:00", "'meter_wh':50"), At("started", "10:00", "'meter_wh':1000"), At("updated", "10:30", "'meter_wh':2000"));
        AssertSession(session, "held", "NegativeDuration ParkingInferred ReadingBeforeStart", 1_000_000, charging: 0, parking: 0, waiting: 0, readings: 2);
    }

    [Fact]
    public void A_clock_jump_is_more_than_a_minute_against_the_sequence()
    {
        string[] lines = [At("started", "10:00", "'sequence_number':0,'meter_wh':1"), At("ended", "10:30", "'sequence_number':9,'meter_wh':1")];
        Assert.Equal("final", Closed([.. lines, At("updated", "10:05", "'sequence_number':2"), At("updated", "10:06", "'sequence_number':1")]).Status);
        ReferenceSession jumped = Closed([.. lines, At("updated", "10:05", "'sequence_number':2"), At("updated", "10:06:00.001", "'sequence_number':1")]);
        AssertSession(jumped, "held", "ClockJump NoEnergy", 0, charging: 30, parking: 0, waiting: 0, readings: 2);
    }

    [Fact]
    public void More_than_the_connector_can_give_is_implausible()
    {
        string[] hour = [At("started", "10:00", "'meter_wh':0"), At("ended", "11:00", "'meter_wh':22000.5")];
        Assert.Equal("held", ReferenceAssembly.Assemble(hour, false, 22_000m).Status);
        Assert.Equal("final", ReferenceAssembly.Assemble(hour, false, 22_000.5m).Status);
        // Over the whole hour 60 kWh are nothing to 400 kW, but not within a minute: 6.667 kWh, and more than 50 kWh.
        string[] leap = [At("started", "10:00", "'meter_wh':0"), At("updated", "10:01", "'meter_wh':50000.001"), At("ended", "11:00")];
        Assert.Contains("ImplausibleEnergy", Closed(leap).Flags);
        string[] believed = [At("started", "10:00", "'meter_wh':0"), At("updated", "10:01", "'meter_wh':50000"), At("ended", "11:00")];
        Assert.Equal("final", Closed(believed).Status);
    }

    [Fact]
    public void A_session_may_last_as_long_as_is_allowed_and_no_longer()
    {
        string[] lines = [At("started", "10:00", "'meter_wh':0"), At("ended", "12:00", "'meter_wh':5")];
        Assert.Equal("final", ReferenceAssembly.Assemble(lines, false, null, TimeSpan.FromHours(2)).Status);
        ReferenceSession longer = ReferenceAssembly.Assemble(lines, false, null, TimeSpan.FromMinutes(119));
        AssertSession(longer, "held", "ImplausibleDuration ParkingInferred", 5_000, charging: 120, parking: 0, waiting: 0, readings: 2);
    }

    private static ReferenceSession Meters(params int[] values) => Closed(
    [
        .. values.Select((value, i) => At(
            i == 0 ? "started" : i == values.Length - 1 ? "ended" : "updated",
            "10:" + (i * 10).ToString("00", null),
            "'meter_wh':" + value.ToString(System.Globalization.CultureInfo.InvariantCulture))),
    ]);

    internal static ReferenceSession Closed(params string[] lines) => ReferenceAssembly.Assemble(lines, closedByPolicy: true);

    /// <summary>A line with ' for ", on one day.</summary>
    internal static string At(string type, string time, string members = "") =>
        $"{{'type':'{type}','session_id':'s','timestamp':'2026-01-05T{time}{(time.Length == 5 ? ":00" : "")}Z'{(members.Length > 0 ? "," : "")}{members}}}"
            .Replace('\'', '"');

    internal static void AssertSession(
        ReferenceSession session, string status, string flags, long? energyMwh, long charging, long parking, long waiting, int readings)
    {
        Assert.Equal((status, flags), (session.Status, string.Join(' ', session.Flags)));
        Assert.Equal(energyMwh, session.EnergyMwh);
        Assert.Equal((charging * Minute, parking * Minute, waiting * Minute), (session.ChargingNs, session.ParkingNs, session.WaitingNs));
        Assert.Equal(readings, session.Readings);
    }
}
