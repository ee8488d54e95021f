namespace EvBilling.SystemTests.Servers;

/// <summary>A real server over TLS with a user whose password is a token, as Azure's servers take it.</summary>
internal sealed class TlsPostgres : IDisposable
{
    public const string User = "worker";
    public const string Token = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ3b3JrZXIifQ.not-a-real-signature";

    private readonly PostgresServer _server = PostgresServer.StartNew();

    public TlsPostgres(TestCertificates certificates)
    {
        Database = _server.CreateDatabase();
        foreach (var (from, name) in new[] { (certificates.Server.CertificateFile, "tls.pem"), (certificates.Server.KeyFile, "tls.key") })
        {
            var to = Path.Combine(_server.Data, name);
            File.Copy(from, to);
            // As its owner, who alone may read the key.
            PostgresPrograms.Run("chown", "--reference", _server.Data, to);
            PostgresPrograms.Run("chmod", "600", to);
        }
        PostgresDatabases.Execute(Database, "ALTER SYSTEM SET ssl_cert_file = 'tls.pem'");
        PostgresDatabases.Execute(Database, "ALTER SYSTEM SET ssl_key_file = 'tls.key'");
        PostgresDatabases.Execute(Database, "ALTER SYSTEM SET ssl = on");
        PostgresDatabases.Execute(Database, "SELECT pg_reload_conf()");
        PostgresDatabases.Execute(Database, $"CREATE ROLE {User} LOGIN SUPERUSER PASSWORD '{Token}'");
    }

    /// <summary>The database as its owner has it, who needs no password.</summary>
    public string Database { get; }

    /// <summary>The database as the user with the token has it.</summary>
    public string Uri(string options) => $"{Database.Replace("postgres://postgres@", $"postgres://{User}@", StringComparison.Ordinal)}?{options}";

    public void Dispose() => _server.Dispose();
}
