using System.Text;
using System.Text.Json;
using EvBilling.Simulator;
using NodaTime;
using NodaTime.Text;

namespace EvBilling.Tests.Simulator;

/// <summary>An event as a reader of the line sees it.</summary>
internal sealed record SeenEvent(
    string Line,
    string Type,
    string EventId,
    string SessionId,
    int Sequence,
    Instant At,
    string Station,
    string State,
    long MeterWh,
    long? PowerW,
    bool Offline);

/// <summary>A line of the truth.</summary>
internal sealed record SeenTruth(
    string SessionId, Instant StartedAt, Instant EndedAt, long EnergyWh, int ChargingS, int ParkingS, int WaitingS, int Events, string[] Faults);

/// <summary>A fleet's run, read back from its bytes.</summary>
internal sealed class SeenFleet
{
    public required SimulationOptions Options { get; init; }

    public required byte[] Bytes { get; init; }

    public required byte[] TruthBytes { get; init; }

    public required SimulationSummary Summary { get; init; }

    public required SeenEvent[] Events { get; init; }

    public required SeenTruth[] Truth { get; init; }

    /// <summary>A week of 200 stations without faults, and the same with them.</summary>
    public static SeenFleet FaultlessWeek { get; } = Run(new SimulationOptions { Stations = 200, Hours = 168, Seed = 7 });

    public static SeenFleet FieldWeek { get; } = Run(new SimulationOptions { Stations = 200, Hours = 168, Seed = 7, Faults = FaultProfile.Field });

    public static SeenFleet Run(SimulationOptions options)
    {
        using var events = new MemoryStream();
        using var truth = new MemoryStream();
        var summary = new FleetSimulation(options).WriteEvents(events, truth: truth);
        return new SeenFleet
        {
            Options = options,
            Bytes = events.ToArray(),
            TruthBytes = truth.ToArray(),
            Summary = summary,
            Events = [.. Lines(events).Select(ReadEvent)],
            Truth = [.. Lines(truth).Select(ReadTruth)],
        };
    }

    public static string[] Lines(MemoryStream stream) =>
        Encoding.UTF8.GetString(stream.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static SeenEvent ReadEvent(string line)
    {
        using var document = JsonDocument.Parse(line);
        var e = document.RootElement;
        return new SeenEvent(
            line,
            Text(e, "type"),
            Text(e, "event_id"),
            Text(e, "session_id"),
            e.GetProperty("sequence_number").GetInt32(),
            At(e, "timestamp"),
            Text(e, "station_id"),
            Text(e, "charging_state"),
            e.GetProperty("meter_wh").GetInt64(),
            e.TryGetProperty("power_w", out var power) ? power.GetInt64() : null,
            e.TryGetProperty("offline", out var offline) && offline.GetBoolean());
    }

    private static SeenTruth ReadTruth(string line)
    {
        using var document = JsonDocument.Parse(line);
        var t = document.RootElement;
        return new SeenTruth(
            Text(t, "session_id"),
            At(t, "started_at"),
            At(t, "ended_at"),
            t.GetProperty("energy_wh").GetInt64(),
            t.GetProperty("charging_s").GetInt32(),
            t.GetProperty("parking_s").GetInt32(),
            t.GetProperty("waiting_s").GetInt32(),
            t.GetProperty("events").GetInt32(),
            [.. t.GetProperty("faults").EnumerateArray().Select(fault => fault.GetString()!)]);
    }

    private static string Text(JsonElement element, string member) => element.GetProperty(member).GetString()!;

    private static Instant At(JsonElement element, string member) => InstantPattern.General.Parse(Text(element, member)).Value;
}
