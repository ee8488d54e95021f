using System.Text.Json;
using EvBilling.Rating;
using EvBilling.Tariffs;

namespace EvBilling.Cli.Pricing;

/// <summary>One CDR to price, from files.</summary>
internal sealed class SinglePrice(string cdrPath, string? tariffPath, string? timeZone, string? version, bool isReservationExpired)
{
    /// <summary>The answer as a case's, its id the CDR's.</summary>
    /// <exception cref="UsageException">A file can't be read, or the CDR can't be priced.</exception>
    public string Json(RatingOptions options, bool isRounded)
    {
        using var document = Document();
        var json = Cdr(document.RootElement);
        try
        {
            var price = new PriceJson(new CdrPricer(options, new()).Price(Tariffs(json), json, timeZone, isReservationExpired), isRounded);
            return JsonObjectText.Of(writer =>
            {
                writer.WriteString("id"u8, json.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String ? id.GetString() : null);
                price.WriteMembers(writer);
            });
        }
        catch (PricingException e)
        {
            throw new UsageException(e.Message);
        }
    }

    private JsonDocument Document()
    {
        using var file = CaseInput.OpenFile(cdrPath, "--cdr");
        try
        {
            return JsonDocument.Parse(file, PriceCase.Strict);
        }
        catch (JsonException e)
        {
            throw new UsageException($"--cdr {cdrPath} is no JSON that can be read: {e.Message.Split(" Path:")[0].Split(" LineNumber:")[0]} Please mend it.");
        }
    }

    // As it is, or as an OCPI response brings it.
    private static JsonElement Cdr(JsonElement root) =>
        root.ValueKind == JsonValueKind.Object && root.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.Object ? data : root;

    private List<Tariff> Tariffs(JsonElement cdr)
    {
        var rules = version is null ? null : PriceCase.ParseVersion(version);
        if (tariffPath is null)
        {
            return cdr.ValueKind == JsonValueKind.Object ? PriceCase.TariffsOf(cdr, rules, "/tariffs") : [];
        }
        using var file = CaseInput.OpenFile(tariffPath, "--tariff");
        using var bytes = new MemoryStream();
        file.CopyTo(bytes);
        try
        {
            return [.. TariffDocument.Read(bytes.ToArray(), rules).Select(entry => entry.Tariff ?? throw new PricingException($"--tariff {tariffPath} ", entry.Refusal!))];
        }
        catch (TariffDocumentException e)
        {
            throw new UsageException($"--tariff {tariffPath}: {e.Message}");
        }
    }
}
