using System.Text.Json;
using EvBilling.Cdrs;
using EvBilling.Locations;
using EvBilling.Rating;
using EvBilling.Tariffs;

namespace EvBilling.Tests.Rating;

/// <summary>How many bytes a rating may allocate, on the inputs of the speed comparison.</summary>
public sealed class RatingBudgetTests
{
    [Theory]
    [InlineData("speed-a.json", 400)]
    [InlineData("speed-b.json", 800)]
    [InlineData("speed-c.json", 2000)]
    public void A_new_result_with_its_lines_stays_within_its_budget_and_a_used_one_costs_nothing(string file, long bytesMax)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(SharedFolder.PathOf("oracles/tariffs/" + file)));
        var json = document.RootElement;
        Assert.True(TariffReader.TryRead(json.GetProperty("tariff"), Oracle.Version(json), out var tariff, out _));
        Assert.True(CompiledTariff.TryCompile(tariff, null, out var compiled, out _));
        Assert.True(CdrReader.TryRead(json.GetProperty("cdr"), RatingOptions.Default, out var cdr, out _));
        var zone = new RatingZone(TimeZoneChooser.FindZone(json.GetProperty("timezone").GetString()!)!);
        var used = new RatingResult();

        var bytesNew = Allocated(() => Rater.Rate(cdr.Session(zone), compiled, new RatingResult(cdr.Periods.Length + 1)));
        var bytesUsed = Allocated(() => Rater.Rate(cdr.Session(zone), compiled, used));

        Assert.InRange(bytesNew, 1, bytesMax);
        Assert.Equal(0, bytesUsed);
    }

    // The runtime's own work on this thread, such as compiling, is not counted: the least of several.
    private static long Allocated(Action operation)
    {
        var least = long.MaxValue;
        for (var i = 0; i < 20; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            operation();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        return least;
    }
}
