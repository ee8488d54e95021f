using System.Diagnostics;
using EvBilling.Locations;
using EvBilling.Rating;
using EvBilling.Tariffs;
using EvBilling.Tests.Rating;

namespace EvBilling.Tests.Tariffs;

/// <summary>The tariffs of the Dutch national access point (data/INDEX.md), as published.</summary>
public sealed class RealTariffsTests
{
    [Theory]
    [InlineData("ndw_nl_tariffs_20260607.jsonl.xz", 7494)]
    [InlineData("ndw_nl_tariffs_20260602_changed_or_gone.jsonl.xz", 245)]
    public void Every_real_tariff_is_read_and_prices_a_session(string file, int count)
    {
        var entries = TariffDocument.Read(Decompressed(SharedFolder.PathOf("data/tariffs/" + file)));
        Assert.Equal(count, entries.Count);
        Assert.All(entries, entry => Assert.True(entry.Tariff is not null, entry.Refusal?.ToString()));

        var zone = new RatingZone(TimeZoneChooser.FindZone("Europe/Amsterdam")!);
        RatingPeriod[] periods = [Given.Period(0, 12.3456m, 5_400), Given.Period(5_400, 0, 0, 1_800)];
        var result = new RatingResult();
        foreach (var entry in entries)
        {
            Assert.True(CompiledTariff.TryCompile(entry.Tariff!, null, out var compiled, out var refusal), refusal?.ToString());
            Rater.Rate(new RatingSession(Given.Start, Given.Start + (7_200 * Given.Second), periods) { Zone = zone }, compiled, result);
            Assert.Equal(RatingOutcome.Priced, result.Outcome);
            Assert.Equal(RatingTotals.Of(result).ExclVat.Rounded(2), (System.Numerics.BigInteger)(BillAmounts.Round(result, periods).TotalExclVat * 100));
        }
    }

    [Fact]
    public void The_dutch_receivers_test_tariffs_are_read_or_refused_by_name()
    {
        foreach (var file in Directory.EnumerateFiles(SharedFolder.PathOf("data/tariffs/ndw_receiver_test_data"), "*tariff*.json", SearchOption.AllDirectories))
        {
            foreach (var entry in TariffDocument.Read(File.ReadAllBytes(file)))
            {
                Assert.True(entry.Tariff is not null || entry.Refusal!.Path == "/currency", $"{file}: {entry.Refusal}");
            }
        }
    }

    private static byte[] Decompressed(string path)
    {
        using var xz = Process.Start(new ProcessStartInfo("xz", ["-dc", path]) { RedirectStandardOutput = true })!;
        using var bytes = new MemoryStream();
        xz.StandardOutput.BaseStream.CopyTo(bytes);
        xz.WaitForExit();
        Assert.Equal(0, xz.ExitCode);
        return bytes.ToArray();
    }
}
