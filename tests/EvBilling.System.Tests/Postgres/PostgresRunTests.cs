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
                merged[worker] = Run(uri, expected, [.. lines[worker]], $"half {worker}");
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
        Run(uri, expected, [], "nothing");
        using var store = PostgresBillStore.OpenToRead(PostgresStores.Target(uri), TimeProvider.System);
        Assert.Equal(expected.Bills(), Bills(store));
        Assert.Equal(expected.Read(read => read.ReadCounts()), store.ReadCounts());
        var versions = store.ReadBills(null, true).GroupBy(bill => bill.SessionId).Select(session => session.Select(bill => bill.Version));
        Assert.All(versions, numbers => Assert.Equal(Enumerable.Range(1, numbers.Count()), numbers));
    }

    [Fact]
    public void Finished_sessions_that_come_again_are_contradicted_or_told_of_otherwise_too_have_the_versions_of_SQLite()
    {
        using var expected = BillingStore.WithTariff();
        var uri = postgres.CreateDatabase();
        string[] finished = [.. Enumerable.Range(0, 12).Select(i => Completed($"S{i}", 10_000 + i)), .. Enumerable.Range(0, 3).Select(i => Older(i, 20 + i))];
        string[] late =
        [
            // Copies; another content under the id of a session; what the station says of it after all, whole or in part.
            .. finished, Completed("S0", 11_000), Completed("S1", 10_002), Older(1, 30), .. EventLines.Session("S2"), .. EventLines.Session("S3", 5)[..2],
            EventLines.Line("started", "S4", 0, 1000), EventLines.Line("ended", "S5", 61, 12_000),
        ];
        foreach (var (lines, source) in new[] { (finished, "finished"), (finished, "again"), (late, "late"), ([.. EventLines.Session("S4")[1..]], "end"), (late, "late again") })
        {
            expected.Run(new ChoppedLog(lines, 4, source));
            Run(uri, expected, lines, source);
            using var store = PostgresBillStore.OpenToRead(PostgresStores.Target(uri), TimeProvider.System);
            Assert.Equal(expected.Bills(), Bills(store));
            Assert.Equal(expected.Read(Versions), Versions(store));
            Assert.Equal(expected.Read(read => read.ReadCounts()), store.ReadCounts());
        }
        Assert.Equal(["15|15"], PostgresDatabases.Query(uri, "SELECT count(*), count(first_written_at) FROM evbilling.sessions"));
        Assert.NotEqual(["0"], PostgresDatabases.Query(uri, "SELECT count(*) FROM evbilling.bill_versions"));

        static List<string> Versions(IBillStore store) => [.. store.ReadBills(null, true).Select(bill => $"{bill.Version} {bill.Supersedes} {BillingStore.Content(bill)}")];
    }

    private static string Completed(string id, long energyWh) =>
        $$"""{"type":"completed","session_id":"{{id}}","started_at":"{{EventLines.Time(0)}}","ended_at":"{{EventLines.Time(60)}}","energy_wh":{{energyWh}},"evse_id":"E-{{id}}"}""";

    private static string Older(int charger, int kwh) =>
        $$"""{"charger_id":"C{{charger}}","start_time":"{{EventLines.Time(0)}}","end_time":"{{EventLines.Time(90)}}","energy_consumed":{{kwh}}.5}""";

    private static long Run(string uri, BillingStore like, IReadOnlyList<string> lines, string source)
    {
        using var log = new ChoppedLog(lines, 50, source);
        using var store = PostgresStores.Open(uri, TimeProvider.System);
        store.BeginWriting();
        store.Register(
            TariffDocument.Read(Encoding.UTF8.GetBytes(like.Tariffs)), like.Locations is null ? [] : LocationDocument.Read(Encoding.UTF8.GetBytes(like.Locations)),
            new StoredOptions(like.DefaultTariff, null, 31 * 24 * 3600, (long)new RunOptions().CloseAfter.TotalSeconds));
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
