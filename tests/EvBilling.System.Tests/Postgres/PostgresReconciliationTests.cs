using EvBilling.Billing;
using EvBilling.Engine;
using EvBilling.Events;
using EvBilling.Storage.Postgres;
using EvBilling.SystemTests.Servers;
using EvBilling.SystemTests.Stores;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Postgres;

/// <summary>The books balance whatever was read, and do not where something was taken away.</summary>
public sealed class PostgresReconciliationTests(SharedPostgres postgres)
{
    private const string Counted = "SELECT sum(records), sum(events), sum(letters), sum(repeats) FROM evbilling.positions";
    private static readonly string[] Bad = ["{", "[]"];

    [Fact]
    public void Duplicates_refused_records_a_rewind_and_records_that_go_through_later_all_balance()
    {
        var uri = postgres.CreateDatabase();
        string[] lines = [.. EventLines.Session("A"), EventLines.Session("A")[0], .. Bad, .. EventLines.Session("B")[..2]];
        Run(uri, new ChoppedLog(lines, 3));
        AssertBalances(uri, "8|6|2|0");
        // All again: copies of known events, and records whose letters are there already.
        Run(uri, new ChoppedLog(lines, 2));
        AssertBalances(uri, "16|12|2|2");
        // What is put through again is read once, and now an event.
        var good = EventLines.Session("C")[2];
        PostgresDatabases.Execute(uri, $"UPDATE evbilling.dead_letters SET bytes = convert_to('{good}', 'UTF8') WHERE number = (SELECT min(number) FROM evbilling.dead_letters)");
        using (var reader = PostgresStores.Open(uri))
        {
            Run(uri, new DeadLetterLog(reader));
        }
        AssertBalances(uri, "16|13|1|2");
    }

    [Fact]
    public void Half_a_line_counts_once_when_the_rest_of_it_has_come()
    {
        var uri = postgres.CreateDatabase();
        using var folder = new TemporaryFolder();
        var lines = EventLines.Session("A");
        var file = folder.Write("events.jsonl", EventLines.Text(lines[..2]) + lines[2][..20]);
        Run(uri, store => EvBilling.Storage.Files.FileEventLog.Open([file], store.ReadPositions(), _ => { }));
        AssertBalances(uri, "3|2|1|0");
        File.AppendAllText(file, lines[2][20..] + "\n");
        Run(uri, store => EvBilling.Storage.Files.FileEventLog.Open([file], store.ReadPositions(), _ => { }));
        AssertBalances(uri, "3|3|0|0");
    }

    [Theory]
    [InlineData("DELETE FROM evbilling.dead_letters", "dead letters")]
    [InlineData("UPDATE evbilling.positions SET events = events + 1", "events")]
    [InlineData("DELETE FROM evbilling.bills WHERE session_id = 'A' AND version = 1", "bills", "versions")]
    [InlineData("DELETE FROM evbilling.bills WHERE session_id = 'A' AND version = 2", "versions")]
    [InlineData("DELETE FROM evbilling.sessions WHERE session_id = 'B'", "sessions")]
    public void What_was_taken_away_is_missed(string taken, params string[] missedBy)
    {
        var uri = postgres.CreateDatabase();
        // A is billed, goes on and is billed anew; B is open.
        Run(uri, new ChoppedLog([.. EventLines.Session("A"), .. Bad, EventLines.Session("B")[0]], 10));
        Run(uri, new ChoppedLog([EventLines.Line("ended", "A", 120, 20_000)], 10, "more"));
        AssertBalances(uri, "7|5|2|0");
        PostgresDatabases.Execute(uri, taken);
        Assert.Equal(missedBy, PostgresDatabases.Query(uri, "SELECT name FROM evbilling.reconciliation WHERE NOT holds ORDER BY 1"));
    }

