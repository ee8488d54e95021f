using System.Globalization;
using System.Text.Json;
using EvBilling.Cdrs;
using EvBilling.Locations;
using EvBilling.Rating;
using EvBilling.Tariffs;

namespace EvBilling.Tests.Rating;

/// <summary>What the quick pass rates, the general one rates the same.</summary>
public sealed class QuickPassTests
{
    // Says nothing to rating, but is not the default, by which the quick pass rates.
    private static readonly RatingOptions NotQuick = RatingOptions.Default with { Rounding = RoundingRule.HalfEven };

    private static readonly RatingZone Zone = new(TimeZoneChooser.FindZone("Europe/Berlin")!);

    private static readonly string[] Restrictions =
    [
        "\"start_time\":\"07:00\",\"end_time\":\"19:30\"", "\"start_time\":\"22:00\",\"end_time\":\"06:00\"", "\"end_time\":\"12:00\"", "\"day_of_week\":[\"SATURDAY\",\"SUNDAY\"]", "\"day_of_week\":[\"MONDAY\",\"FRIDAY\"]",
        "\"start_date\":\"2026-03-29\"", "\"end_date\":\"2026-03-30\"", "\"min_kwh\":10", "\"max_kwh\":7.5", "\"min_duration\":3600", "\"max_duration\":5400.5", "\"min_power\":11", "\"max_power\":22.5", "\"min_current\":6",
        "\"max_current\":16", "\"start_time\":\"00:00\",\"end_time\":\"00:00\"",
    ];

    [Theory]
    [InlineData("cases.jsonl.gz")]
    [InlineData("probes.jsonl")]
    [InlineData("disagreements.jsonl")]
    [InlineData("speed-a.json")]
    [InlineData("speed-b.json")]
    [InlineData("speed-c.json")]
    public void Both_passes_rate_each_case_of_the_oracles_alike(string file)
    {
        var (quick, cases) = (0, 0);
        foreach (var json in Oracle.Lines(file))
        {
            if (json.TryGetProperty("tariff", out var tariffJson) && json.TryGetProperty("cdr", out var cdrJson)
                && TariffReader.TryRead(tariffJson, Oracle.Version(json), out var tariff, out _) && CdrReader.TryRead(cdrJson, RatingOptions.Default, out var cdr, out _))
            {
                cases++;
                quick += AreAlike(tariff, cdr, new(TimeZoneChooser.FindZone(json.GetProperty("timezone").GetString()!)!), json.ToString()) ? 1 : 0;
            }
        }
        Assert.InRange(quick, Math.Max(1, cases / 2), cases);
    }

    [Fact]
    public void Both_passes_rate_any_session_under_any_tariff_alike()
    {
        const int Sessions = 20_000;
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var quick = 0;
        for (var i = 0; i < Sessions; i++)
        {
            var tariffJson = AnyTariff(random);
            Assert.True(TariffReader.TryRead(JsonDocument.Parse(tariffJson).RootElement, OcpiVersion.V221, out var tariff, out var refusal), refusal?.Message);
            quick += AreAlike(tariff, AnyCdr(random), Zone, $"seed {seed}, session {i}: {tariffJson}") ? 1 : 0;
        }
        Assert.InRange(quick, Sessions / 5, Sessions - 1);
    }

    private static bool AreAlike(Tariff tariff, Cdr cdr, RatingZone zone, string which)
    {
        if (!CompiledTariff.TryCompile(tariff, null, out var compiled, out _) || !CompiledTariff.TryCompile([tariff], null, NotQuick, out var notQuick, out _))
        {
            return false;
        }
        Assert.False(notQuick.IsPlain);
        var (one, other) = (new RatingResult(0), new RatingResult());
        try
        {
            Rater.Rate(cdr.Session(zone), notQuick, other);
        }
        catch (OverflowException)
        {
            Assert.Throws<OverflowException>(() => Rater.Rate(cdr.Session(zone), compiled, one));
            return false;
        }
        Rater.Rate(cdr.Session(zone), compiled, one);
        Assert.True(one.Outcome == other.Outcome && one.Flags == other.Flags && one.IsLong == other.IsLong && one.IsVatKnown == other.IsVatKnown && one.LineCount == other.LineCount, which);
        if (one.Outcome != RatingOutcome.Priced)
        {
            return false;
        }
        Assert.True(one.IsLong || one.Lines.Span.SequenceEqual(other.Lines.Span), which);
        Assert.True(one.Clamped == other.Clamped && RatingTotals.Of(one) == RatingTotals.Of(other), which);
        Assert.Equal(BillAmounts.Unrounded(other), BillAmounts.Unrounded(one));
        for (var i = 0; i < compiled.VatRates.Length; i++)
        {
            Assert.True(RatingTotals.SumOf(one, i) == RatingTotals.SumOf(other, i), which);
        }
        try
        {
            var used = new RatingResult();
            used.Begin(compiled, cdr.Session(zone));
            return compiled.IsPlain && QuickPass.TryRate(cdr.Session(zone), compiled, used);
        }
        catch (OverflowException)
        {
            return false;
        }
    }

