using System.Collections.Concurrent;
using System.Text;
using CsCheck;

namespace EvBilling.Tests.Reference;

/// <summary>The generators reach what they are there to reach, and the reference keeps its own promises on all of it.</summary>
public class GeneratorTests
{
    [Fact]
    public void Generated_sessions_are_valid_and_of_one_session() =>
        SessionGenerator.Session.Sample(
            session => session.Lines.All(line => ReferenceEvent.Parse(Encoding.UTF8.GetBytes(line)).SessionId == "s"),
            iter: 1000);

    [Fact]
    public void Neither_the_order_of_arrival_nor_repetition_changes_a_session() =>
        SessionGenerator.SessionTwice.Sample(
            (session, again) => Assemble(session).ToString() == Assemble(session with { Lines = again }).ToString(),
            iter: 1000);

    [Fact]
    public void The_times_add_up_to_the_session() =>
        SessionGenerator.Session.Sample(
            session =>
            {
                ReferenceSession assembled = Assemble(session);
                long sum = assembled.ChargingNs + assembled.ParkingNs + assembled.WaitingNs;
                Assert.True(assembled.ChargingNs >= 0 && assembled.ParkingNs >= 0 && assembled.WaitingNs >= 0);
                if (assembled.EndedAt is long end) Assert.Equal(Math.Max(0, end - assembled.StartedAt), sum);
                Assert.Equal(assembled.EndedAt is null, assembled.Status == "open");
            },
            iter: 1000);

    [Fact]
    public void Every_flag_and_status_occurs_among_generated_sessions()
    {
        string[] expected =
        [
            "ChargingEndOutside", "ClockJump", "ClosedByPolicy", "ConflictingDuplicate", "ImplausibleDuration", "ImplausibleEnergy", "MeterReset",
            "NegativeDuration", "NoEnergy", "NoReadings", "ParkingInferred", "ReadingAfterEnd", "ReadingBeforeStart", "ReadingGlitch", "SeveralConnectors",
            "SeveralEnds", "SeveralStarts", "SeveralTariffs", "SeveralTokens", "StartMissing", "StartReadingMissing", "final", "held", "open",
        ];
        var counts = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        SessionGenerator.Session.Sample(
            session =>
            {
                ReferenceSession assembled = Assemble(session);
                foreach (string name in assembled.Flags.Append(assembled.Status)) counts.AddOrUpdate(name, 1, (_, count) => count + 1);
            },
            iter: 5000);
        Assert.Equal(expected, counts.Keys.Order(StringComparer.Ordinal));
        Report(counts);
    }

    [Fact]
    public void Every_reason_occurs_among_generated_lines()
    {
        var counts = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        LineGenerator.Line.Sample(line => counts.AddOrUpdate(ReferenceValidation.Check(line) ?? "valid", 1, (_, count) => count + 1) > 0, iter: 30_000);
        Report(counts);
        string[] members =
        [
            "event_id", "session_id", "sequence_number", "timestamp", "location_id", "station_id", "evse_id", "connector_id", "tariff_id", "token_id",
            "charging_state",
            "trigger_reason", "stopped_reason", "meter_wh", "power_w", "current_a", "started_at", "ended_at", "charging_ended_at", "energy_wh",
        ];
        string[] older = ["charger_id", "start_time", "end_time", "energy_consumed", "phone_number", "email"];
        string[] expected =
        [
            "MissingMember:start_time", "MissingMember:end_time", "MissingMember:energy_consumed",
            .. older.Select(name => "WrongType:" + name), .. older.Select(name => "OutOfRange:" + name),
            "valid", "Empty", "TooLarge", "NotJson", "NotAnObject", "MissingMember:type", "WrongType:type", "UnknownType", "WrongType:offline",
            "MissingMember:session_id", "MissingMember:timestamp", "MissingMember:started_at", "MissingMember:ended_at",
            .. members.Select(name => "WrongType:" + name), .. members.Select(name => "OutOfRange:" + name),
        ];
        Assert.Equal(expected.Order(StringComparer.Ordinal), counts.Keys.Order(StringComparer.Ordinal));
    }

    private static ReferenceSession Assemble(GeneratedSession session) =>
        ReferenceAssembly.Assemble(session.Lines, session.ClosedByPolicy, session.MaxPowerW, session.MaxSession);

    private static void Report(ConcurrentDictionary<string, int> counts) => TestContext.Current.TestOutputHelper?.WriteLine(
        string.Join('\n', counts.OrderByDescending(pair => pair.Value).Select(pair => $"{pair.Value,6} {pair.Key}")));
}