    [Fact]
    public void Lines_that_do_not_add_up_to_their_bill_are_found()
    {
        var uri = postgres.CreateDatabase();
        Run(uri, new ChoppedLog(EventLines.Session("A"), 10));
        Assert.Equal(
            ["A|1|EUR|5.00|6.00|5.00|1.00|t"],
            PostgresDatabases.Query(
                uri,
                "SELECT session_id, version, currency, total_excl_vat::numeric(9,2), total_incl_vat::numeric(9,2), lines_excl_vat::numeric(9,2), lines_vat::numeric(9,2), holds FROM evbilling.bill_sums"));
        foreach (var column in new[] { "total_excl_vat", "total_incl_vat" })
        {
            PostgresDatabases.Execute(uri, $"UPDATE evbilling.bills SET {column} = {column} + 0.01");
            Assert.Equal(["f"], PostgresDatabases.Query(uri, "SELECT holds FROM evbilling.bill_sums"));
            PostgresDatabases.Execute(uri, $"UPDATE evbilling.bills SET {column} = {column} - 0.01");
        }
    }

    [Fact]
    public void A_source_that_was_replaced_by_another_of_its_name_no_longer_counts_for_the_progress()
    {
        var uri = postgres.CreateDatabase();
        LogPartition[] old = [new("topic", "old", 0), new("topic", "old", 1)];
        var replaced = new LogPartition("topic", "new", 0);
        using (var store = PostgresStores.Worker(uri, old))
        {
            var batch = new CommitBatch();
            batch.Advance(old[0], new(5, 10, 0, 5, 4));
            batch.Advance(old[0], new(10, 10, 0, 5, 5));
            batch.Advance(old[1], new(7, -1, 0, 7, 7));
            store.Commit(batch);
        }
        Assert.Equal(["old|2|0|1|17|16"], PostgresDatabases.Query(uri, "SELECT incarnation, partitions, lag, ends_unknown, records, events FROM evbilling.progress_by_source"));
        PostgresDatabases.Execute(uri, "UPDATE evbilling.positions SET confirmed_at = confirmed_at - interval '1 hour'");
        using (var store = PostgresStores.Worker(uri, replaced))
        {
            var batch = new CommitBatch();
            batch.Advance(replaced, new(1, 3, 0, 1, 1));
            store.Commit(batch);
        }
        Assert.Equal(["new|1|2|0|1|1"], PostgresDatabases.Query(uri, "SELECT incarnation, partitions, lag, ends_unknown, records, events FROM evbilling.progress_by_source"));
    }

    [Fact]
    public void A_store_of_before_balances_after_its_upgrade()
    {
        var uri = postgres.CreateDatabase();
        Run(uri, new ChoppedLog([.. EventLines.Session("A"), .. Bad], 10));
        PostgresStores.TakeBackLastStep(uri);
        Run(uri, new ChoppedLog([.. EventLines.Session("A"), .. Bad, .. EventLines.Session("B")], 10, from: 5));
        AssertBalances(uri, "5|3|2|0");
    }

    private static void AssertBalances(string uri, string counted)
    {
        Assert.Equal([counted], PostgresDatabases.Query(uri, Counted));
        Assert.Equal(
            ["bills|t", "dead letters|t", "events|t", "sessions|t", "versions|t"], PostgresDatabases.Query(uri, "SELECT name, holds FROM evbilling.reconciliation ORDER BY 1"));
    }

    private static void Run(string uri, IEventLog log) => Run(uri, _ => log);

    private static void Run(string uri, Func<IBillStore, IEventLog> open)
    {
        using var store = PostgresStores.Open(uri, TimeProvider.System);
        store.BeginWriting();
        store.Register(
            Tariffs.TariffDocument.Read(System.Text.Encoding.UTF8.GetBytes(TariffTexts.List(TariffTexts.Energy("T", 0.5m)))), [], new StoredOptions("T", null, 31 * 24 * 3600, 365 * 24 * 3600));
        using var log = open(store);
        store.Claim(log.Partitions);
        using var run = new BillingRun(log, store, () => BillingStore.Biller(store), store.ReadTariffs()[^1].Sequence, new RunOptions { CloseAfter = TimeSpan.FromDays(365) }, TimeProvider.System);
        run.Run(CancellationToken.None);
    }
}
