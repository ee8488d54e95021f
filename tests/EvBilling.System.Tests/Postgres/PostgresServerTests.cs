using EvBilling.SystemTests.Servers;

namespace EvBilling.SystemTests.Postgres;

/// <summary>The test server does what tests rely on.</summary>
public sealed class PostgresServerTests(SharedPostgres postgres)
{
    [Fact]
    public void Every_test_has_an_empty_database_of_its_own()
    {
        var (one, other) = (postgres.CreateDatabase(), postgres.CreateDatabase());
        PostgresDatabases.Execute(one, "CREATE TABLE t(x int); INSERT INTO t VALUES(1)");
        Assert.Equal(["1|UTF8"], PostgresDatabases.Query(one, "SELECT x, current_setting('server_encoding') FROM t"));
        Assert.Equal(["0"], PostgresDatabases.Query(other, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"));
    }

    [Fact]
    public void A_server_that_was_killed_or_stopped_has_what_was_committed_when_it_is_started_again()
    {
        using var server = PostgresServer.StartNew();
        var uri = server.CreateDatabase();
        PostgresDatabases.Execute(uri, "CREATE TABLE t(x int); INSERT INTO t VALUES(1)");
        server.Kill();
        server.Start();
        PostgresDatabases.Execute(uri, "INSERT INTO t VALUES(2)");
        server.Restart(PostgresStop.Immediate);
        PostgresDatabases.Execute(uri, "INSERT INTO t VALUES(3)");
        server.Restart();
        Assert.Equal(["1", "2", "3"], PostgresDatabases.Query(uri, "SELECT x FROM t ORDER BY x"));
    }
}
