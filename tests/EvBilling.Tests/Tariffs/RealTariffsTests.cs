using System.Diagnostics;
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
    public void Every_real_tariff_is_read_and_either_compiled_or_refused_for_what_it_really_states(string file, int count)
    {
        var entries = TariffDocument.Read(Decompressed(SharedFolder.PathOf("data/tariffs/" + file)));
        Assert.Equal(count, entries.Count);
        Assert.All(entries, entry => Assert.True(entry.Tariff is not null, entry.Refusal?.ToString()));

        var refusals = new List<TariffRefusal>();
        foreach (var entry in entries)
        {
            if (!CompiledTariff.TryCompile(entry.Tariff!, null, out _, out var refusal))
            {
                refusals.Add(refusal);
            }
            Assert.Equal(entry.Tariff!.Elements.Any(element => element.Restrictions.Length > 0), refusal is not null);
        }
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{file}: read {entries.Count}, compiled {entries.Count - refusals.Count}, refused {refusals.Count}, " +
            $"findings {entries.Sum(entry => entry.Tariff!.Findings.Length)}");
        Assert.All(refusals, refusal => Assert.Contains("/restrictions/", refusal.Path));
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
