using System.Runtime.InteropServices;
using System.Text.Json;
using EvBilling.Billing.Generation;
using EvBilling.Billing.Ocpi;
using EvBilling.Tariffs;

namespace EvBilling.Cli.Pricing;

/// <summary>Answers lines of <c>generate</c>.</summary>
internal sealed class GenerateWorker(CaseCounts counts) : CaseLineWorker(counts, "{\"id\", \"timezone\", \"tariff\", \"config\"}")
{
    protected override Action<Utf8JsonWriter> Answered(JsonElement json)
    {
        var zone = PriceCase.TextOrNull(json, "timezone") is { } zoneId ? RatingZones.ZoneOf(zoneId) : null;
        var entry = json.TryGetProperty("tariff", out var tariff) && tariff.ValueKind == JsonValueKind.Object
            ? TariffDocument.ReadOne(JsonMarshal.GetRawUtf8Value(tariff).ToArray())
            : throw new PricingException("/tariff: it is no object; please state the tariff.");
        if (entry.Refusal is { } refusal)
        {
            throw new PricingException("/tariff", refusal);
        }
        if (!SupplyRequest.TryRead(json.TryGetProperty("config", out var config) ? config : default, out var request, out var refused))
        {
            throw new PricingException("/config", refused);
        }
        var id = json.TryGetProperty("id", out var stated) && stated.ValueKind == JsonValueKind.String ? PriceCase.TextOrNull(json, "id")! : stated.ToString();
        return CdrGenerator.TryMake(id, request, entry, zone, out var cdr, out var facts, out var problem)
            ? writer =>
            {
                // Whoever prices it needs it, and it is no member of a CDR.
                if (PriceCase.TextOrNull(json, "timezone") is { } timeZone)
                {
                    writer.WriteString("timezone"u8, timeZone);
                }
                writer.WritePropertyName("cdr"u8);
                CdrWriter.TryWrite(writer, cdr, facts, out _);
            }
        : throw new PricingException(problem);
    }

    protected override void WriteError(Utf8JsonWriter writer, string error)
    {
        writer.WriteString("status"u8, "error"u8);
        writer.WriteString("error"u8, error);
    }
}
