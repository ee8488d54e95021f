using System.Collections.Immutable;
using System.Text.Json;
using EvBilling.Tariffs;

namespace EvBilling.Billing.Ocpi;

/// <summary>The restrictions of an element of a CDR's tariff (OCPI 2.2.1 mod_tariffs 1.4.6, TariffRestrictions).</summary>
internal static class CdrRestrictions
{
    private static readonly string[] Times = ["start_time", "end_time"];
    private static readonly string[] Dates = ["start_date", "end_date"];

    private static readonly string[] Numbers =
        ["min_kwh", "max_kwh", "min_current", "max_current", "min_power", "max_power", "min_duration", "max_duration"];

    public static bool AreNeverFulfilled(JsonElement restrictions) =>
        RestrictionsReader.Read(new OcpiJson(restrictions, "", ImmutableArray.CreateBuilder<TariffFinding>())) is { IsNeverFulfilled: true };

    /// <summary>The members that really restrict: known, and neither null nor an empty list.</summary>
    public static IReadOnlyList<JsonProperty> Stated(JsonElement restrictions) =>
        restrictions.ValueKind == JsonValueKind.Object
            ? [.. restrictions.EnumerateObject().Where(member => IsKnown(member.Name) && member.Value.ValueKind != JsonValueKind.Null && !IsEmptyList(member.Value))]
            : [];

    /// <summary>Writes the member <c>restrictions</c>; nothing where there are none.</summary>
    public static void Write(Utf8JsonWriter writer, IReadOnlyList<JsonProperty> stated)
    {
        if (stated.Count == 0)
        {
            return;
        }
        writer.WriteStartObject("restrictions"u8);
        foreach (var member in stated)
        {
            Write(writer, member.Name, member.Value);
        }
        writer.WriteEndObject();
    }

    private static bool IsKnown(string name) =>
        Times.Contains(name) || Dates.Contains(name) || Numbers.Contains(name) || name is "day_of_week" or "reservation";

    private static void Write(Utf8JsonWriter writer, string name, JsonElement value)
    {
        if (Numbers.Contains(name) && CdrTariff.Number(value) is { } number)
        {
            writer.WriteNumber(name, number);
            return;
        }
        if (value.ValueKind == JsonValueKind.Array)
        {
            writer.WriteStartArray(name);
            foreach (var day in value.EnumerateArray())
            {
                if (CdrTariff.Text(day) is { } weekday)
                {
                    writer.WriteStringValue(weekday.ToUpperInvariant());
                }
            }
            writer.WriteEndArray();
            return;
        }
        var text = CdrTariff.Text(value);
        writer.WriteString(name, Times.Contains(name) ? TimeOfDay(text) : text?.ToUpperInvariant());
    }

    // "9:00" lacks a digit, and OCPI's clock has no 24:00: as an end, 00:00 is the same.
    private static string? TimeOfDay(string? text) => text switch
    {
        "24:00" => "00:00",
        { Length: 4 } => "0" + text,
        _ => text,
    };

    private static bool IsEmptyList(JsonElement value) => value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0;
}
