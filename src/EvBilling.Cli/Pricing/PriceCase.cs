using System.Text.Json;
using EvBilling.Tariffs;

namespace EvBilling.Cli.Pricing;

/// <summary>A line of <c>price --cases</c>: what is to be priced.</summary>
internal static class PriceCase
{
    public static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>Prices the case.</summary>
    /// <exception cref="PricingException">It can't be priced.</exception>
    public static PricedCdr Price(JsonElement json, CdrPricer pricer)
    {
        var version = Version(json);
        var cdr = json.TryGetProperty("cdr", out var stated) && stated.ValueKind == JsonValueKind.Object
            ? stated
            : throw new PricingException("/cdr: it is no object; please state the CDR.");
        var isReservationExpired = json.TryGetProperty("reservation_expired", out var expired) && expired.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False or JsonValueKind.Null => false,
            _ => throw new PricingException("/reservation_expired: it is neither true nor false; please state one of them."),
        };
        return pricer.Price(Tariffs(json, cdr, version), cdr, TextOrNull(json, "timezone"), isReservationExpired);
    }

    /// <summary>The tariffs that a CDR carries.</summary>
    public static List<Tariff> TariffsOf(JsonElement cdr, OcpiVersion? version, string path) =>
        cdr.TryGetProperty("tariffs", out var own) && own.ValueKind != JsonValueKind.Null ? List(own, version, path) : [];

    public static OcpiVersion? ParseVersion(string text) => text switch
    {
        "2.1.1" => OcpiVersion.V211,
        "2.2.1" or "2.2" => OcpiVersion.V221,
        "2.3.0" => OcpiVersion.V230,
        _ => null,
    };

    /// <summary>What the case states; null = nothing.</summary>
    /// <exception cref="PricingException">There is no such version.</exception>
    public static OcpiVersion? Version(JsonElement json)
    {
        if (TextOrNull(json, "ocpi_version") is not { } text)
        {
            return null;
        }
        return ParseVersion(text) ?? throw new PricingException($"/ocpi_version: \"{PricingException.Shown(text)}\" is none that is known; please state 2.1.1, 2.2.1 or 2.3.0.");
    }

    /// <exception cref="PricingException">It is there, and no text.</exception>
    public static string? TextOrNull(JsonElement json, string name)
    {
        if (!json.TryGetProperty(name, out var text) || text.ValueKind == JsonValueKind.Null)
        {
            return null;
        }
        try
        {
            return text.ValueKind == JsonValueKind.String ? text.GetString() : throw new PricingException($"/{name}: it is no text; please state one.");
        }
        catch (InvalidOperationException)
        {
            throw new PricingException($"/{name}: it is not valid Unicode; please write it as UTF-8.");
        }
    }

    private static List<Tariff> Tariffs(JsonElement json, JsonElement cdr, OcpiVersion? version)
    {
        if (json.TryGetProperty("tariff", out var one) && one.ValueKind != JsonValueKind.Null)
        {
            return [Read(one, version, "/tariff")];
        }
        return json.TryGetProperty("tariffs", out var several) && several.ValueKind != JsonValueKind.Null ? List(several, version, "/tariffs") : TariffsOf(cdr, version, "/cdr/tariffs");
    }

    private static List<Tariff> List(JsonElement json, OcpiVersion? version, string path)
    {
        if (json.ValueKind != JsonValueKind.Array)
        {
            throw new PricingException($"{path}: it is no list; please state a list of tariffs.");
        }
        var tariffs = new List<Tariff>(json.GetArrayLength());
        foreach (var item in json.EnumerateArray())
        {
            tariffs.Add(Read(item, version, $"{path}/{tariffs.Count}"));
        }
        return tariffs;
    }

    private static Tariff Read(JsonElement json, OcpiVersion? version, string path) =>
        TariffReader.TryRead(json, version, out var tariff, out var refusal) ? tariff : throw new PricingException(path, refusal);
}
