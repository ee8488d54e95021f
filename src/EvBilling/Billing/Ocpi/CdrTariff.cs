using System.Runtime.InteropServices;
using System.Text.Json;

namespace EvBilling.Billing.Ocpi;

/// <summary>
/// A tariff as a CDR of OCPI 2.2.1 carries it (mod_tariffs 1.3.1): what was read, number for number, without what 2.2.1 does not know, so that whoever reprices
/// the CDR comes to its total. Spelling is mended where reading was lenient (rule <c>lenient</c>): numbers written as texts, small letters, null for absent, a
/// missing step_size. What never applies is left out: components of an unknown dimension, elements with a restriction that can't be understood.
/// </summary>
internal sealed class CdrTariff
{
    private const int TariffIdLength = 36;
    private const int UrlLength = 255;

    private static readonly string[] Types = ["AD_HOC_PAYMENT", "PROFILE_CHEAP", "PROFILE_FAST", "PROFILE_GREEN", "REGULAR"];
    private static readonly string[] Dimensions = ["ENERGY", "FLAT", "PARKING_TIME", "TIME"];

    private readonly JsonElement _json;

    private CdrTariff(JsonElement json) => _json = json;

    public string Id => OcpiId.Of(Text(_json, "id") ?? "", TariffIdLength);

    public string? CountryCode => OcpiText.CountryCode(Text(_json, "country_code"));

    public string? PartyId => OcpiText.PartyId(Text(_json, "party_id"));

    /// <summary>Required by OCPI; a tariff that states none is as old as the time from which it is in force.</summary>
    public string? LastUpdated => OcpiText.Time(Text(_json, "last_updated")) ?? OcpiText.Time(Text(_json, "start_date_time"));

