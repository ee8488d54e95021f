using System.Text;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;

namespace EvBilling.Simulator;

/// <summary>A shard's progress as JSON: the value of its record.</summary>
public static class ShardProgressJson
{
    private static readonly InstantPattern Pattern = InstantPattern.General;

    /// <summary>One object in one line.</summary>
    public static string Write(ShardProgress progress)
    {
        ArgumentNullException.ThrowIfNull(progress);
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("fleet_start", Pattern.Format(progress.FleetStart));
            json.WriteString("delivered_until", Pattern.Format(progress.DeliveredUntil));
            json.WriteString("live_until", Pattern.Format(progress.LiveUntil));
            if (progress.Away is { } away)
            {
                json.WriteString("away_from", Pattern.Format(away.Start));
                json.WriteString("away_until", Pattern.Format(away.End));
            }

            json.WriteNumber("epoch", progress.Epoch);
            json.WriteString("run", progress.Run);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    /// <summary>Reads what <see cref="Write"/> wrote; members that it does not know are passed over.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static ShardProgress Read(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var progress = document.RootElement;
            return new ShardProgress
            {
                FleetStart = Time(progress, "fleet_start"),
                DeliveredUntil = Time(progress, "delivered_until"),
                LiveUntil = Time(progress, "live_until"),
                Away = progress.TryGetProperty("away_from", out _) ? new Interval(Time(progress, "away_from"), Time(progress, "away_until")) : null,
                Epoch = progress.GetProperty("epoch").GetInt64(),
                Run = progress.GetProperty("run").GetString() ?? throw new FormatException("run is null"),
            };
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException or UnparsableValueException)
        {
            throw new FormatException(e.Message, e);
        }
    }

    private static Instant Time(JsonElement progress, string member) => Pattern.Parse(progress.GetProperty(member).GetString() ?? "").Value;
}
