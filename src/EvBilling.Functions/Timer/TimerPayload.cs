using System.Text.Json;
using NodaTime;
using NodaTime.Text;

namespace EvBilling.Functions.Timer;

/// <summary>What the host sends when the timer fires: <c>{"Data":{"timer":{"ScheduleStatus":{"Last":...},"IsPastDue":...}},"Metadata":...}</c>.</summary>
/// <param name="Last">The tick before, as the host has kept it; null = it keeps none. Long ago where the timer has never fired.</param>
internal sealed record TimerPayload(Instant? Last, bool IsPastDue)
{
    /// <summary>The binding's name in function.json.</summary>
    private const string Binding = "timer";

    /// <exception cref="RefusalException">It is no such payload, or a date in it is none.</exception>
    public static TimerPayload Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var timer = Object(Object(document.RootElement, "Data"), Binding);
            if (timer is null)
            {
                throw NotATimer();
            }
            var status = Object(timer, "ScheduleStatus");
            var last = status is { } dates ? Date(dates, "Last") : null;
            // The others decide nothing, but a payload that is wrong in one place is not to be believed in another.
            if (status is { } others)
            {
                Date(others, "Next");
                Date(others, "LastUpdated");
            }
            return new(last, Boolean(timer.Value, "IsPastDue"));
        }
        catch (JsonException)
        {
            throw NotATimer();
        }
    }

    // An object, or one as text: the host passes some triggers' data as that.
    private static JsonElement? Object(JsonElement? parent, string name)
    {
        if (parent is not { ValueKind: JsonValueKind.Object } has || !has.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }
        if (value.ValueKind == JsonValueKind.String)
        {
            using var document = JsonDocument.Parse(value.GetString()!);
            value = document.RootElement.Clone();
        }
        return value.ValueKind == JsonValueKind.Object ? value : throw NotATimer();
    }

    private static bool Boolean(JsonElement timer, string name)
    {
        if (!timer.TryGetProperty(name, out var value))
        {
            return false;
        }
        return value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw NotATimer();
    }

    // With an offset, or without one and then UTC, as .NET writes dates.
    private static Instant? Date(JsonElement status, string name)
    {
        if (!status.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }
        if (value.ValueKind == JsonValueKind.String)
        {
            var text = value.GetString()!;
            if (OffsetDateTimePattern.ExtendedIso.Parse(text) is { Success: true, Value: var withOffset })
            {
                return withOffset.ToInstant();
            }
            if (LocalDateTimePattern.ExtendedIso.Parse(text) is { Success: true, Value: var local })
            {
                return local.InUtc().ToInstant();
            }
        }
        throw new RefusalException(Refusal.MalformedDate, $"ScheduleStatus.{name} of the timer's payload is no date and time; nothing was changed.");
    }

    private static RefusalException NotATimer() => new(Refusal.NotATimer, $"The payload is none of a timer trigger named {Binding}; nothing was changed.");
}
