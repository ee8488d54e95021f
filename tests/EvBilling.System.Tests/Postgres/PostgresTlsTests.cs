using EvBilling.Engine;
using EvBilling.Storage.Postgres;
using EvBilling.SystemTests.Servers;

namespace EvBilling.SystemTests.Postgres;

/// <summary>A real server over TLS, with a password that is a token, as Azure's servers take it.</summary>
public sealed class PostgresTlsTests : IDisposable
{
    private readonly TestCertificates _certificates = new();
    private readonly TlsPostgres _server;

    public PostgresTlsTests() => _server = new TlsPostgres(_certificates);

    public void Dispose()
    {
        _server.Dispose();
        _certificates.Dispose();
    }

    [Fact]
    public void A_token_is_the_password_and_goes_over_TLS_to_a_server_that_is_known()
    {
        var asked = 0;
        using var store = PostgresBillStore.Open(Target(Trusted), TimeProvider.System, _ =>
        {
            Interlocked.Increment(ref asked);
            return ValueTask.FromResult(TlsPostgres.Token);
        });
        store.BeginWriting();
        Assert.Empty(store.ReadPositions());
        Assert.True(asked > 0);
        var seen = PostgresDatabases.Query(
            _server.Database, "SELECT DISTINCT ssl::text FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = 'worker' AND application_name = 'evbilling'");
        Assert.Equal(["true"], seen);
    }

    [Fact]
    public void A_server_that_no_known_authority_vouches_for_is_refused_in_a_sentence_without_the_token() =>
        Assert.Contains("certificate", Refusal("sslmode=verify-full&auth=entra", () => TlsPostgres.Token), StringComparison.OrdinalIgnoreCase);

    [Fact]
    public void A_token_that_the_server_refuses_is_told_with_where_its_user_comes_from() =>
        Assert.Contains("does not let the user \"worker\" in", Refusal(Trusted, () => TlsPostgres.Token + "x"), StringComparison.Ordinal);

    [Fact]
    public void Where_there_is_no_token_the_sentence_says_why()
    {
        var said = Refusal(Trusted, () => throw new InvalidOperationException("no identity, since there is none"));
        Assert.Contains("is not asked without a token: no identity, since there is none.", said, StringComparison.Ordinal);
    }

    private string Trusted => $"sslmode=verify-full&sslrootcert={Uri.EscapeDataString(_certificates.AuthorityFile)}&auth=entra";

    private string Refusal(string options, Func<string> token)
    {
        var refused = Assert.Throws<BillStoreException>(() => PostgresBillStore.Open(Target(options), TimeProvider.System, _ => ValueTask.FromResult(token())).BeginWriting());
        Assert.DoesNotContain(TlsPostgres.Token, refused.ToString(), StringComparison.Ordinal);
        return refused.Message;
    }

    private PostgresTarget Target(string options) => PostgresTarget.Parse(_server.Uri(options), new Dictionary<string, string>());
}
