using EvBilling.SystemTests.Servers;

[assembly: AssemblyFixture(typeof(SharedPostgres))]

namespace EvBilling.SystemTests.Servers;

/// <summary>
/// One server for all tests that do not stop it or ask for a special one; started by the first of them, or the one that EVBILLING_TEST_POSTGRES names. A test
/// class takes it in its constructor and makes databases of its own.
/// </summary>
public sealed class SharedPostgres : IDisposable
{
    private readonly Lazy<PostgresServer> _server = new(() => PostgresServer.StartNew());

    internal IPostgres Server
    {
        get
        {
            if (Environment.GetEnvironmentVariable("EVBILLING_TEST_POSTGRES") is { Length: > 0 } uri)
            {
                return new NamedPostgres(uri);
            }
            PostgresPrograms.SkipOrFail();
            return _server.Value;
        }
    }

    /// <summary>Makes an empty database that no other test uses.</summary>
    /// <returns>Its libpq URI.</returns>
    internal string CreateDatabase() => Server.CreateDatabase();

    public void Dispose()
    {
        if (_server.IsValueCreated)
        {
            _server.Value.Dispose();
        }
    }

    /// <summary>A server that is there already. Its databases stay behind.</summary>
    private sealed class NamedPostgres(string uri) : IPostgres
    {
        private readonly Uri _uri = new(uri);

        public string Uri(string database, string user = "postgres") =>
            $"postgres://{(user == "postgres" ? _uri.UserInfo : user)}@{_uri.Host}:{(_uri.IsDefaultPort ? 5432 : _uri.Port)}/{database}";
    }
}
