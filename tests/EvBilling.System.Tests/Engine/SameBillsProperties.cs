using CsCheck;
using EvBilling.Billing;
using EvBilling.Engine;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Engine;

/// <summary>The one idea: bills depend on the set of events, not on how they come. Bills are compared without version and supersedes.</summary>
public sealed class SameBillsProperties(ITestOutputHelper output)
{
    private static readonly Gen<(long Seed, int Shuffle)> Fleets = Gen.Select(Gen.Long[1, 1_000_000_000], Gen.Int[0, int.MaxValue - 1]);

    [Fact]
    public void Shuffled_duplicated_and_split_over_three_runs_the_bills_are_the_same() => Sample(8, (fleet, random, expected) =>
    {
        var lines = fleet.Thinned(new Random(random.Next()), 0);
        var (billed, parts) = (expected(lines), Parts(Spread(lines, random), random));
        using var store = BillingStore.Of(fleet);
        var counters = parts.Select(part => store.Run(part)).ToList();
        Assert.Equal(lines.Length + (lines.Length / 5), counters.Sum(counter => counter.Events));
        AssertSame(billed, store.Bills());
        AssertCountsAreTrue(store);
    });

    [Fact]
    public void So_they_are_where_many_events_are_lost() => Sample(8, (fleet, random, expected) =>
    {
        var lines = fleet.Thinned(random, 20);
        using var store = BillingStore.Of(fleet);
        foreach (var part in Parts(Spread(lines, random), random))
        {
            store.Run(part);
        }
        AssertSame(expected(lines), store.Bills());
        AssertCountsAreTrue(store);
    });

    [Fact]
    public void So_they_are_with_tiny_batches_and_a_cache_that_holds_nothing() => Sample(3, (fleet, random, expected) =>
    {
        // Each batch waits for the disk, so that a part of the fleet is enough.
        var lines = fleet.Thinned(random, 5).Where(line => SessionOf(line) % 4 == 0).ToArray();
        var bills = expected(lines);
        foreach (var options in new[]
        {
            new RunOptions { BatchEventsMax = 7, CacheBytesMax = 20_000 }, new RunOptions { BatchEventsMax = 7 }, new RunOptions { CacheBytesMax = 0 },
            new RunOptions { BatchSessionsMax = 1, CacheBytesMax = 20_000 }, new RunOptions { BatchEventsMax = 20, CacheBytesMax = 80_000 }, new RunOptions { BatchTimeMax = TimeSpan.Zero },
        })
        {
            using var store = BillingStore.Of(fleet);
            store.Options = options;
            store.Run(new ChoppedLog([.. Spread(lines, random)], random.Next(1, 8)));
            AssertSame(bills, store.Bills());
            AssertCountsAreTrue(store);
        }
    });

    [Fact]
    public void So_they_are_after_a_second_run_over_everything_which_writes_no_version() => Sample(3, (fleet, random, expected) =>
    {
        var lines = fleet.Thinned(random, 10);
        using var store = BillingStore.Of(fleet);
        store.Run(lines);
        var again = store.Run(new ChoppedLog([.. Spread(lines, random)], 1000, "another source"));
        Assert.Equal((0, again.Events, 0), (again.NewEvents, again.Duplicates, again.VersionsWritten));
        AssertSame(expected(lines), store.Bills());
    });

    [Fact]
    public void So_they_are_with_a_million_events()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("EVBILLING_LONG") == "1", "It takes minutes: EVBILLING_LONG=1, or ./test --long.");
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var fleet = SimulatedFleet.Create(seed, 3_000, 112);
        output.WriteLine($"{fleet.Lines.Length} events");
        Assert.True(fleet.Lines.Length > 1_000_000);
        using var once = BillingStore.Of(fleet);
        once.Run(fleet.Lines);
        using var split = BillingStore.Of(fleet);
        foreach (var part in Parts(Spread(fleet.Lines, random), random))
        {
            split.Run(part);
        }
        AssertSame(once.Bills(), split.Bills());
        AssertCountsAreTrue(split);
    }

    private static void Sample(int times, Action<SimulatedFleet, Random, Func<string[], SortedDictionary<string, string>>> check) => Fleets.Sample(
        drawn =>
        {
            var fleet = SimulatedFleet.Create(drawn.Seed);
            check(fleet, new Random(drawn.Shuffle), lines =>
            {
                using var store = BillingStore.Of(fleet);
                store.Run(lines);
                var bills = store.Bills();
                Assert.True(bills.Count >= 5);
                return bills;
            });
        }, iter: times, threads: 1);

    /// <summary>20 % of the lines once more, all in any order.</summary>
    private static List<string> Spread(string[] lines, Random random)
    {
        var copies = lines.OrderBy(_ => random.Next()).Take(lines.Length / 5);
        return [.. lines.Concat(copies).OrderBy(_ => random.Next())];
    }

    private static List<string>[] Parts(List<string> lines, Random random)
    {
        List<string>[] parts = [[], [], []];
        // By sessions half of the time: then whole sessions come in other runs than the later ones on their connectors.
        var (bySession, salt) = (random.Next(2) == 0, random.Next());
        foreach (var line in lines)
        {
            parts[bySession ? (int)((uint)(SessionOf(line) ^ salt) % 3) : random.Next(3)].Add(line);
        }
        return parts;
    }

    private static int SessionOf(string line)
    {
        const string Member = "\"session_id\":\"S-";
        var from = line.IndexOf(Member, StringComparison.Ordinal) + Member.Length;
        // Not the text's own hash code, which differs from process to process, so that a seed brings back the same case.
        return line[from..line.IndexOf('"', from)].Aggregate(17, (hash, letter) => unchecked((hash * 31) + letter));
    }

    private static void AssertSame(SortedDictionary<string, string> expected, SortedDictionary<string, string> actual)
    {
        Assert.Equal(expected.Keys, actual.Keys);
        foreach (var (id, bill) in expected)
        {
            Assert.Equal(bill, actual[id]);
        }
    }

    private static void AssertCountsAreTrue(BillingStore store) => Assert.True(store.Read(read =>
    {
        var byStatus = read.ReadBills(null, false).CountBy(bill => bill.Status).ToDictionary();
        var open = read.ReadOpen(null).Count();
        return read.ReadCounts() == new StoreCounts(
            open + byStatus.Values.Sum(), byStatus.GetValueOrDefault(BillStatus.Final), byStatus.GetValueOrDefault(BillStatus.Held), 0);
    }));
}
