using EvBilling.Simulator;
using NodaTime;

namespace EvBilling.Tests.Simulator;

public sealed class FleetTests
{
    private static readonly SeenFleet Week = SeenFleet.FaultlessWeek;

    private static readonly SeenEvent[][] Sessions = [.. Week.Events.GroupBy(e => e.SessionId).Select(events => events.ToArray())];

    private static readonly Dictionary<string, LocationsTests.Connector> Connectors = LocationsTests.ConnectorsOf(Week.Options);

    [Fact]
    public void A_session_has_about_21_events() => Assert.InRange(Week.Events.Length * 10 / Sessions.Length, 200, 225);

    [Fact]
    public void An_event_has_about_350_bytes() => Assert.InRange(Week.Bytes.Length / Week.Events.Length, 300, 400);

    [Fact]
    public void The_demo_fleet_ends_clearly_more_than_20_sessions_a_day()
    {
        Assert.InRange(Ended(1), 60, 120);
        Assert.All(Enumerable.Range(2, 30), seed => Assert.True(Ended(seed) > 40, $"seed {seed}: {Ended(seed)}"));

        static long Ended(long seed) =>
            new FleetSimulation(new SimulationOptions { Stations = 25, Hours = 24, Seed = seed, Faults = FaultProfile.Field })
                .WriteEvents(Stream.Null).SessionsEnded;
    }

    [Fact]
    public void Events_arrive_in_order_of_time_then_station_then_sequence_without_faults() =>
        Assert.Equal(
            Week.Events.OrderBy(e => e.At).ThenBy(e => e.Station, StringComparer.Ordinal).ThenBy(e => e.Sequence).Select(e => e.Line),
            Week.Events.Select(e => e.Line));

    [Fact]
    public void All_events_happen_within_the_simulated_time() =>
        Assert.All(Week.Events, e => Assert.True(e.At >= Week.Options.Start && e.At < Week.Options.Start + Duration.FromHours(Week.Options.Hours)));

    [Fact]
    public void A_session_starts_with_sequence_0_counts_on_and_ends_once() =>
        Assert.All(Sessions, events =>
        {
            Assert.Equal(Enumerable.Range(0, events.Length), events.Select(e => e.Sequence));
            Assert.Equal(events.Length, events.Select(e => e.EventId).Distinct().Count());
            Assert.Equal("started", events[0].Type);
            Assert.All(events.Skip(1).SkipLast(1), e => Assert.Equal("updated", e.Type));
            Assert.True(events.Zip(events.Skip(1)).All(pair => pair.First.At < pair.Second.At));
        });

    [Fact]
    public void Meter_values_that_tell_nothing_new_come_at_most_every_minute() =>
        Assert.All(Sessions, events =>
        {
            // AC stations report by the clock: their first report may follow a change of state at once.
            for (int at = 2; at < events.Length - 1; at++)
            {
                bool bothPeriodic = IsPeriodic(events[at]) && IsPeriodic(events[at - 1]);
                Assert.False(bothPeriodic && events[at].At - events[at - 1].At < Duration.FromMinutes(1), events[at].Line);
            }

            static bool IsPeriodic(SeenEvent e) => e.Line.Contains("MeterValue", StringComparison.Ordinal);
        });

    [Fact]
    public void A_register_never_falls_and_goes_on_over_a_stations_sessions() =>
        Assert.All(Week.Events.GroupBy(e => e.Station), events =>
            Assert.True(events.Zip(events.Skip(1)).All(pair =>
                pair.First.MeterWh <= pair.Second.MeterWh && (pair.Second.Type != "started" || pair.First.MeterWh == pair.Second.MeterWh))));

    [Fact]
    public void Energy_never_exceeds_the_connectors_power_times_the_time() =>
        Assert.All(Sessions, events =>
        {
            long powerW = Connectors[events[0].Station].MaxPowerW;
            for (int at = 1; at < events.Length; at++)
            {
                long seconds = (long)(events[at].At - events[at - 1].At).TotalSeconds;
                Assert.True((events[at].MeterWh - events[at - 1].MeterWh - 1) * 3600 <= powerW * seconds, events[at].Line);
                Assert.InRange(events[at].PowerW ?? 0, 0, powerW);
            }

            // The billing rule takes a session for at least a minute.
            long wholeS = Math.Max(60, (long)(events[^1].At - events[0].At).TotalSeconds);
            Assert.True((events[^1].MeterWh - events[0].MeterWh) * 3600 <= powerW * wholeS, events[^1].Line);
        });

