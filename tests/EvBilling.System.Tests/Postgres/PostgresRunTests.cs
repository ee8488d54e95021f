using System.Collections.Concurrent;
using System.Text;
using EvBilling.Billing;
using EvBilling.Engine;
using EvBilling.Locations;
using EvBilling.Storage.Postgres;
using EvBilling.SystemTests.Servers;
using EvBilling.SystemTests.Support;
using EvBilling.Tariffs;

namespace EvBilling.SystemTests.Postgres;

/// <summary>Whole runs into PostgreSQL come to the bills that a run into SQLite comes to.</summary>
public sealed class PostgresRunTests(SharedPostgres postgres, ITestOutputHelper output)
{
    [Fact]
    public void Two_workers_that_share_the_events_of_each_session_come_to_the_same_bills_as_one()
    {
        var seed = Random.Shared.Next(1, 1_000_000);
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var fleet = SimulatedFleet.Create(seed);
        using var expected = BillingStore.Of(fleet);
        expected.Run(fleet.Lines);
        // Each event goes to either worker, some to both, in any order: nearly every session is in two hands.
        var lines = fleet.Lines.Concat(fleet.Lines.Where(_ => random.Next(5) == 0)).OrderBy(_ => random.Next()).ToLookup(_ => random.Next(2));
        var uri = postgres.CreateDatabase();
        var failures = new ConcurrentQueue<Exception>();
        var merged = new long[2];
        var workers = Enumerable.Range(0, 2).Select(worker => new Thread(() =>
        {
            try
            {
                merged[worker] = Run(uri, fleet, [.. lines[worker]], $"half {worker}");
            }
            catch (Exception e)
            {
                failures.Enqueue(e);
            }
        })).ToList();
        workers.ForEach(worker => worker.Start());
        workers.ForEach(worker => worker.Join());
        Assert.Empty(failures);
        output.WriteLine($"{merged.Sum()} rows merged");
        Assert.True(merged.Sum() > 0);
        // Who ended first looked at the close policy while the other still read.
        Run(uri, fleet, [], "nothing");
        using var store = PostgresBillStore.OpenToRead(PostgresStores.Target(uri), TimeProvider.System);
        Assert.Equal(expected.Bills(), Bills(store));
        Assert.Equal(expected.Read(read => read.ReadCounts()), store.ReadCounts());
        var versions = store.ReadBills(null, true).GroupBy(bill => bill.SessionId).Select(session => session.Select(bill => bill.Version));
        Assert.All(versions, numbers => Assert.Equal(Enumerable.Range(1, numbers.Count()), numbers));
    }

    private static long Run(string uri, SimulatedFleet fleet, IReadOnlyList<string> lines, string source)
    {
        using var log = new ChoppedLog(lines, 50, source);
        using var store = PostgresStores.Open(uri, TimeProvider.System);
        store.BeginWriting();
        store.Register(
            TariffDocument.Read(Encoding.UTF8.GetBytes(fleet.Tariffs)), LocationDocument.Read(Encoding.UTF8.GetBytes(fleet.Locations)),
            new StoredOptions(null, null, 31 * 24 * 3600, (long)new RunOptions().CloseAfter.TotalSeconds));
        store.Claim(log.Partitions);
        using var run = new BillingRun(
            log, store, () => BillingStore.Biller(store), store.ReadTariffs()[^1].Sequence, new RunOptions { BatchEventsMax = 100 }, TimeProvider.System);
        run.Run(CancellationToken.None);
        return run.Counters.SessionsMerged;
    }

    private static SortedDictionary<string, string> Bills(PostgresBillStore store)
    {
        var biller = BillingStore.Biller(store);
        return new(
            store.ReadBills(null, false).Concat(store.ReadOpen(null).Select(open => biller.Make(open.Record, false, open.TariffsUntil)))
                .ToDictionary(bill => bill.SessionId, BillingStore.Content),
            StringComparer.Ordinal);
    }
}
