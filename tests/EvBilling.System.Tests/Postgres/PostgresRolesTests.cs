using System.Text.RegularExpressions;
using EvBilling.Billing;
using EvBilling.Engine;
using EvBilling.Storage.Postgres;
using EvBilling.SystemTests.Servers;
using EvBilling.SystemTests.Stores;
using EvBilling.SystemTests.Support;
using Npgsql;

namespace EvBilling.SystemTests.Postgres;

/// <summary>The SQL of docs/postgresql.md, as written there.</summary>
public sealed partial class PostgresRolesTests(SharedPostgres postgres)
{
    private const string Password = "p";
    private static readonly LogPartition File = new("/events.jsonl", "100-abc", 0);

    [Fact]
    public void A_worker_with_the_writers_rights_does_all_that_a_run_does_and_changes_no_table()
    {
        var uri = Store(out var worker, out _);
        using (var store = PostgresStores.Open(worker, null, ("PGPASSWORD", Password)))
        {
            store.BeginWriting();
            store.Register([], [], new StoredOptions(null, null, 1, 1));
            store.Claim([File]);
            store.Commit(Batches.Of(Batches.Session("S", BillStatus.Final, 1), Batches.Session("T", BillStatus.Open, 0)).At(File, 1).Refusing("bad"));
            var batch = Batches.Of(Batches.Session("S", BillStatus.Final, 2)).At(File, 2);
            batch.RemovedDeadLetters.Add(1);
            batch.CompletedAt.Add((File, 0));
            batch.Contacts.Add(new(batch.Texts.Append("S"u8), batch.Texts.Append("1"u8), default));
            store.Commit(batch);
            store.SkipGap(File, 3, 1);
            store.Rewind(File.Source);
            store.Prune(TimeSpan.FromDays(1));
            Assert.Equal(1, store.EraseContacts(new("S", null, null)));
            Assert.Equal([1, 2], store.ReadBills(null, true).Select(bill => bill.Version));
        }
        AssertDenied(worker, "CREATE TABLE evbilling.t(x int)");
        AssertDenied(worker, "DROP TABLE evbilling.bill_versions");
        AssertDenied(worker, "UPDATE evbilling.bill_versions SET total_incl_vat = 0");
        AssertDenied(worker, "DELETE FROM evbilling.bill_versions");
        AssertDenied(worker, "UPDATE evbilling.sessions SET first_total_incl_vat = 0");
        AssertDenied(worker, "DELETE FROM evbilling.decisions");
        AssertDenied(worker, "INSERT INTO evbilling.schema_version VALUES(77)");
        Assert.Equal(["2"], PostgresDatabases.Query(uri, "SELECT count(*) FROM evbilling.bills"));
    }

    [Fact]
    public void An_analyst_with_the_readers_rights_reads_bills_and_views_but_no_contact_data_and_writes_nothing()
    {
        var uri = Store(out _, out var analyst);
        using (var worker = PostgresStores.Worker(uri, File))
        {
            worker.Commit(Batches.Of(Batches.Session("S", BillStatus.Final, 1), Batches.Session("T", BillStatus.Open, 0)).At(File, 1));
        }
        using (var store = PostgresBillStore.OpenToRead(PostgresStores.Target(analyst, ("PGPASSWORD", Password)), new TestClock()))
        {
            Assert.Equal(["S"], store.ReadBills(null, false).Select(bill => bill.SessionId));
            Assert.Equal(["T"], store.ReadOpen(null).Select(open => open.Record.SessionId));
            Assert.NotNull(store.FindSession("S"u8));
            Assert.Equal(1, store.ReadPositions()[0].NextOffset);
            Assert.Throws<BillStoreException>(() => store.ReadContacts().ToList());
        }
        foreach (var query in Examples())
        {
            PostgresDatabases.Query(analyst, query, Password);
        }
        AssertDenied(analyst, "SELECT * FROM evbilling.contacts");
        AssertDenied(analyst, "INSERT INTO evbilling.meta VALUES('x', 'y')");
        AssertDenied(analyst, "DELETE FROM evbilling.dead_letters");
    }

    /// <summary>A store, and users of it made as the page says.</summary>
    private string Store(out string worker, out string analyst)
    {
        var uri = postgres.CreateDatabase();
        var database = uri[(uri.LastIndexOf('/') + 1)..];
        PostgresStores.Open(uri).Dispose();
        var sql = Blocks();
        // Twice, as after an upgrade. Roles belong to the server, which several tests share.
        lock (typeof(PostgresRolesTests))
        {
            PostgresDatabases.Execute(uri, sql[0]);
            PostgresDatabases.Execute(uri, sql[0]);
        }
        Assert.Contains("CREATE ROLE billing_worker LOGIN", sql[1], StringComparison.Ordinal);
        PostgresDatabases.Execute(
            uri,
            sql[1].Replace("billing_worker LOGIN", $"w_{database} LOGIN PASSWORD '{Password}'", StringComparison.Ordinal)
                .Replace("analyst LOGIN", $"a_{database} LOGIN PASSWORD '{Password}'", StringComparison.Ordinal));
        worker = postgres.Server.Uri(database, $"w_{database}");
        analyst = postgres.Server.Uri(database, $"a_{database}");
        return uri;
    }

    private static string[] Blocks() =>
        [.. Sql().Matches(System.IO.File.ReadAllText(Path.Combine(Repository.Root, "docs", "postgresql.md"))).Select(match => match.Groups[1].Value)];

    private static string[] Examples()
    {
        var examples = Blocks()[2..].SelectMany(block => block.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).ToArray();
        Assert.True(examples.Length >= 5);
        return examples;
    }

    private static void AssertDenied(string uri, string sql) =>
        Assert.Contains(Assert.Throws<PostgresException>(() => PostgresDatabases.Execute(uri, sql, Password)).SqlState, new[] { PostgresErrorCodes.InsufficientPrivilege });

    [GeneratedRegex("```sql\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Sql();
}
