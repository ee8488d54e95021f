using EvBilling.Engine;
using EvBilling.Storage.Postgres;

namespace EvBilling.SystemTests.Postgres;

/// <summary>libpq's URIs and environment.</summary>
public sealed class PostgresTargetTests
{
    private const string Secret = "s3cr3t-Pa55word";

    [Theory]
    [InlineData("postgres://u@h:1/d", "postgres://u@h:1/d")]
    [InlineData("postgresql://u@h/d", "postgres://u@h:5432/d")]
    [InlineData("POSTGRES://u@h", "postgres://u@h:5432/u")]
    [InlineData("postgres://u%40corp@h/a%2Fb", "postgres://u@corp@h:5432/a/b")]
    [InlineData("postgres://u@[::1]:77/d", "postgres://u@[::1]:77/d")]
    [InlineData("postgres://u@a:1,b,[::2]:3/d?target_session_attrs=primary", "postgres://u@a:1,b:5432,[::2]:3/d")]
    [InlineData("postgres://u@%2Fvar%2Frun/d", "postgres://u@/var/run/d")]
    [InlineData("postgres:///d?host=h&port=9&user=u", "postgres://u@h:9/d")]
    [InlineData("postgres://u@h/?dbname=d&connect_timeout=3", "postgres://u@h:5432/d")]
    [InlineData("postgres://", "postgres://EU@EH:7777/ED", "PGUSER=EU", "PGHOST=EH", "PGPORT=7777", "PGDATABASE=ED")]
    [InlineData("postgres://u@h:1/d", "postgres://u@h:1/d", "PGUSER=EU", "PGHOST=EH", "PGPORT=7777", "PGDATABASE=ED", "PGPASSWORD=" + Secret)]
    public void A_URI_wins_over_the_environment_and_that_over_the_defaults(string uri, string expected, params string[] environment)
    {
        Assert.True(PostgresTarget.IsPostgres(uri));
        Assert.Equal(expected, PostgresTarget.Parse(uri, Environment(environment)).ToString());
    }

    [Theory]
    [InlineData("postgres://u:" + Secret + "@h/d", "PGPASSWORD")]
    [InlineData("postgres://u:" + Secret + "/@x@h/d", "PGPASSWORD")]
    [InlineData("postgres://:" + Secret + "@h/d", "PGPASSFILE")]
    [InlineData("postgres://u@h/d?password=" + Secret, "PGPASSWORD")]
    [InlineData("postgres://u@h/d?sslpassword=" + Secret, "PGPASSFILE")]
    [InlineData("postgres://u@h:0/d", "port")]
    [InlineData("postgres://u@h:x/d", "port")]
    [InlineData("postgres://u@h:65536/d", "port")]
    [InlineData("postgres://u@a,/d", "host")]
    [InlineData("postgres://u@h/d?sslmode=best", "verify-full")]
    [InlineData("postgres://u@h/d?ssl=true", "sslmode")]
    [InlineData("postgres://u@h/d?sslmode", "sslmode")]
    [InlineData("postgres://u@h/d?sslrootcert=/no/such.pem", "/no/such.pem")]
    [InlineData("postgres://u@h/d?connect_timeout=soon", "connect_timeout")]
    [InlineData("postgres://u@h/d?auth=magic", "entra")]
    [InlineData("postgres://u@h/d?auth=entra&sslmode=disable", "TLS")]
    [InlineData("postgres://u@h/%zz", "%25")]
    [InlineData("postgres://u@h/a%00b", "%25")]
    [InlineData("postgres://u@h/a%2", "%25")]
    [InlineData("mysql://u@h/d", "postgres://USER@HOST:PORT/DATABASE")]
    public void What_cannot_be_used_is_refused_with_a_remedy_and_no_secret(string uri, string naming)
    {
        var refused = Assert.Throws<BillStoreException>(() => PostgresTarget.Parse(uri, Environment()));
        Assert.True(refused.IsUnusable);
        Assert.Contains(naming, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_several_options_each_counts_and_the_environment_fills_the_rest()
    {
        Assert.True(PostgresTarget.Parse("postgres://u@h/d?sslmode=require&auth=entra", Environment()).UsesEntra);
        Assert.True(PostgresTarget.Parse("postgres://u@h/d", Environment("EVBILLING_POSTGRES_AUTH=entra")).UsesEntra);
        Assert.False(PostgresTarget.Parse("postgres://u@h/d?auth=password", Environment("EVBILLING_POSTGRES_AUTH=entra")).UsesEntra);
        Assert.Throws<BillStoreException>(() => PostgresTarget.Parse("postgres://u@h/d", Environment("PGSSLMODE=best")));
    }

    private static Dictionary<string, string> Environment(params string[] variables) =>
        variables.Select(variable => variable.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
}