    private static string AnyTariff(Random random)
    {
        string[] types = ["ENERGY", "TIME", "PARKING_TIME", "FLAT"];
        string Price() => (new decimal(random.Next(-50, 20_000)) / (random.Next(8) == 0 ? 100_000_000m : 100m)).ToString(CultureInfo.InvariantCulture);
        string Component() => $$"""{"type":"{{types[random.Next(4)]}}","price":{{Price()}},"step_size":{{random.Next(4) switch { 0 => 0, 1 => 1, 2 => 300, _ => random.Next(1, 2000) }}},"vat":{{(random.Next(4) == 0 ? 9 : 21)}}}""";
        string Element() => $$"""{"price_components":[{{string.Join(',', Enumerable.Range(0, random.Next(1, 4)).Select(_ => Component()))}}],"restrictions":{{Restricted()}}}""";
        string Restricted() => random.Next(3) == 0 ? "null"
            : $"{{{string.Join(',', Enumerable.Range(0, random.Next(1, 3)).Select(_ => Restrictions[random.Next(Restrictions.Length)]).DistinctBy(text => text[..9]))}}}";
        var limits = random.Next(3) == 0 ? $$"""
            "min_price":{"excl_vat":{{random.Next(20)}}},"max_price":{"excl_vat":{{random.Next(20, 60)}},"incl_vat":{{random.Next(20, 80)}}.5},
            """ : "";
        return $$"""{"id":"T","currency":"EUR",{{limits}}"elements":[{{string.Join(',', Enumerable.Range(0, random.Next(1, 6)).Select(_ => Element()))}}]}""";
    }

    // Around the night in which clocks go forward.
    private static Cdr AnyCdr(Random random)
    {
        const long Second = 1_000_000_000;
        var startNs = (1_774_720_800L + random.Next(86_400)) * Second;
        var (periods, measures) = (new List<RatingPeriod>(), new List<PeriodMeasures>());
        var atNs = startNs;
        for (var count = random.Next(0, 12); count > 0; count--)
        {
            var lengthNs = random.Next(60, 9_000) * Second;
            var parked = random.Next(3) == 0;
            var timeNs = random.Next(4) == 0 ? random.Next(1, 9_000) * Second : lengthNs + random.Next(-200, 200) * 1_000_000L;
            var energyMwh = random.Next(12) switch { 0 => 0, 1 => -random.Next(5_000_000), 2 => random.NextInt64(1, long.MaxValue / 4), _ => random.Next(30_000_000) };
            periods.Add(new RatingPeriod(atNs, parked ? 0 : energyMwh, parked ? 0 : timeNs, parked ? timeNs : 0)
            {
                ReservationTimeNs = random.Next(40) == 0 ? lengthNs : 0,
                Stated = PeriodVolumes.Energy | PeriodVolumes.Time | PeriodVolumes.ParkingTime,
            });
            measures.Add(random.Next(3) == 0 ? default : new(Measure(), Measure(), Measure(), Measure()));
            atNs += random.Next(60) == 0 ? -lengthNs : lengthNs;
        }
        long? Measure() => random.Next(4) == 0 ? null : random.Next(0, 40) * 1_000_000_000L;
        return new Cdr { StartUnixNs = startNs, EndUnixNs = atNs, PeriodArray = [.. periods], MeasureArray = random.Next(2) == 0 ? [] : [.. measures] };
    }
}
