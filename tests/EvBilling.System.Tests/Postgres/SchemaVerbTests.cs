using EvBilling.Engine;
using EvBilling.Storage.Postgres;
using EvBilling.SystemTests.Processes;
using EvBilling.SystemTests.Servers;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Postgres;

/// <summary>`evbilling schema` on a server of its own, since roles belong to the whole server.</summary>
[Collection(nameof(Processes))]
public sealed class SchemaVerbTests : IDisposable
{
    private const string Password = "p";
    private const string ObjectId = "11111111-2222-3333-4444-555555555555";
    private readonly PostgresServer _server;
    private readonly string _store;

    public SchemaVerbTests()
    {
        PostgresPrograms.SkipOrFail();
        _server = PostgresServer.StartNew();
        _store = _server.CreateDatabase();
    }

    public void Dispose() => _server.Dispose();

    [Fact]
    public void Makes_the_tables_and_gives_writers_and_readers_their_rights_and_doing_it_again_changes_nothing()
    {
        Sql("CREATE ROLE \"odd \"\"name\" LOGIN; CREATE ROLE second LOGIN PASSWORD 'p'; CREATE ROLE analyst LOGIN PASSWORD 'p'");
        var end = Schema("--writer", "odd \"name,second", "--reader", "analyst");
        Assert.True(end.ExitCode == 0, end.ToString());
        Assert.Equal("", end.Output);
        var memberships = PostgresDatabases.Query(_store, Memberships);
        Assert.Equal(["evbilling_reader|analyst", "evbilling_writer|odd \"name", "evbilling_writer|second"], memberships);
        var rights = PostgresDatabases.Query(_store, Rights);
        Assert.True(rights.Count > 30, $"{rights.Count} rights");
        Assert.Equal(0, Schema("--writer", "odd \"name,second", "--reader", "analyst").ExitCode);
        Assert.Equal(0, Schema().ExitCode);
        Assert.Equal(memberships, PostgresDatabases.Query(_store, Memberships));
        Assert.Equal(rights, PostgresDatabases.Query(_store, Rights));
        Assert.Equal(["0"], PostgresDatabases.Query(As("second"), "SELECT count(*) FROM evbilling.bills", Password));
        Assert.Throws<Npgsql.PostgresException>(() => PostgresDatabases.Execute(As("analyst"), "DELETE FROM evbilling.dead_letters", Password));
    }

    [Fact]
    public void A_member_that_is_not_there_is_named_and_no_rights_are_changed()
    {
        Sql("CREATE ROLE there LOGIN");
        var end = Schema("--writer", "there,missing");
        AssertRefused(end, 1, "There is no role \"missing\"", "CREATE ROLE \"missing\" LOGIN");
        Assert.Empty(PostgresDatabases.Query(_store, "SELECT 1 FROM pg_roles WHERE rolname LIKE 'evbilling_%'"));
    }

    [Fact]
    public void An_identity_of_Entra_ID_is_refused_where_the_server_is_none_of_Azures() =>
        AssertRefused(Schema("--writer", $"worker={ObjectId}"), 1, "only Azure Database for PostgreSQL does", "leave its object id away");

