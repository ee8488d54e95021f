using System.Text.Json;
using EvBilling.Simulator;
using NodaTime;

namespace EvBilling.Tests.Simulator;

public sealed class FaultTests
{
    private static readonly SeenFleet Field = SeenFleet.FieldWeek;

    private static readonly string[] Kinds =
        ["Duplicate", "LostStart", "LostStateChange", "LostStop", "LostUpdate", "MeterReset", "Offline", "Reordered"];

    [Fact]
    public void Every_kind_of_fault_occurs_in_the_field()
    {
        var summary = Field.Summary;
        Assert.All(
            new[] { summary.Duplicates, summary.Late, summary.Reordered, summary.LostStops, summary.LostStarts, summary.LostUpdates, summary.MeterResets },
            count => Assert.True(count > 0));
        Assert.Equal(Kinds, Field.Truth.SelectMany(t => t.Faults).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void No_fault_occurs_without_faults()
    {
        var summary = SeenFleet.FaultlessWeek.Summary;
        Assert.Equal(
            summary with { Duplicates = 0, Late = 0, Reordered = 0, LostStops = 0, LostStarts = 0, LostUpdates = 0, MeterResets = 0 },
            summary);
        Assert.DoesNotContain(SeenFleet.FaultlessWeek.Events, e => e.Offline);
    }

    [Fact]
    public void Faults_come_at_about_their_documented_rates()
    {
        var summary = new FleetSimulation(Field.Options with { Stations = 2_000 }).WriteEvents(
            Stream.Null, cancellation: TestContext.Current.CancellationToken);
        AssertRate(FaultRates.DuplicatePerMyriadEvents, summary.Duplicates, summary.Events);
        AssertRate(FaultRates.ReorderedPerMyriadEvents, summary.Reordered, summary.Events);
        AssertRate(FaultRates.LostStopPerMyriadSessions, summary.LostStops, summary.SessionsEnded);
        AssertRate(FaultRates.LostStartPerMyriadSessions, summary.LostStarts, summary.Sessions);
        AssertRate(FaultRates.LostUpdatePerMyriadSessions, summary.LostUpdates, summary.Sessions);
        AssertRate(FaultRates.MeterResetPerMyriadSessions, summary.MeterResets, summary.Sessions);

        static void AssertRate(int perMyriad, long count, long of) => Assert.InRange(count * 10_000 / of, perMyriad * 3 / 4, (perMyriad * 5 / 4) + 1);
    }

    [Fact]
    public void The_same_sessions_happen_with_faults_and_without() =>
        Assert.Equal(
            SeenFleet.FaultlessWeek.Truth,
            Field.Truth.Select(t => t with { Faults = [] }),
            (left, right) => left with { Faults = right.Faults } == right);

    [Fact]
    public void A_copy_has_the_same_content_under_the_same_identity()
    {
        var groups = Field.Events.GroupBy(e => (e.SessionId, e.EventId)).Where(copies => copies.Count() > 1).ToArray();
        Assert.Equal(Field.Summary.Duplicates, groups.Length);
        Assert.All(groups, copies => Assert.Single(copies.Select(Content).Distinct()));
        Assert.Contains(groups, copies => copies.Select(e => e.Line).Distinct().Count() == 1);
        Assert.Contains(groups, copies => copies.Select(e => e.Line).Distinct().Count() == 2);

        static string Content(SeenEvent e)
        {
            using var document = JsonDocument.Parse(e.Line);
            var content = document.RootElement.EnumerateObject().Where(m => m.Name != "offline").OrderBy(m => m.Name, StringComparer.Ordinal);
            return string.Join(',', content.Select(m => $"{m.Name}={m.Value}"));
        }
    }

    [Fact]
    public void What_is_lost_is_never_sent_and_all_else_is()
    {
        var sent = Field.Events.ToLookup(e => e.SessionId);
        Assert.All(Field.Truth, t =>
        {
            string[] types = [.. sent[t.SessionId].DistinctBy(e => e.EventId).Select(e => e.Type)];
            Assert.Equal(!t.Faults.Contains("LostStart"), types.Contains("started"));
            Assert.Equal(!t.Faults.Contains("LostStop"), types.Contains("ended"));
            Assert.Equal(t.Events - t.Faults.Count(fault => fault.StartsWith("Lost", StringComparison.Ordinal)), types.Length);
        });
    }

    [Fact]
    public void An_outage_delivers_events_hours_late_and_marks_them()
    {
        var newest = Instant.MinValue;
        var late = new List<SeenEvent>();
        foreach (var e in Field.Events)
        {
            newest = Instant.Max(newest, e.At);
            if (newest - e.At > Duration.FromMinutes(30))
            {
                late.Add(e);
            }
        }

        Assert.All(late, e => Assert.True(e.Offline));
        Assert.InRange(late.Count, 1, Field.Summary.Late + Field.Summary.Duplicates);
        Assert.Contains(late, e => e.Type == "ended");
    }

    [Fact]
    public void A_restarted_register_still_shows_all_energy_as_its_increases()
    {
        var sent = Field.Events.ToLookup(e => e.SessionId);
        var restarted = Field.Truth.Where(t => t.Faults.Contains("MeterReset")).ToArray();
        Assert.NotEmpty(restarted);
        Assert.All(restarted, t =>
        {
            long[] readings = [.. sent[t.SessionId].DistinctBy(e => e.EventId).OrderBy(e => e.At).Select(e => e.MeterWh)];
            int falls = readings.Zip(readings.Skip(1)).Count(pair => pair.Second < pair.First);
            long energyWh = readings.Zip(readings.Skip(1)).Sum(pair => pair.Second >= pair.First ? pair.Second - pair.First : pair.Second);
            Assert.Equal((1, t.EnergyWh), (falls, energyWh));

            // Nothing after the fall comes near the value before it: it cannot be taken for a glitch.
            int fall = Enumerable.Range(1, readings.Length - 1).Single(at => readings[at] < readings[at - 1]);
            Assert.True(readings[^1] < readings[fall - 1]);
            Assert.True(fall < readings.Length - 1);
        });
    }
}
