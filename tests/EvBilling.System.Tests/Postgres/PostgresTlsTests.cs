using EvBilling.Engine;
using EvBilling.Storage.Postgres;
using EvBilling.SystemTests.Servers;

namespace EvBilling.SystemTests.Postgres;

/// <summary>A real server over TLS, with a password that is a token, as Azure's servers take it.</summary>
public sealed class PostgresTlsTests : IDisposable
{
    private const string Token = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ3b3JrZXIifQ.not-a-real-signature";

    private readonly TestCertificates _certificates = new();
    private readonly PostgresServer _server = PostgresServer.StartNew();
    private readonly string _database;

    public PostgresTlsTests()
    {
        _database = _server.CreateDatabase();
        foreach (var (from, name) in new[] { (_certificates.Server.CertificateFile, "tls.pem"), (_certificates.Server.KeyFile, "tls.key") })
        {
            var to = Path.Combine(_server.Data, name);
            File.Copy(from, to);
            // As its owner, who alone may read the key.
            PostgresPrograms.Run("chown", "--reference", _server.Data, to);
            PostgresPrograms.Run("chmod", "600", to);
        }
        PostgresDatabases.Execute(_database, "ALTER SYSTEM SET ssl_cert_file = 'tls.pem'");
        PostgresDatabases.Execute(_database, "ALTER SYSTEM SET ssl_key_file = 'tls.key'");
        PostgresDatabases.Execute(_database, "ALTER SYSTEM SET ssl = on");
        PostgresDatabases.Execute(_database, "SELECT pg_reload_conf()");
        PostgresDatabases.Execute(_database, $"CREATE ROLE worker LOGIN SUPERUSER PASSWORD '{Token}'");
    }

    public void Dispose()
    {
        _server.Dispose();
        _certificates.Dispose();
    }

    [Fact]
    public void A_token_is_the_password_and_goes_over_TLS_to_a_server_that_is_known()
    {
        var asked = 0;
        var target = Target($"sslmode=verify-full&sslrootcert={Uri.EscapeDataString(_certificates.AuthorityFile)}&auth=entra");
        using var store = PostgresBillStore.Open(target, TimeProvider.System, _ =>
        {
            Interlocked.Increment(ref asked);
            return ValueTask.FromResult(Token);
        });
        store.BeginWriting();
        Assert.Empty(store.ReadPositions());
        Assert.True(asked > 0);
        var seen = PostgresDatabases.Query(
            _database, "SELECT DISTINCT ssl::text FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = 'worker' AND application_name = 'evbilling'");
        Assert.Equal(["true"], seen);
    }

    [Fact]
    public void A_server_that_no_known_authority_vouches_for_is_refused_in_a_sentence_without_the_token()
    {
        var refused = Assert.Throws<BillStoreException>(() => PostgresBillStore.Open(
            Target("sslmode=verify-full&auth=entra"), TimeProvider.System, _ => ValueTask.FromResult(Token)).BeginWriting());
        Assert.DoesNotContain(Token, refused.ToString(), StringComparison.Ordinal);
        Assert.Contains("certificate", refused.Message, StringComparison.OrdinalIgnoreCase);
    }

    private PostgresTarget Target(string options) =>
        PostgresTarget.Parse(_database.Replace("postgres://postgres@", "postgres://worker@", StringComparison.Ordinal) + "?" + options, new Dictionary<string, string>());
}
