using System.Text;
using EvBilling.Rating;
using EvBilling.Tariffs;

namespace EvBilling.Tests.Json;

/// <summary>Texts that are spoilt at random: what the quick readers read, the full ones read the same, and what is refused is refused by name.</summary>
public sealed class QuickReadingFuzzTests
{
    private const int Inputs = 200_000;
    private const int InputsLong = 10_000_000;
    private const int LengthMax = 2_000;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Spoilt_texts_are_read_alike_in_the_quick_and_in_the_full_way_or_refused_by_name(bool areTariffs)
    {
        var isLong = Environment.GetEnvironmentVariable("EVBILLING_LONG") == "1";
        var (seed, count) = (Environment.TickCount, (isLong ? InputsLong : Inputs) / 2);
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}, {count} inputs");
        var threads = Environment.ProcessorCount;
        Parallel.For(0, threads, thread => Fuzz(unchecked(seed + thread), count / threads, areTariffs));
    }

    private static void Fuzz(int seed, int count, bool areTariffs)
    {
        var random = new Random(seed);
        var plain = Array.ConvertAll(areTariffs ? PlainTexts.Tariffs : PlainTexts.Cdrs, Encoding.UTF8.GetBytes);
        byte[][] kept = [.. (areTariffs ? Corpus.Tariffs : Corpus.Cdrs).Select(one => one.Text).Where(text => text.Length is > 0 and < LengthMax)];
        RatingOptions[] options =
        [
            RatingOptions.Default, new() { PeriodOrder = PeriodOrderRule.AsGiven }, new() { DuplicateDimension = DuplicateDimensionRule.Last },
        ];
        OcpiVersion?[] versions = [null, OcpiVersion.V211, OcpiVersion.V221, OcpiVersion.V230];
        var (quick, read) = (0, 0);
        for (var i = 0; i < count; i++)
        {
            // Now and then from what is odd to begin with.
            var seeds = random.Next(8) == 0 ? kept : plain;
            var text = JsonMutation.Apply(seeds[random.Next(seeds.Length)], random);
            try
            {
                var outcome = areTariffs ? Readings.OfTariff(text, versions[random.Next(versions.Length)]) : Readings.OfCdr(text, options[random.Next(options.Length)]);
                quick += outcome.IsQuick ? 1 : 0;
                read += outcome.IsRead ? 1 : 0;
            }
            catch (Exception e)
            {
                Assert.Fail($"Keep it in Corpus/*.txt. Seed {seed}, input {i}: {Encoding.Latin1.GetString(text)}\n{e}");
            }
        }
        // Some must still be plain, some odd and some spoilt, or little was tried.
        Assert.InRange(quick, count / 20, count);
        Assert.InRange(read - quick, count / 100, count);
        Assert.InRange(count - read, count / 20, count);
    }
}