    [Fact]
    public void Energy_flows_while_charging_and_only_then() =>
        Assert.All(Sessions, events =>
        {
            for (int at = 1; at < events.Length; at++)
            {
                bool rose = events[at].MeterWh > events[at - 1].MeterWh;
                Assert.True(rose == (events[at - 1].State == "Charging") || events[at].At - events[at - 1].At < Duration.FromSeconds(10), events[at].Line);
            }
        });

    [Fact]
    public void Sessions_on_one_connector_never_overlap() =>
        Assert.All(Sessions.GroupBy(events => events[0].Station), sessions =>
            Assert.True(sessions.Zip(sessions.Skip(1)).All(pair => pair.First[^1].Type == "ended" && pair.First[^1].At < pair.Second[0].At)));

    [Fact]
    public void The_truth_is_what_a_faultless_fleet_reports()
    {
        var truth = Week.Truth.ToDictionary(t => t.SessionId);
        Assert.All(Sessions, events =>
        {
            Assert.Equal(events[^1].Type == "ended", truth.TryGetValue(events[0].SessionId, out var t));
            if (t is null)
            {
                return;
            }

            Assert.Equal((events[0].At, events[^1].At, events.Length), (t.StartedAt, t.EndedAt, t.Events));
            Assert.Equal(events[^1].MeterWh - events[0].MeterWh, t.EnergyWh);
            Assert.Equal((t.EndedAt - t.StartedAt).TotalSeconds, t.ChargingS + t.ParkingS + t.WaitingS);
            Assert.Equal(SecondsIn(events, "Charging"), t.ChargingS);
            Assert.Equal(SecondsIn(events, "SuspendedEV"), t.ParkingS);
            Assert.Equal(SecondsIn(events, "EVConnected") + SecondsIn(events, "SuspendedEVSE"), t.WaitingS);
            Assert.Empty(t.Faults);
        });
        Assert.Equal(Week.Summary.SessionsEnded, truth.Count);
        Assert.Equal(Week.Summary.Sessions, Sessions.Length);

        static double SecondsIn(SeenEvent[] events, string state) =>
            events.Zip(events.Skip(1)).Where(pair => pair.First.State == state).Sum(pair => (pair.Second.At - pair.First.At).TotalSeconds);
    }

    [Fact]
    public void Every_charging_state_occurs() =>
        Assert.Equal(
            ["Charging", "EVConnected", "Idle", "SuspendedEV", "SuspendedEVSE"],
            Week.Events.Select(e => e.State).Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public void Cars_come_to_work_in_the_morning_and_home_in_the_evening()
    {
        // 1 June 2026 is a Monday; the clocks of this fleet stand at UTC+1 or +2.
        var options = Week.Options with { Start = Instant.FromUtc(2026, 6, 1, 0, 0), Hours = 120 };
        var starts = SeenFleet.Run(options).Events.Where(e => e.Type == "started").ToLookup(e => KindOf(options, e.Station), e => e.At.InUtc().Hour);
        Assert.True(Share(starts[SiteKind.WorkAc], 4, 9) > 70);
        Assert.True(Share(starts[SiteKind.HomeAc], 13, 21) > 60);
        Assert.True(Share(starts[SiteKind.Dc300], 5, 18) > 75);

        static int Share(IEnumerable<int> hours, int from, int to) => hours.Count(hour => hour >= from && hour <= to) * 100 / hours.Count();

        static SiteKind KindOf(SimulationOptions options, string station)
        {
            int index = int.Parse(station.AsSpan(3)) - 1;
            return SitePlan.Deal(options.Stations, options.Seed).Single(s => index >= s.FirstStation && index < s.FirstStation + s.Stations).Profile.Kind;
        }
    }
}
