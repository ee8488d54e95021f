using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using EvBilling.Cdrs;
using EvBilling.Rating;
using EvBilling.Tests.Rating;

namespace EvBilling.Tests.Json;

/// <summary>The quick readers of tariffs and CDRs: what they read, what they leave to the full ones, and what they cost.</summary>
public sealed class QuickReadingTests
{
    public static TheoryData<string> PlainTariffs => [.. PlainTexts.Tariffs];

    public static TheoryData<string> PlainCdrs => [.. PlainTexts.Cdrs];

    [Theory]
    [MemberData(nameof(PlainTariffs))]
    public void A_plain_tariff_is_read_in_the_quick_way(string text) => Assert.Equal(new(true, true), Readings.OfTariff(Encoding.UTF8.GetBytes(text), null));

    [Theory]
    [MemberData(nameof(PlainCdrs))]
    public void A_plain_cdr_is_read_in_the_quick_way(string text) => Assert.Equal(new(true, true), Readings.OfCdr(Encoding.UTF8.GetBytes(text), RatingOptions.Default));

    [Theory]
    [InlineData("cases.jsonl.gz")]
    [InlineData("disagreements.jsonl")]
    [InlineData("probes.jsonl")]
    [InlineData("speed-a.json")]
    [InlineData("speed-b.json")]
    [InlineData("speed-c.json")]
    public void Every_case_of_the_oracles_is_read_alike_in_both_ways_and_most_of_them_quickly(string file)
    {
        var (texts, quick) = (0, 0);
        foreach (var json in Oracle.Lines(file))
        {
            if (json.TryGetProperty("cdr", out var cdr))
            {
                texts++;
                quick += Readings.OfCdr(Text(cdr), RatingOptions.Default).IsQuick ? 1 : 0;
            }
            foreach (var tariff in json.TryGetProperty("tariff", out var one) ? [one] : json.TryGetProperty("tariffs", out var several) ? several.EnumerateArray().ToArray() : [])
            {
                texts++;
                quick += Readings.OfTariff(Text(tariff), Oracle.Version(json)).IsQuick ? 1 : 0;
            }
        }
        Assert.InRange(quick, Math.Max(1, texts * 2 / 3), texts);
    }

    [Fact]
    public void Every_real_tariff_is_read_alike_in_both_ways_and_most_of_them_quickly()
    {
        var (texts, quick) = (0, 0);
        using var xz = Process.Start(new ProcessStartInfo("xz", ["-dc", SharedFolder.PathOf("data/tariffs/ndw_nl_tariffs_20260607.jsonl.xz")]) { RedirectStandardOutput = true })!;
        while (xz.StandardOutput.ReadLine() is { } line)
        {
            texts++;
            quick += Readings.OfTariff(Encoding.UTF8.GetBytes(line), null).IsQuick ? 1 : 0;
        }
        Assert.InRange(quick, texts * 2 / 3, texts);
    }

    [Theory]
    [InlineData("speed-a.json", 192)]
    [InlineData("speed-b.json", 528)]
    [InlineData("speed-c.json", 3_528)]
    public void Reading_a_cdr_allocates_the_cdr_alone(string file, long bytesMax)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(SharedFolder.PathOf("oracles/tariffs/" + file)));
        var text = Text(document.RootElement.GetProperty("cdr"));
        var least = long.MaxValue;
        for (var i = 0; i < 20; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Assert.True(CdrReader.TryRead(text, RatingOptions.Default, out _, out _));
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        Assert.InRange(least, 1, bytesMax);
    }

    private static byte[] Text(JsonElement json) => JsonMarshal.GetRawUtf8Value(json).ToArray();
}
