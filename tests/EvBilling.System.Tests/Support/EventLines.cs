using System.Globalization;
using System.Text.Json.Nodes;

namespace EvBilling.SystemTests.Support;

/// <summary>Lines of charging events, with minutes since 2026-01-05T10:00:00Z as times.</summary>
internal static class EventLines
{
    private static readonly DateTimeOffset Start = new(2026, 1, 5, 10, 0, 0, TimeSpan.Zero);

    /// <summary>2026-01-05T10:00:00Z in nanoseconds since 1970.</summary>
    public static long StartNs { get; } = Start.ToUnixTimeSeconds() * 1_000_000_000;

    public static string Time(double minute) => Start.AddMinutes(minute).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    /// <param name="more">Other members; a null value is left out.</param>
    public static string Line(string type, string session, double minute, long? meterWh = null, params (string Name, object? Value)[] more)
    {
        var line = new JsonObject { ["type"] = type, ["session_id"] = session, ["timestamp"] = Time(minute), ["charging_state"] = "Charging" };
        if (meterWh is { } wh)
        {
            line["meter_wh"] = wh;
        }
        foreach (var (name, value) in more)
        {
            line[name] = JsonValue.Create(value);
        }
        return line.ToJsonString();
    }

    /// <summary>A whole session of 1 hour and 10 kWh.</summary>
    public static string[] Session(string id, double minute = 0, params (string Name, object? Value)[] more) =>
    [
        Line("started", id, minute, 1000, more),
        Line("updated", id, minute + 30, 6000),
        Line("ended", id, minute + 60, 11_000),
    ];

    public static string Text(params IEnumerable<string> lines) => string.Concat(lines.Select(line => line + "\n"));
}