    /// <summary>
    /// The tariff of a JSON object; null if the text is empty, or if OCPI 2.2.1, whose prices and bounds are without VAT, cannot state it (2.3.0: tax_included YES).
    /// </summary>
    /// <exception cref="ArgumentException">The text is no JSON object.</exception>
    public static CdrTariff? Read(ReadOnlyMemory<byte> utf8Json)
    {
        if (utf8Json.IsEmpty)
        {
            return null;
        }
        JsonElement json;
        try
        {
            using var document = JsonDocument.Parse(utf8Json);
            json = document.RootElement.Clone();
        }
        catch (JsonException exception)
        {
            throw new ArgumentException("The tariff is not JSON.", nameof(utf8Json), exception);
        }
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw new ArgumentException("The tariff is no JSON object.", nameof(utf8Json));
        }
        var cannotBeStated = string.Equals(Text(json, "tax_included"), "YES", StringComparison.OrdinalIgnoreCase)
            || IsOnlyWithVat(Member(json, "min_price")) || IsOnlyWithVat(Member(json, "max_price"));
        return cannotBeStated ? null : new CdrTariff(json);
    }

    /// <summary>Writes the object.</summary>
    /// <param name="countryCode">That of the CDR, for a tariff that states none; likewise the party.</param>
    /// <param name="lastUpdated">For a tariff that states none.</param>
    public void Write(Utf8JsonWriter writer, string countryCode, string partyId, string lastUpdated)
    {
        writer.WriteStartObject();
        writer.WriteString("country_code"u8, CountryCode ?? countryCode);
        writer.WriteString("party_id"u8, PartyId ?? partyId);
        writer.WriteString("id"u8, Id);
        writer.WriteString("currency"u8, Text(_json, "currency")?.ToUpperInvariant());
        WriteText(writer, "type", OneOf(Types, Text(_json, "type")));
        WriteAltTexts(writer);
        WriteText(writer, "tariff_alt_url", Text(_json, "tariff_alt_url") is { Length: <= UrlLength } url ? url : null);
        WriteLimit(writer, "min_price");
        WriteLimit(writer, "max_price");
        writer.WriteStartArray("elements"u8);
        // Where no tax applies (2.3.0: tax_included N/A), OCPI 2.2.1 has no VAT at all.
        var isTaxed = !string.Equals(Text(_json, "tax_included"), "N/A", StringComparison.OrdinalIgnoreCase);
        foreach (var element in Items(_json, "elements"))
        {
            WriteElement(writer, element, isTaxed);
        }
        writer.WriteEndArray();
        WriteText(writer, "start_date_time", OcpiText.Time(Text(_json, "start_date_time")));
        WriteText(writer, "end_date_time", OcpiText.Time(Text(_json, "end_date_time")));
        if (Member(_json, "energy_mix") is { ValueKind: JsonValueKind.Object } mix && IsUnicode(mix))
        {
            writer.WritePropertyName("energy_mix"u8);
            mix.WriteTo(writer);
        }
        writer.WriteString("last_updated"u8, LastUpdated ?? lastUpdated);
        writer.WriteEndObject();
    }

    private void WriteAltTexts(Utf8JsonWriter writer)
    {
        var texts = Items(_json, "tariff_alt_text").Select(item => (Language: Text(item, "language"), Text: Text(item, "text")))
            .Where(text => text.Language is not null && text.Text is not null).ToList();
        if (texts.Count == 0)
        {
            return;
        }
        writer.WriteStartArray("tariff_alt_text"u8);
        foreach (var (language, text) in texts)
        {
            writer.WriteStartObject();
            writer.WriteString("language"u8, language);
            writer.WriteString("text"u8, OcpiText.Cut(text, 512));
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    // A bound in OCPI 2.2.1 is a Price, in 2.3.0 a PriceLimit, before that a number.
    private void WriteLimit(Utf8JsonWriter writer, string name)
    {
        var limit = Member(_json, name);
        if (ExclVat(limit) is not { } exclVat)
        {
            return;
        }
        writer.WriteStartObject(name);
        writer.WriteNumber("excl_vat"u8, exclVat);
        if (InclVat(limit) is { } inclVat)
        {
            writer.WriteNumber("incl_vat"u8, inclVat);
        }
        writer.WriteEndObject();
    }

    private static decimal? ExclVat(JsonElement limit) => Number(limit) ?? Number(Member(limit, "excl_vat")) ?? Number(Member(limit, "before_taxes"));

    private static decimal? InclVat(JsonElement limit) => Number(Member(limit, "incl_vat")) ?? Number(Member(limit, "after_taxes"));

    private static bool IsOnlyWithVat(JsonElement limit) => ExclVat(limit) is null && InclVat(limit) is not null;

    private static void WriteElement(Utf8JsonWriter writer, JsonElement element, bool isTaxed)
    {
        var components = Items(element, "price_components").Where(component => OneOf(Dimensions, Text(component, "type")) is not null).ToList();
        var restrictions = CdrRestrictions.Stated(Member(element, "restrictions"));
        if (components.Count == 0 || CdrRestrictions.AreNeverFulfilled(Member(element, "restrictions")))
        {
            return;
        }
        writer.WriteStartObject();
        writer.WriteStartArray("price_components"u8);
        foreach (var component in components)
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, OneOf(Dimensions, Text(component, "type")));
            writer.WriteNumber("price"u8, Number(Member(component, "price")) ?? 0);
            if (isTaxed && Number(Member(component, "vat")) is { } vat)
            {
                writer.WriteNumber("vat"u8, vat);
            }
            writer.WriteNumber("step_size"u8, Number(Member(component, "step_size")) ?? 0);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        CdrRestrictions.Write(writer, restrictions);
        writer.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter writer, string name, string? text)
    {
        if (text is not null)
        {
            writer.WriteString(name, text);
        }
    }

    private static string? OneOf(string[] values, string? text) => Array.Find(values, value => string.Equals(value, text, StringComparison.OrdinalIgnoreCase));

    internal static JsonElement Member(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var member) ? member : default;

    private static List<JsonElement> Items(JsonElement parent, string name) =>
        Member(parent, name) is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray()] : [];

    private static string? Text(JsonElement parent, string name) => Text(Member(parent, name));

    /// <summary>A text that is not empty; null for all else, half a surrogate pair included.</summary>
    internal static string? Text(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String || !IsUnicode(value))
        {
            return null;
        }
        return value.GetString() is { Length: > 0 } text ? text : null;
    }

    /// <summary>A number, or a text that is one, from its digits.</summary>
    internal static decimal? Number(JsonElement value)
    {
        if (value.ValueKind is not (JsonValueKind.Number or JsonValueKind.String))
        {
            return null;
        }
        var raw = JsonMarshal.GetRawUtf8Value(value);
        var digits = value.ValueKind == JsonValueKind.String ? raw[1..^1].Trim((byte)' ') : raw;
        return Exact.TryParse(digits, out var number) == NumberReading.Read ? number : null;
    }

    private static bool IsUnicode(JsonElement value)
    {
        try
        {
            return value.ValueKind switch
            {
                JsonValueKind.String => value.GetString() is not null,
                JsonValueKind.Array => value.EnumerateArray().All(IsUnicode),
                JsonValueKind.Object => value.EnumerateObject().All(member => member.Name is not null && IsUnicode(member.Value)),
                _ => true,
            };
        }
        catch (InvalidOperationException)
        {
            // System.Text.Json says so when it is asked for a text in which half a surrogate pair is escaped.
            return false;
        }
    }
}
