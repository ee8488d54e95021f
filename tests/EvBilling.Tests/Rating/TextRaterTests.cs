using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using EvBilling.Cdrs;
using EvBilling.Locations;
using EvBilling.Rating;
using EvBilling.Tariffs;
using EvBilling.Tests.Json;

namespace EvBilling.Tests.Rating;

/// <summary>Rating straight from text: the same as reading, compiling and rating one after the other, without objects in between.</summary>
public sealed class TextRaterTests
{
    private const int Inputs = 60_000;
    private const int InputsLong = 5_000_000;

    private static readonly RatingZone Zone = new(TimeZoneChooser.FindZone("Europe/Amsterdam")!);

    [Theory]
    [InlineData("cases.jsonl.gz")]
    [InlineData("disagreements.jsonl")]
    [InlineData("probes.jsonl")]
    [InlineData("speed-a.json")]
    [InlineData("speed-b.json")]
    [InlineData("speed-c.json")]
    public void Every_case_of_the_oracles_is_rated_from_text_as_from_objects_and_most_tariffs_need_none(string file)
    {
        var (rater, tariffs, quick) = (new TextRater(), 0, 0);
        foreach (var json in Oracle.Lines(file))
        {
            if (!json.TryGetProperty("tariff", out var tariff) || !json.TryGetProperty("cdr", out var cdr))
            {
                continue;
            }
            tariffs++;
            var zone = new RatingZone(TimeZoneChooser.FindZone(json.GetProperty("timezone").GetString()!)!);
            quick += AreRatedAlike(rater, Text(tariff), Text(cdr), Oracle.Version(json), zone) ? 1 : 0;
        }
        Assert.InRange(quick, tariffs * 2 / 3, tariffs);
    }

    [Fact]
    public void Every_real_tariff_gets_the_same_tables_from_its_text_as_from_its_object()
    {
        var (rater, tariffs, quick) = (new TextRater(), 0, 0);
        using var xz = Process.Start(new ProcessStartInfo("xz", ["-dc", SharedFolder.PathOf("data/tariffs/ndw_nl_tariffs_20260607.jsonl.xz")]) { RedirectStandardOutput = true })!;
        while (xz.StandardOutput.ReadLine() is { } line)
        {
            tariffs++;
            quick += AreCompiledAlike(rater, Encoding.UTF8.GetBytes(line), null) ? 1 : 0;
        }
        Assert.InRange(quick, tariffs * 2 / 3, tariffs);
    }

