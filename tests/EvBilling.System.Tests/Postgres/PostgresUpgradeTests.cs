using System.Collections.Concurrent;
using EvBilling.Engine;
using EvBilling.Storage.Postgres;
using EvBilling.SystemTests.Servers;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Postgres;

/// <summary>How the schema comes to be, and what is refused.</summary>
public sealed class PostgresUpgradeTests(SharedPostgres postgres)
{
    [Fact]
    public void Eight_workers_that_start_at_once_on_an_empty_database_make_one_schema()
    {
        var uri = postgres.CreateDatabase();
        var failures = new ConcurrentQueue<Exception>();
        var workers = Enumerable.Range(0, 8).Select(_ => new Thread(() =>
        {
            try
            {
                PostgresStores.Open(uri).Dispose();
            }
            catch (Exception e)
            {
                failures.Enqueue(e);
            }
        })).ToList();
        workers.ForEach(worker => worker.Start());
        workers.ForEach(worker => worker.Join());
        Assert.Empty(failures);
        Assert.Equal(Enumerable.Range(1, PostgresVersion()).Select(version => $"{version}"), PostgresDatabases.Query(uri, "SELECT version FROM evbilling.schema_version ORDER BY 1"));
    }

    [Fact]
    public void A_schema_of_a_newer_version_is_refused_naming_both_versions()
    {
        var uri = postgres.CreateDatabase();
        PostgresStores.Open(uri).Dispose();
        PostgresDatabases.Execute(uri, "INSERT INTO evbilling.schema_version(version) VALUES(1000)");
        AssertRefused(uri, $"newer version of EvBilling (store version 1000; this one knows {PostgresVersion()})");
    }

    [Fact]
    public void A_schema_of_another_program_is_refused_and_left_as_it_was()
    {
        var uri = postgres.CreateDatabase();
        PostgresDatabases.Execute(uri, "CREATE SCHEMA evbilling; CREATE TABLE evbilling.sessions(x int)");
        AssertRefused(uri, "another program's");
        Assert.Equal(["sessions"], PostgresDatabases.Query(uri, "SELECT tablename FROM pg_tables WHERE schemaname = 'evbilling'"));
    }

    [Fact]
    public void A_store_that_is_not_there_is_refused_by_a_reader_and_not_made()
    {
        var uri = postgres.CreateDatabase();
        var refused = Assert.Throws<BillStoreException>(() => PostgresBillStore.OpenToRead(PostgresStores.Target(uri), new TestClock()));
        Assert.True(refused.IsUnusable);
        Assert.Contains("no store", refused.Message, StringComparison.Ordinal);
        Assert.Equal(["0"], PostgresDatabases.Query(uri, "SELECT count(*) FROM pg_namespace WHERE nspname = 'evbilling'"));
    }

    [Fact]
    public void An_older_store_is_brought_up_to_date_by_a_writer_only()
    {
        var uri = postgres.CreateDatabase();
        PostgresStores.Open(uri).Dispose();
        PostgresStores.TakeBackLastStep(uri);
        var refused = Assert.Throws<BillStoreException>(() => PostgresBillStore.OpenToRead(PostgresStores.Target(uri), new TestClock()));
        Assert.Contains("older version", refused.Message, StringComparison.Ordinal);
        PostgresStores.Open(uri).Dispose();
        PostgresBillStore.OpenToRead(PostgresStores.Target(uri), new TestClock()).Dispose();
    }

    [Fact]
    public void A_database_of_another_encoding_is_refused()
    {
        var uri = postgres.CreateDatabase();
        var name = uri[(uri.LastIndexOf('/') + 1)..] + "_latin";
        PostgresDatabases.Execute(uri, $"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'");
        AssertRefused(postgres.Server.Uri(name), "LATIN1");
    }

    [Fact]
    public void A_reader_cannot_write()
    {
        var uri = postgres.CreateDatabase();
        PostgresStores.Open(uri).Dispose();
        using var reader = PostgresBillStore.OpenToRead(PostgresStores.Target(uri), new TestClock());
        Assert.Throws<InvalidOperationException>(reader.BeginWriting);
        Assert.Throws<InvalidOperationException>(() => reader.Claim([new("topic", "id", 0)]));
    }

    [Fact]
    public void Every_table_view_and_column_has_a_comment()
    {
        var uri = postgres.CreateDatabase();
        PostgresStores.Open(uri).Dispose();
        const string Relations = "FROM pg_class AS c WHERE c.relnamespace = 'evbilling'::regnamespace AND c.relkind IN ('r', 'v')";
        Assert.NotEqual(["0"], PostgresDatabases.Query(uri, $"SELECT count(*) {Relations}"));
        Assert.Empty(PostgresDatabases.Query(uri, $"SELECT c.relname {Relations} AND coalesce(obj_description(c.oid, 'pg_class'), '') = ''"));
        Assert.Empty(PostgresDatabases.Query(
            uri,
            "SELECT c.relname || '.' || a.attname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid WHERE c.relnamespace = 'evbilling'::regnamespace "
            + "AND c.relkind IN ('r', 'v') AND a.attnum > 0 AND NOT a.attisdropped AND coalesce(col_description(c.oid, a.attnum), '') = ''"));
    }

    private static void AssertRefused(string uri, string because)
    {
        foreach (var open in new Func<PostgresTarget, TimeProvider, Func<CancellationToken, ValueTask<string>>?, PostgresBillStore>[] { PostgresBillStore.Open, PostgresBillStore.OpenToRead })
        {
            var refused = Assert.Throws<BillStoreException>(() => open(PostgresStores.Target(uri), new TestClock(), null).Dispose());
            Assert.True(refused.IsUnusable);
            Assert.Contains(because, refused.Message, StringComparison.Ordinal);
        }
    }

    /// <summary>The version that this program makes.</summary>
    private int PostgresVersion()
    {
        var uri = postgres.CreateDatabase();
        PostgresStores.Open(uri).Dispose();
        return int.Parse(PostgresDatabases.Query(uri, "SELECT max(version) FROM evbilling.schema_version")[0], System.Globalization.CultureInfo.InvariantCulture);
    }
}
