using System.Text;
using System.Text.Json;

namespace EvBilling.Tests.Reference;

/// <summary>The dead-letter reason of a line, or none: what is looked at first stands first.</summary>
internal static class ReferenceValidation
{
    public const int BytesMax = 64 * 1024;

    private static readonly string[] Types = ["started", "updated", "ended", "completed"];

    public static string? Check(ReadOnlySpan<byte> line) => Read(line, out _);

    public static string? Read(ReadOnlySpan<byte> line, out ReferenceEvent? read)
    {
        read = null;
        if (line.IndexOfAnyExcept(" \t\r\n"u8) < 0) return "Empty";
        if (line.Length > BytesMax) return "TooLarge";
        try
        {
            // The parser passes over bad bytes in texts that nobody asks for; the contract does not.
            new UTF8Encoding(false, true).GetCharCount(line);
            // Nothing in the contract bounds nesting, and 64 KiB do.
            using JsonDocument document = JsonDocument.Parse(line.ToArray(), new JsonDocumentOptions { MaxDepth = BytesMax + 1 });
            if (document.RootElement.ValueKind != JsonValueKind.Object) return "NotAnObject";
            var members = new ReferenceMembers(document.RootElement);
            read = ReferenceOlderMessage.Is(members) ? ReferenceOlderMessage.Read(members).ToEvent() : Event(members);
            return null;
        }
        catch (Exception e) when (e is JsonException or DecoderFallbackException)
        {
            return "NotJson";
        }
        catch (ReferenceRefusal refusal)
        {
            return refusal.Message;
        }
    }

    /// <summary>The line as an older message, or null where it is none; for lines that are not refused.</summary>
    public static ReferenceOlderMessage? ReadOlder(ReadOnlySpan<byte> line)
    {
        using JsonDocument document = JsonDocument.Parse(line.ToArray(), new JsonDocumentOptions { MaxDepth = BytesMax + 1 });
        var members = new ReferenceMembers(document.RootElement);
        return ReferenceOlderMessage.Is(members) ? ReferenceOlderMessage.Read(members) : null;
    }

    /// <summary>The initializer runs as it is written: in the order of the schema's properties.</summary>
    private static ReferenceEvent Event(ReferenceMembers members)
    {
        int type = Array.IndexOf(Types, members.Required("type").AnyText("type"));
        if (type < 0) throw new ReferenceRefusal("UnknownType");
        bool isCompleted = type == (int)ReferenceType.Completed;
        return new ReferenceEvent
        {
            Type = (ReferenceType)type,
            EventId = members.Text("event_id", 1, 64),
            SessionId = members.Required("session_id").Text("session_id", 1, 64)!,
            SequenceNumber = members.Integer("sequence_number"),
            Timestamp = members.RequiredIf(!isCompleted, "timestamp").Time("timestamp"),
            LocationId = members.Text("location_id", 0, 64),
            StationId = members.Text("station_id", 0, 64),
            EvseId = members.Text("evse_id", 0, 64),
            ConnectorId = members.Text("connector_id", 0, 36),
            TariffId = members.Text("tariff_id", 0, 64),
            TokenId = members.Text("token_id", 0, 64),
            ChargingState = members.State("charging_state"),
            TriggerReason = members.Text("trigger_reason", 0, int.MaxValue),
            StoppedReason = members.Text("stopped_reason", 0, int.MaxValue),
            Offline = members.Boolean("offline"),
            Meter = members.Number("meter_wh", 999_999_999_999, false),
            Power = members.Number("power_w", 999_999_999_999, true),
            Current = members.Number("current_a", 999_999_999, true),
            StartedAt = members.RequiredIf(isCompleted, "started_at").Time("started_at"),
            EndedAt = members.RequiredIf(isCompleted, "ended_at").Time("ended_at"),
            ChargingEndedAt = members.Time("charging_ended_at"),
            Energy = members.Number("energy_wh", 999_999_999_999, false),
        };
    }
}

/// <summary>A line is refused; the message is the reason.</summary>
internal sealed class ReferenceRefusal(string reason) : Exception(reason);