    [Fact]
    public void Spoilt_texts_are_rated_alike_from_text_and_from_objects_or_refused_alike()
    {
        var count = Environment.GetEnvironmentVariable("EVBILLING_LONG") == "1" ? InputsLong : Inputs;
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}, {count} inputs");
        var (random, rater, quick) = (new Random(seed), new TextRater(), 0);
        var tariffs = Array.ConvertAll(PlainTexts.Tariffs, Encoding.UTF8.GetBytes);
        var cdrs = Array.ConvertAll(PlainTexts.Cdrs, Encoding.UTF8.GetBytes);
        OcpiVersion?[] versions = [null, OcpiVersion.V211, OcpiVersion.V221, OcpiVersion.V230];
        for (var i = 0; i < count; i++)
        {
            var (tariff, cdr) = (tariffs[random.Next(tariffs.Length)], cdrs[random.Next(cdrs.Length)]);
            (tariff, cdr) = random.Next(3) switch
            {
                0 => (JsonMutation.Apply(tariff, random), cdr),
                1 => (tariff, JsonMutation.Apply(cdr, random)),
                _ => (JsonMutation.Apply(tariff, random), JsonMutation.Apply(cdr, random)),
            };
            try
            {
                quick += AreRatedAlike(rater, tariff, cdr, versions[random.Next(versions.Length)], Zone) ? 1 : 0;
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {seed}, input {i}: {Encoding.Latin1.GetString(tariff)}\n{Encoding.Latin1.GetString(cdr)}\n{e}");
            }
        }
        Assert.InRange(quick, count / 10, count);
    }

    [Theory]
    [InlineData("speed-a.json", 400)]
    [InlineData("speed-b.json", 800)]
    [InlineData("speed-c.json", 2_000)]
    public void From_text_only_a_new_result_costs_bytes_and_a_used_one_none(string file, long bytesMax)
    {
        var (tariff, cdr, version, zone) = Case(file);
        var (rater, used) = (new TextRater(), new RatingResult());
        Action<RatingResult> rate = result => Assert.True(rater.TrySetTariff(tariff, version, out _) && rater.TryRate(cdr, zone, result, out _, out _));
        long Allocated(Func<RatingResult> result)
        {
            var least = long.MaxValue;
            for (var i = 0; i < 20; i++)
            {
                var before = GC.GetAllocatedBytesForCurrentThread();
                rate(result());
                least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            }
            return least;
        }

        Assert.Equal(0, Allocated(() => used));
        Assert.InRange(Allocated(() => new RatingResult(used.PeriodCount + 1)), 1, bytesMax);
    }

    [Fact]
    public void A_result_is_not_told_by_a_tariff_that_was_set_after_it()
    {
        var (tariff, cdr, version, zone) = Case("speed-a.json");
        var (rater, result) = (new TextRater(), new RatingResult());
        Assert.True(rater.TrySetTariff(tariff, version, out _) && rater.TryRate(cdr, zone, result, out _, out _));
        Assert.Equal(5.71725m, BillAmounts.Unrounded(result).ExclVat);

        Assert.True(rater.TrySetTariff(Case("speed-b.json").Tariff, version, out _));

        Assert.Throws<InvalidOperationException>(() => BillAmounts.Unrounded(result));
    }

    [Fact]
    public void A_refused_tariff_leaves_none_to_rate_by()
    {
        var (tariff, cdr, version, zone) = Case("speed-a.json");
        var rater = new TextRater();
        Assert.Throws<InvalidOperationException>(() => rater.TryRate(cdr, zone, new RatingResult(), out _, out _));
        Assert.True(rater.TrySetTariff(tariff, version, out _));

        Assert.False(rater.TrySetTariff("""{"id":"T","currency":"EUR","elements":[]}"""u8.ToArray(), version, out var refusal));

        Assert.Equal("/elements", refusal.Path);
        Assert.Throws<InvalidOperationException>(() => rater.TryRate(cdr, zone, new RatingResult(), out _, out _));
    }

    [Fact]
    public void A_refused_cdr_is_told_by_its_path_and_the_next_is_rated()
    {
        var (tariff, cdr, version, zone) = Case("speed-a.json");
        var (rater, result) = (new TextRater(), new RatingResult());
        Assert.True(rater.TrySetTariff(tariff, version, out _));

        Assert.False(rater.TryRate("""{"start_date_time":"2024-06-12T14:00:00Z","end_date_time":7}"""u8.ToArray(), zone, result, out _, out var refusal));

        Assert.Equal("/end_date_time", refusal.Path);
        Assert.True(rater.TryRate(cdr, zone, result, out _, out _));
        Assert.Equal(5.71725m, BillAmounts.Unrounded(result).ExclVat);
    }

    private static (byte[] Tariff, byte[] Cdr, OcpiVersion Version, RatingZone Zone) Case(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(SharedFolder.PathOf("oracles/tariffs/" + file)));
        var json = document.RootElement;
        return (Text(json.GetProperty("tariff")), Text(json.GetProperty("cdr")), Oracle.Version(json), Zone);
    }

    private static byte[] Text(JsonElement json) => JsonMarshal.GetRawUtf8Value(json).ToArray();

    // True: the tariff needed no objects.
    private static bool AreCompiledAlike(TextRater rater, byte[] text, OcpiVersion? version)
    {
        CompiledTariff? compiled = null;
        var isSet = rater.TrySetTariff(text, version, out var refusal);
        Assert.Equal(isSet, TariffReader.TryRead(text, version, out var tariff, out var expected) && CompiledTariff.TryCompile(tariff, null, out compiled, out expected));
        Assert.Equal(expected, refusal);
        if (!isSet || !rater.IsQuick)
        {
            return false;
        }
        var quick = rater.Tariff!;
        Assert.Equal(
            (compiled!.Currency, compiled.IsGrossPriced, compiled.StatesAllVat, compiled.PriceScale, compiled.MillionthsDenominator, compiled.HoursDenominator, compiled.HundredPercent, compiled.ShortHundredPercent),
            (quick.Currency, quick.IsGrossPriced, quick.StatesAllVat, quick.PriceScale, quick.MillionthsDenominator, quick.HoursDenominator, quick.HundredPercent, quick.ShortHundredPercent));
        Assert.Equal(
            (compiled.MinorFactor, compiled.HasShortPrices, compiled.IsPlain, compiled.NeedsLocalTime, compiled.NeedsMeasures, compiled.HasRestrictions, compiled.HasReservations, compiled.Options),
            (quick.MinorFactor, quick.HasShortPrices, quick.IsPlain, quick.NeedsLocalTime, quick.NeedsMeasures, quick.HasRestrictions, quick.HasReservations, quick.Options));
        Assert.True(compiled.VatRates.SequenceEqual(quick.VatRates));
        Assert.Equal(compiled.Conditions.ToArray(), quick.Conditions.ToArray());
        var (part, quickPart) = (compiled.Parts[0], quick.Parts[0]);
        Assert.Equal((part.StartNs, part.EndNs, part.Limits), (quickPart.StartNs, quickPart.EndNs, quickPart.Limits));
        foreach (var dimension in Enum.GetValues<TariffDimension>())
        {
            Assert.True(part.Candidates(dimension).SequenceEqual(quickPart.Candidates(dimension)));
        }
        Assert.Equal(compiled.Components.Length, quick.Components.Length);
        for (var i = 0; i < quick.Components.Length; i++)
        {
            Assert.Equal(compiled.Components[i], quick.Components[i] with { Part = part });
            Assert.Equal(compiled.Components[i].Component, quick.Components[i].Component);
            Assert.Equal(compiled.Components[i].Element.Index, quick.Components[i].Element.Index);
        }
        return true;
    }

    // True: neither the tariff nor, where it could be read, the CDR needed objects.
    private static bool AreRatedAlike(TextRater rater, byte[] tariffText, byte[] cdrText, OcpiVersion? version, RatingZone zone)
    {
        var isQuick = AreCompiledAlike(rater, tariffText, version);
        if (!TariffReader.TryRead(tariffText, version, out var tariff, out _) || !CompiledTariff.TryCompile(tariff, null, out var compiled, out _))
        {
            return false;
        }
        var (one, other) = (new RatingResult(), new RatingResult());
        var isRead = CdrReader.TryRead(cdrText, RatingOptions.Default, out var cdr, out var expected);
        RatingSession rated = default;
        TariffRefusal? refusal = null;
        try
        {
            if (isRead)
            {
                Rater.Rate(cdr!.Session(zone), compiled, other);
            }
        }
        catch (OverflowException)
        {
            Assert.Throws<OverflowException>(() => rater.TryRate(cdrText, zone, one, out _, out _));
            return false;
        }
        Assert.Equal(isRead, rater.TryRate(cdrText, zone, one, out rated, out refusal));
        Assert.Equal(expected, refusal);
        if (!isRead)
        {
            return false;
        }
        Assert.True(rated.Periods.SequenceEqual(cdr!.Periods));
        Assert.Equal((other.Outcome, other.Flags, other.IsLong, other.IsVatKnown, other.LineCount), (one.Outcome, one.Flags, one.IsLong, one.IsVatKnown, one.LineCount));
        if (other.Outcome != RatingOutcome.Priced)
        {
            return false;
        }
        Assert.Equal(other.Clamped, one.Clamped);
        Assert.Equal(RatingTotals.Of(other), RatingTotals.Of(one));
        Assert.True(other.IsLong || one.Lines.Span.SequenceEqual(other.Lines.Span));
        Assert.Equal(BillAmounts.LinesUnrounded(other, cdr.Periods), BillAmounts.LinesUnrounded(one, rated.Periods));
        return isQuick;
    }
}
