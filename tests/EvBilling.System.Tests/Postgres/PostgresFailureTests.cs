using EvBilling.Billing;
using EvBilling.Engine;
using EvBilling.Storage.Postgres;
using EvBilling.SystemTests.Servers;
using EvBilling.SystemTests.Stores;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Postgres;

/// <summary>What is said when the server is away, or does not let us in; never a secret.</summary>
public sealed class PostgresFailureTests(SharedPostgres postgres)
{
    private const string Secret = "s3cr3t-Pa55word";
    private static readonly LogPartition File = new("/events.jsonl", "100-abc", 0);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void After_a_restart_of_the_server_work_goes_on_from_what_is_committed(bool isCrash)
    {
        using var server = PostgresServer.StartNew();
        var uri = server.CreateDatabase();
        using var store = PostgresStores.Worker(uri, File);
        store.Commit(Batches.Of(Batches.Session("S1", BillStatus.Final, 1)).At(File, 1));
        store.FindSession("S1"u8);
        server.Stop(isCrash ? PostgresStop.Immediate : PostgresStop.Fast);
        AssertTransient(() => store.Commit(Batches.Of(Batches.Session("S2", BillStatus.Final, 1)).At(File, 2), new NoConflict()));
        AssertTransient(() => store.FindSession("S1"u8));
        AssertTransient(() => store.ReadCounts());
        AssertTransient(() => PostgresStores.Open(uri));
        server.Start();
        using var next = PostgresStores.Worker(uri);
        Assert.Equal([new(File, 1)], next.Claim([File]));
        next.Commit(Batches.Of(Batches.Session("S2", BillStatus.Final, 1)).At(File, 2));
        Assert.Equal(["S1", "S2"], next.ReadBills(null, true).Select(bill => bill.SessionId));
        // The worker from before finds its way back to the server, but not to its partitions.
        Assert.NotNull(store.FindSession("S1"u8));
        AssertTransient(() => store.Commit(Batches.Of(Batches.Session("S3", BillStatus.Final, 1)).At(File, 3)), "Another worker");
    }

    [Fact]
    public void A_connection_that_the_server_ends_within_a_commit_fails_that_commit_alone()
    {
        var uri = postgres.CreateDatabase();
        using var store = PostgresStores.Worker(uri, File);
        store.Commit(Batches.Of(Batches.Session("S", BillStatus.Final, 1)).At(File, 1));
        var resolver = new MergingResolver
        {
            Meanwhile = () => PostgresDatabases.Execute(
                uri, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL"),
        };
        // It rests on no row although there is one, so that the resolver is called within the transaction.
        AssertTransient(() => store.Commit(Batches.Of(Batches.Session("S", BillStatus.Final, 2)).At(File, 2), resolver));
        Assert.Equal([1], store.ReadPositions().Select(position => position.NextOffset));
        store.Commit(Batches.Of(Batches.Session("S", BillStatus.Final, 2)).At(File, 2));
        Assert.Equal([1, 2], store.ReadBills(null, true).Select(bill => bill.Version));
    }

    [Fact]
    public void A_server_that_is_not_there_is_named_and_may_be_tried_again()
    {
        var port = FreePorts.Next();
        AssertTransient(() => PostgresStores.Open($"postgres://billing@127.0.0.1:{port}/bills", null, ("PGPASSWORD", Secret)), $"127.0.0.1:{port}");
    }

    [Fact]
    public void A_wrong_password_a_missing_database_and_a_missing_right_are_named_with_a_remedy()
    {
        var uri = postgres.CreateDatabase();
        var database = uri[(uri.LastIndexOf('/') + 1)..];
        var user = $"u_{database}";
        PostgresDatabases.Execute(uri, $"CREATE ROLE {user} LOGIN PASSWORD '{Secret}'");
        var target = postgres.Server.Uri(database, user);
        AssertRefused(() => PostgresStores.Open(target, null, ("PGPASSWORD", Secret + "x")), $"\"{user}\"", "PGPASSWORD");
        AssertRefused(() => PostgresStores.Open(target), $"\"{user}\"", "PGPASSWORD");
        AssertRefused(() => PostgresStores.Open(postgres.Server.Uri("no_such", user), null, ("PGPASSWORD", Secret)), "\"no_such\"", "createdb");
        AssertRefused(() => PostgresStores.Open(target, null, ("PGPASSWORD", Secret)), $"\"{user}\"", "CREATE SCHEMA evbilling AUTHORIZATION");
        PostgresStores.Open(uri).Dispose();
        AssertRefused(() => PostgresStores.Open(target, null, ("PGPASSWORD", Secret)), $"\"{user}\"", "evbilling_writer");
    }

    [Fact]
    public void A_password_may_come_from_a_file()
    {
        var uri = postgres.CreateDatabase();
        var database = uri[(uri.LastIndexOf('/') + 1)..];
        PostgresDatabases.Execute(uri, $"CREATE ROLE u_{database} LOGIN PASSWORD '{Secret}'; CREATE SCHEMA evbilling AUTHORIZATION u_{database}");
        using var folder = new TemporaryFolder();
        var file = folder.Write("pass", $"*:*:{database}:u_{database}:{Secret}\n");
        System.Diagnostics.Process.Start("chmod", ["600", file])!.WaitForExit();
        PostgresStores.Open(postgres.Server.Uri(database, $"u_{database}"), null, ("PGPASSFILE", file)).Dispose();
    }

    [Fact]
    public void A_token_is_asked_for_whenever_a_connection_is_made()
    {
        using var server = PostgresServer.StartNew("ssl=off");
        var target = PostgresTarget.Parse(server.Uri("postgres") + "?auth=entra", new Dictionary<string, string>());
        var asked = 0;
        // The server has no TLS, so that the token is not sent.
        AssertFails(() => PostgresBillStore.Open(target, new TestClock(), _ =>
        {
            asked++;
            return ValueTask.FromResult(Secret);
        }));
        Assert.True(target.UsesEntra);
        Assert.True(asked <= 1);
        AssertRefused(() => PostgresBillStore.Open(target, new TestClock()), "Entra");
    }

    private static BillStoreException AssertFails(Action act)
    {
        var failed = Assert.Throws<BillStoreException>(act);
        Assert.DoesNotContain(Secret, failed.ToString(), StringComparison.Ordinal);
        Assert.EndsWith(".", failed.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', failed.Message);
        return failed;
    }

    private static void AssertTransient(Action act, string naming = "") => AssertTransient(AssertFails(act), naming);

    private static void AssertTransient(BillStoreException failed, string naming)
    {
        Assert.True(failed.IsTransient, failed.ToString());
        Assert.Contains(naming, failed.Message, StringComparison.Ordinal);
    }

    private static void AssertRefused(Action act, params string[] naming)
    {
        var failed = AssertFails(act);
        Assert.False(failed.IsTransient, failed.ToString());
        Assert.All(naming, part => Assert.Contains(part, failed.Message, StringComparison.Ordinal));
    }
}
