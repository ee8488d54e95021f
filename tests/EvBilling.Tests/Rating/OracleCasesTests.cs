using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text.Json;
using EvBilling.Rating;
using EvBilling.Tariffs;
using NodaTime.Text;

namespace EvBilling.Tests.Rating;

/// <summary>Prices what two other engines have priced (oracles/tariffs/FORMAT.md), as far as this version can.</summary>
public sealed class OracleCasesTests
{
    private const decimal Tolerance = 0.00006m;

    [Fact]
    public void Every_case_that_both_engines_agree_on_and_this_version_supports_has_their_totals() => PriceAll("cases.jsonl.gz", 65, 624, 10);

    [Fact]
    public void Every_probe_that_both_engines_agree_on_and_this_version_supports_has_their_totals() => PriceAll("probes.jsonl", 0, 34, 0);

    private static void PriceAll(string file, int of211, int of221, int of230)
    {
        var wrong = new List<string>();
        var priced = Enum.GetValues<OcpiVersion>().ToDictionary(version => version, _ => 0);
        foreach (var json in Cases(file))
        {
            var version = Version(json);
            var expected = json.GetProperty("expected").GetProperty("ot");
            if (json.GetProperty("agree").ValueKind != JsonValueKind.True || Compiled(json, version) is not { } tariff
                || expected.GetProperty("status").GetString() != "ok")
            {
                continue;
            }
            priced[version]++;
            Compare(json, tariff, expected.GetProperty("total"), version != OcpiVersion.V211, wrong);
        }
        Report($"priced as ocpi-tariffs and ocpi-kit do: {string.Join(", ", priced.Select(pair => $"{pair.Key} {pair.Value}"))}", wrong);
        Assert.Equal((of211, of221, of230), (priced[OcpiVersion.V211], priced[OcpiVersion.V221], priced[OcpiVersion.V230]));
    }

    [Fact]
    public void Every_case_of_ocpi_230_to_which_no_taxes_apply_has_the_totals_of_ocpi_kit()
    {
        var wrong = new List<string>();
        var priced = 0;
        foreach (var json in Cases())
        {
            var expected = json.GetProperty("expected").GetProperty("ok");
            if (Version(json) == OcpiVersion.V230 && expected.GetProperty("status").GetString() == "ok"
                && Compiled(json, OcpiVersion.V230) is { Source.TaxIncluded: TaxIncluded.NotApplicable } tariff)
            {
                priced++;
                Compare(json, tariff, expected.GetProperty("total"), true, wrong);
            }
        }
        Report($"priced as ocpi-kit does, tax_included N/A: {priced}", wrong);
        Assert.Equal(9, priced);
    }

    private static void Report(string counts, List<string> wrong)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(counts);
        Assert.True(wrong.Count == 0, $"{wrong.Count} wrong:\n{string.Join('\n', wrong.Take(20))}");
    }

    private static void Compare(JsonElement json, CompiledTariff tariff, JsonElement expected, bool withVat, List<string> wrong)
    {
        var cdr = json.GetProperty("cdr");
        var result = new RatingResult();
        Rater.Rate(Nanoseconds(cdr, "start_date_time"), End(cdr), Periods(cdr), tariff, result);
        var (exclVat, inclVat) = result.Outcome == RatingOutcome.Priced ? BillAmounts.Unrounded(result) : (decimal.MinValue, null);
        var right = Near(exclVat, Amount(expected, "excl")) && (!withVat || (inclVat is { } incl && Near(incl, Amount(expected, "incl"))));
        if (!right)
        {
            wrong.Add($"{json.GetProperty("id")} {json.GetProperty("family")}: {result.Outcome} {exclVat} {inclVat}, expected {expected}");
        }
    }

    private static bool Near(decimal actual, decimal expected) => actual >= expected - Tolerance && actual <= expected + Tolerance;

    private static decimal Amount(JsonElement total, string name) =>
        total.ValueKind == JsonValueKind.Null ? 0 : decimal.Parse(total.GetProperty(name).GetString()!, CultureInfo.InvariantCulture);

    private static CompiledTariff? Compiled(JsonElement json, OcpiVersion version)
    {
        if (!json.TryGetProperty("tariff", out var tariffJson))
        {
            return null;
        }
        var utf8 = JsonMarshal.GetRawUtf8Value(tariffJson).ToArray();
        Assert.True(TariffReader.TryRead(utf8, version, out var tariff, out var refusal), $"{json.GetProperty("id")}: {refusal}");
        return CompiledTariff.TryCompile(tariff, null, out var compiled, out _) ? compiled : null;
    }

    private static OcpiVersion Version(JsonElement json) => json.GetProperty("ocpi_version").GetString() switch
    {
        "2.1.1" => OcpiVersion.V211,
        "2.2.1" => OcpiVersion.V221,
        _ => OcpiVersion.V230,
    };

    private static RatingPeriod[] Periods(JsonElement cdr)
    {
        var periods = cdr.GetProperty("charging_periods").EnumerateArray().OrderBy(period => Nanoseconds(period, "start_date_time")).ToArray();
        return [.. periods.Select((period, i) =>
        {
            var start = Nanoseconds(period, "start_date_time");
            var length = (i + 1 < periods.Length ? Nanoseconds(periods[i + 1], "start_date_time") : End(cdr)) - start;
            return new RatingPeriod(
                start, CdrVolume.EnergyMwh(Volume(period, "ENERGY")), CdrVolume.TimeNs(Volume(period, "TIME"), length),
                CdrVolume.TimeNs(Volume(period, "PARKING_TIME"), length));
        })];
    }

    private static decimal Volume(JsonElement period, string type)
    {
        foreach (var dimension in period.GetProperty("dimensions").EnumerateArray())
        {
            if (dimension.GetProperty("type").GetString() == type)
            {
                var volume = dimension.GetProperty("volume");
                var text = volume.ValueKind == JsonValueKind.String ? volume.GetString()! : volume.GetRawText();
                return decimal.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
            }
        }
        return 0;
    }

    // OCPI 2.1.1 calls it otherwise.
    private static long End(JsonElement cdr) => Nanoseconds(cdr, cdr.TryGetProperty("end_date_time", out _) ? "end_date_time" : "stop_date_time");

    private static long Nanoseconds(JsonElement json, string name)
    {
        var text = json.GetProperty(name).GetString()!;
        var offset = OffsetDateTimePattern.Rfc3339.Parse(text);
        return (offset.Success ? offset.Value.ToInstant() : LocalDateTimePattern.ExtendedIso.Parse(text).Value.InUtc().ToInstant()).ToUnixTimeTicks() * 100;
    }

    private static IEnumerable<JsonElement> Cases(string name = "cases.jsonl.gz")
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
