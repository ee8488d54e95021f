using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text.Json;
using EvBilling.Cdrs;
using EvBilling.Locations;
using EvBilling.Rating;
using EvBilling.Tariffs;

namespace EvBilling.Tests.Rating;

/// <summary>Cases of the oracles beside the repository, and how they are priced here.</summary>
internal static class Oracle
{
    public static OcpiVersion Version(JsonElement json) => json.GetProperty("ocpi_version").GetString() switch
    {
        "2.1.1" => OcpiVersion.V211,
        "2.2.1" => OcpiVersion.V221,
        _ => OcpiVersion.V230,
    };

    /// <summary>Prices a case: an error, or a result.</summary>
    public static (string? Error, RatingResult? Result) Price(JsonElement json, RatingOptions options)
    {
        var tariffs = new List<Tariff>();
        foreach (var tariffJson in json.TryGetProperty("tariff", out var one) ? [one] : json.GetProperty("tariffs").EnumerateArray().ToArray())
        {
            if (!TariffReader.TryRead(JsonMarshal.GetRawUtf8Value(tariffJson).ToArray(), Version(json), out var tariff, out var refusal))
            {
                return ($"{refusal.Path}: {refusal.Message}", null);
            }
            tariffs.Add(tariff);
        }
        if (!CompiledTariff.TryCompile(tariffs, null, options, out var compiled, out var notCompiled))
        {
            return (notCompiled.Message, null);
        }
        if (!CdrReader.TryRead(json.GetProperty("cdr"), options, out var cdr, out var refused))
        {
            return ($"{refused.Path}: {refused.Message}", null);
        }
        var result = new RatingResult();
        Rater.Rate(cdr.Session(new RatingZone(TimeZoneChooser.FindZone(json.GetProperty("timezone").GetString()!)!)), compiled, result);
        return result.Outcome == RatingOutcome.Priced ? (null, result) : (result.Outcome.ToString(), null);
    }

    public static IEnumerable<JsonElement> Lines(string name)
    {
        using var file = File.OpenRead(SharedFolder.PathOf("oracles/tariffs/" + name));
        using var reader = new StreamReader(name.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file);
        while (reader.ReadLine() is { } line)
        {
            using var document = JsonDocument.Parse(line);
            yield return document.RootElement;
        }
    }
}
