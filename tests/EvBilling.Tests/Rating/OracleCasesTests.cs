using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using EvBilling.Cdrs;
using EvBilling.Locations;
using EvBilling.Rating;
using EvBilling.Tariffs;

namespace EvBilling.Tests.Rating;

/// <summary>Prices what two other engines have priced (oracles/tariffs/FORMAT.md).</summary>
public sealed class OracleCasesTests
{
    private const decimal Tolerance = 0.00006m;
    // Both engines refuse "24:00" and a missing step_size; rules end_midnight and lenient read them.
    private static readonly string[] ReadLeniently = ["probe-120", "probe-121"];

    // ocpi-kit charges one FLAT in all; rule flat charges the session's and the reservation's.
    private static readonly string[] FlatOfReservation = ["pub-02383"];

    private static readonly string[] Parts = ["energy", "time", "parking", "fixed"];

    [Theory]
    [InlineData("cases.jsonl.gz", 2450)]
    [InlineData("probes.jsonl", 96)]
    public void Every_case_that_both_engines_agree_on_has_their_totals_and_parts(string file, int cases)
    {
        var checks = new Checks();
        foreach (var json in Oracle.Lines(file))
        {
            if (json.GetProperty("agree").ValueKind == JsonValueKind.True)
            {
                checks.Count++;
                CompareWithOt(json, RatingOptions.Default, checks, withParts: true);
            }
        }
        checks.Report(cases);
    }

    /// <summary>With a preset every total of that engine comes out, also where the two disagree.</summary>
    [Theory]
    [InlineData("cases.jsonl.gz", "ocpi-tariffs", "ot")]
    [InlineData("cases.jsonl.gz", "ocpi-kit", "ok")]
    [InlineData("probes.jsonl", "ocpi-tariffs", "ot")]
    [InlineData("probes.jsonl", "ocpi-kit", "ok")]
    [InlineData("disagreements.jsonl", "ocpi-tariffs", "ot")]
    [InlineData("disagreements.jsonl", "ocpi-kit", "ok")]
    public void With_its_preset_every_total_of_an_engine_is_reproduced(string file, string engine, string key)
    {
        Assert.True(RatingReadings.TryTake(RatingOptions.Default, "like=" + engine, out var options, out var error), error);
        var checks = new Checks();
        foreach (var json in Oracle.Lines(file))
        {
            var expected = json.GetProperty("expected").GetProperty(key);
            if (expected.ValueKind == JsonValueKind.Object && expected.GetProperty("status").GetString() == "ok")
            {
                checks.Count++;
                Compare(json, options, expected.GetProperty("total"), Oracle.Version(json) != OcpiVersion.V211, checks);
            }
        }
        Assert.True(checks.Count > 30);
        checks.Report(checks.Count);
    }

    [Fact]
    public void Every_case_of_ocpi_230_has_the_totals_of_an_engine_that_prices_it_with_or_without_period_snap()
    {
        var checks = new Checks();
        foreach (var json in Oracle.Lines("cases.jsonl.gz"))
        {
            if (Oracle.Version(json) != OcpiVersion.V230 || FlatOfReservation.Contains(json.GetProperty("id").GetString()))
            {
                continue;
            }
            checks.Count++;
            var tries = new List<string>();
            var isRight = false;
            foreach (var options in new[] { RatingOptions.Default, RatingOptions.Default with { PeriodSnap = false } })
            {
                foreach (var engine in new[] { "ot", "ok" })
                {
                    var expected = json.GetProperty("expected").GetProperty(engine);
                    var one = new Checks();
                    isRight |= expected.GetProperty("status").GetString() == "ok" && Compare(json, options, expected.GetProperty("total"), true, one);
                    tries.AddRange(one.Wrong);
                }
            }
            if (!isRight)
            {
                checks.Wrong.Add(string.Join(" | ", tries));
            }
        }
        checks.Report(220);
    }

    private static void CompareWithOt(JsonElement json, RatingOptions options, Checks checks, bool withParts)
    {
        var expected = json.GetProperty("expected").GetProperty("ot");
        if (expected.GetProperty("status").GetString() != "ok")
        {
            var (error, priced) = Oracle.Price(json, options);
            if (error is null && !RatingTotals.Of(priced!).ExclVat.IsZero && !ReadLeniently.Contains(json.GetProperty("id").GetString()))
            {
                checks.Wrong.Add($"{json.GetProperty("id")}: both refuse it, here it costs {RatingTotals.Of(priced!).ExclVat}");
            }
            return;
        }
        var withVat = Oracle.Version(json) != OcpiVersion.V211;
        if (!Compare(json, options, expected.GetProperty("total"), withVat, checks) || !withParts)
        {
            return;
        }
        var (_, result) = Oracle.Price(json, options);
        var differs = json.TryGetProperty("differs", out var names) ? names.EnumerateArray().Select(name => name.GetString()!).ToHashSet() : [];
        for (var i = 0; i < Parts.Length; i++)
        {
            if (differs.Contains(Parts[i]))
            {
                continue;
            }
            var part = RatingTotals.Of(result!, (TariffDimension)i);
            if (!Agrees(part, expected.GetProperty(Parts[i]), withVat))
            {
                checks.Wrong.Add($"{json.GetProperty("id")} {Family(json)} {Parts[i]}: {part?.ExclVat} {part?.InclVat}, expected {expected.GetProperty(Parts[i])}");
            }
        }
    }

    private static string Family(JsonElement json) => json.TryGetProperty("family", out var family) ? family.GetString()! : "";

    private static bool Compare(JsonElement json, RatingOptions options, JsonElement expected, bool withVat, Checks checks)
    {
        var (error, result) = Oracle.Price(json, options);
        if (error is null && Agrees(RatingTotals.Of(result!), expected, withVat))
        {
            return true;
        }
        checks.Wrong.Add($"{json.GetProperty("id")} {Family(json)}: {error} {(error is null ? RatingTotals.Of(result!) : null)}, expected {expected}");
        return false;
    }

    private static bool Agrees(RatingTotals? totals, JsonElement expected, bool withVat)
    {
        var (excl, incl) = (totals?.ExclVat.ToDecimal() ?? 0, totals is { } known ? known.InclVat?.ToDecimal() : 0);
        if (!Near(excl, Amount(expected, "excl") ?? 0))
        {
            return false;
        }
        if (!withVat)
        {
            return true;
        }
        var expectedIncl = Amount(expected, "incl");
        return expected.ValueKind == JsonValueKind.Null ? incl is 0 : incl is null ? expectedIncl is null : expectedIncl is { } wanted && Near(incl.Value, wanted);
    }

    private static bool Near(decimal actual, decimal expected) => actual >= expected - Tolerance && actual <= expected + Tolerance;

    private static decimal? Amount(JsonElement total, string name) =>
        total.ValueKind == JsonValueKind.Null || total.GetProperty(name).ValueKind == JsonValueKind.Null
            ? null
            : decimal.Parse(total.GetProperty(name).GetString()!, CultureInfo.InvariantCulture);

    private sealed class Checks
    {
        public int Count { get; set; }

        public List<string> Wrong { get; } = [];

        public void Report(int count)
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"{Count} cases");
            Assert.True(Wrong.Count == 0, $"{Wrong.Count} wrong of {Count}:\n{string.Join('\n', Wrong.Take(60))}");
            Assert.Equal(count, Count);
        }
    }
}
