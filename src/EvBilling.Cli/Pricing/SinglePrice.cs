using System.Text.Json;
using EvBilling.Rating;
using EvBilling.Tariffs;

namespace EvBilling.Cli.Pricing;

/// <summary>One CDR to price, from files.</summary>
internal sealed class SinglePrice(string cdrPath, string? tariffPath, string? timeZone, string? version, bool isReservationExpired)
{
    /// <summary>The answer as a case's, its id the CDR's.</summary>
    /// <exception cref="UsageException">A file can't be read, or the CDR can't be priced.</exception>
    public string Json(RatingOptions options, bool isRounded) => With(options, (id, priced) =>
    {
        var price = new PriceJson(priced, isRounded);
        return JsonObjectText.Of(writer =>
        {
            writer.WriteString("id"u8, id);
            price.WriteMembers(writer);
        });
    });

    /// <summary>The price for a person.</summary>
    /// <exception cref="UsageException">As of <see cref="Json"/>.</exception>
    public string Explanation(RatingOptions options) => With(options, (id, priced) =>
    {
        using var text = new StringWriter { NewLine = "\n" };
        PriceExplanationText.Write(text, id ?? "without an id", priced);
        return text.ToString().TrimEnd('\n');
    });

    private string With(RatingOptions options, Func<string?, PricedCdr, string> answer)
    {
        using var document = Document();
        var json = Cdr(document.RootElement);
        try
        {
            var priced = new CdrPricer(options, new()).Price(Tariffs(json), json, timeZone, isReservationExpired);
            return answer(PriceCase.TextOrNull(json, "id"), priced);
        }
        catch (PricingException e)
        {
            throw new UsageException(e.Message);
        }
    }

    private JsonDocument Document()
    {
        var text = new byte[LineChunks.LineBytesMax + 1];
        int length;
        using (var file = InputFile.Open(cdrPath, "--cdr"))
        {
            length = file.ReadAtLeast(text, text.Length, throwOnEndOfStream: false);
        }
        if (length == text.Length)
        {
            throw new UsageException($"--cdr {cdrPath} is longer than {LineChunks.LineBytesMax >> 20} MiB; please leave out what decides no price.");
        }
        try
        {
            var start = text.AsSpan(0, length).StartsWith(CaseLineWorker.ByteOrderMark) ? CaseLineWorker.ByteOrderMark.Length : 0;
            return JsonDocument.Parse(text.AsMemory(start, length - start), PriceCase.Strict);
        }
        catch (JsonException e)
        {
            throw new UsageException($"--cdr {cdrPath} is no JSON that can be read: {JsonProblem.Of(e)} Please mend it.");
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
        var text = InputFile.ReadAll(tariffPath, "--tariff");
        try
        {
            return [.. TariffDocument.Read(text, rules).Select(entry => entry.Tariff ?? throw new PricingException($"--tariff {tariffPath} ", entry.Refusal!))];
        }
        catch (TariffDocumentException e)
        {
            throw new UsageException($"--tariff {tariffPath}: {e.Message}");
        }
    }
}