    /// <summary>The function of Azure is a stand-in here, of the same name, place and parameters; what Azure's own does was not run.</summary>
    [Fact]
    public void An_identity_of_Entra_ID_is_made_once_in_the_database_postgres_by_its_object_id()
    {
        PostgresDatabases.Execute(
            _server.Uri("postgres"),
            """
            CREATE TABLE made(name text, object_id text, kind text, is_admin boolean, is_mfa boolean);
            CREATE FUNCTION pgaadauth_create_principal_with_oid(text, text, text, boolean, boolean) RETURNS text LANGUAGE plpgsql AS $$
            BEGIN
                IF $2 LIKE '9999%' THEN RAISE EXCEPTION 'no such principal'; END IF;
                EXECUTE format('CREATE ROLE %I LOGIN', $1);
                INSERT INTO made VALUES($1, $2, $3, $4, $5);
                RETURN 'Created role for ' || $1;
            END $$;
            """);
        var arguments = new[] { "--writer", $"dev-worker={ObjectId}", "--reader", $"dev-factory={ObjectId.Replace('1', '7')}" };
        var end = Schema(arguments);
        Assert.True(end.ExitCode == 0, end.ToString());
        Assert.Contains("Made for Entra ID: dev-worker, dev-factory", end.Errors, StringComparison.Ordinal);
        Assert.Contains("Made for Entra ID: none named", Schema(arguments).Errors, StringComparison.Ordinal);
        Assert.Equal(
            [$"dev-worker|{ObjectId}|service|f|f", "dev-factory|77777777-2222-3333-4444-555555555555|service|f|f"],
            PostgresDatabases.Query(_server.Uri("postgres"), "SELECT * FROM made"));
        Assert.Equal(["evbilling_reader|dev-factory", "evbilling_writer|dev-worker"], PostgresDatabases.Query(_store, Memberships));
        AssertRefused(Schema("--reader", "nobody=99999999-2222-3333-4444-555555555555"), 1, "no such principal", "Entra administrator");
    }

    [Fact]
    public void Who_may_not_make_roles_is_told_what_is_missing()
    {
        Sql("CREATE ROLE plain LOGIN PASSWORD 'p'; CREATE SCHEMA evbilling AUTHORIZATION plain");
        using var process = CliProcess.Start(new Dictionary<string, string> { ["PGPASSWORD"] = Password }, "schema", "--store", As("plain"));
        AssertRefused(process.End(), 1, "\"plain\" may not make the roles", "CREATEROLE");
    }

    [Fact]
    public void Wrong_use_is_told_in_one_sentence()
    {
        AssertRefused(CliProcess.Run("schema", "--store", "sqlite:bills.db"), 2, "has no roles", "postgres://");
        AssertRefused(Schema("--writer", "w=123"), 2, "\"123\" is no object id", "az ad sp show");
        AssertRefused(Schema("--writer", "a,,b"), 2, "is no name of a role", "63");
        AssertRefused(Schema("--writer", new string('x', 64)), 2, "is no name of a role", "63");
        AssertRefused(Schema("--writer", "same", "--reader", "same"), 2, "\"same\" is named as a writer and as a reader", "once");
    }

    [Fact]
    public void The_SQL_is_that_of_the_page()
    {
        using var stream = typeof(PostgresRoles).Assembly.GetManifestResourceStream("roles.sql")!;
        using var reader = new StreamReader(stream);
        Assert.Contains(reader.ReadToEnd(), File.ReadAllText(Path.Combine(Repository.Root, "docs", "postgresql.md")), StringComparison.Ordinal);
    }

    private const string Memberships =
        "SELECT g.rolname, m.rolname FROM pg_auth_members JOIN pg_roles AS g ON g.oid = roleid JOIN pg_roles AS m ON m.oid = member WHERE g.rolname LIKE 'evbilling_%' ORDER BY 1, 2";

    private const string Rights =
        "SELECT grantee, table_name, privilege_type FROM information_schema.role_table_grants WHERE grantee LIKE 'evbilling_%' ORDER BY 1, 2, 3";

    private string As(string user) => _server.Uri(_store[(_store.LastIndexOf('/') + 1)..], user);

    private void Sql(string sql) => PostgresDatabases.Execute(_store, sql);

    private CliEnd Schema(params string[] members) => CliProcess.Run(["schema", "--store", _store, .. members]);

    private static void AssertRefused(CliEnd end, int code, string what, string remedy)
    {
        Assert.True(end.ExitCode == code, end.ToString());
        Assert.Equal("", end.Output);
        var line = Assert.Single(end.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(what, line, StringComparison.Ordinal);
        Assert.Contains(remedy, line, StringComparison.Ordinal);
    }
}
