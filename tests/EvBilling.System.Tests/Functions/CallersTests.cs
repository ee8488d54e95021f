using System.Net;
using EvBilling.SystemTests.Processes;
using EvBilling.SystemTests.Servers;

namespace EvBilling.SystemTests.Functions;

/// <summary>Who may call. Without a cluster: who is let through is told that the server cannot be reached.</summary>
[Collection(nameof(Processes))]
public sealed class CallersTests
{
    private const string LetThrough = "ServerUnreachable";

    [Fact]
    public async Task With_neither_key_nor_tenant_nothing_is_scaled_not_even_by_the_timer()
    {
        using var function = FunctionProcess.StartAlone(("SCHEDULE", "else 3"));
        foreach (var answer in new[]
        {
            await function.Get(), await function.Scale(3), await function.Get(key: null),
            await function.Tick("""{"Data":{"timer":{"ScheduleStatus":null,"IsPastDue":true}},"Metadata":{}}"""),
        })
        {
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "NotConfigured"), (answer.Status, answer.Error));
        }
    }

    [Fact]
    public async Task Only_the_very_key_is_let_through()
    {
        using var function = FunctionProcess.StartAlone(("KEY", FunctionProcess.Key));
        Assert.Equal(LetThrough, (await function.Scale(3)).Error);
        Assert.Equal(LetThrough, (await function.Get()).Error);
        foreach (var wrong in new[] { "", " ", FunctionProcess.Key[..^1], FunctionProcess.Key + "x", FunctionProcess.Key.ToUpperInvariant(), new string('x', 5000) })
        {
            var answer = await function.Post("""{"replicas":3}""", key: wrong);
            Assert.Equal((HttpStatusCode.Unauthorized, "WrongCredentials"), (answer.Status, answer.Error));
        }
        Assert.Equal("NoCredentials", (await function.Get(key: null)).Error);
        // A wrong caller is told nothing about what he sent.
        Assert.Equal("NoCredentials", (await function.Post("many", "?x=1", "text/plain", key: null)).Error);
        Assert.Equal("WrongCredentials", (await Bearer(function, "a.b.c")).Error);
    }

    [Fact]
    public async Task A_token_of_the_tenant_is_let_through_by_its_role_or_its_object()
    {
        using var issuer = new LocalIssuer();
        using var function = FunctionProcess.StartAlone(issuer.Settings);
        Assert.Equal(LetThrough, (await Bearer(function, issuer.Token())).Error);
        Assert.Equal(LetThrough, (await Bearer(function, issuer.Token(claims => claims["iss"] = $"https://sts.windows.net/{LocalIssuer.Tenant}/"))).Error);
        Assert.Equal(LetThrough, (await Bearer(function, issuer.Token(claims => (claims["roles"], claims["oid"]) = (Array.Empty<string>(), "an-object-that-may")))).Error);
        Assert.Equal("WrongCredentials", (await function.Scale(3)).Error);
        var log = function.Events(11).Select(line => line.GetProperty("State").GetProperty("Who").GetString());
        Assert.Contains("an-object", log);
    }

    [Fact]
    public async Task A_token_that_is_not_good_in_one_thing_is_refused()
    {
        using var issuer = new LocalIssuer();
        using var function = FunctionProcess.StartAlone(issuer.Settings);
        var past = DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 300;
        string[] wrong =
        [
            issuer.Token(claims => claims["aud"] = "api://another"),
            issuer.Token(claims => claims["iss"] = "https://login.microsoftonline.com/another/v2.0"),
            issuer.Token(claims => (claims["iat"], claims["nbf"], claims["exp"]) = (past - 600, past - 600, past)),
            issuer.Token(claims => claims["nbf"] = DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 300),
            issuer.Token(claims => claims.Remove("exp")),
            issuer.Token(isOfAStranger: true),
            issuer.Token(algorithm: "none"),
            issuer.Token()[..^5],
            "no token", "",
        ];
        foreach (var token in wrong)
        {
            var answer = await Bearer(function, token);
            Assert.Equal((HttpStatusCode.Unauthorized, "WrongCredentials"), (answer.Status, answer.Error));
        }
        var stranger = issuer.Token(claims => claims["roles"] = new[] { "Fleet.Read" });
        var refused = await Bearer(function, stranger);
        Assert.Equal((HttpStatusCode.Forbidden, "NotAllowed"), (refused.Status, refused.Error));
        Assert.DoesNotContain(stranger, function.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_tenant_s_keys_no_token_is_let_through_and_it_is_named()
    {
        using var issuer = new LocalIssuer();
        using var function = FunctionProcess.StartAlone([.. issuer.Settings, ("ENTRA_AUTHORITY", $"http://127.0.0.1:{FreePorts.Next()}")]);
        var answer = await Bearer(function, issuer.Token());
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "KeysUnavailable"), (answer.Status, answer.Error));
    }

    [Theory]
    [InlineData("KEY", "short", "EVBILLING_SCALE_KEY has fewer than 32 characters")]
    [InlineData("MIN", "17", "EVBILLING_SCALE_MIN=17 is no number from 0 to 16")]
    [InlineData("MAX", "many", "EVBILLING_SCALE_MAX=many is no number")]
    [InlineData("SET", "Not_A_Name", "is no name of Kubernetes")]
    [InlineData("SERVER", "http://127.0.0.1:1", "EVBILLING_SCALE_SERVER is no address that begins with https")]
    [InlineData("CA", "no certificate", "EVBILLING_SCALE_CA or EVBILLING_SCALE_CA_FILE")]
    [InlineData("DRY_RUN", "perhaps", "is neither true nor false")]
    [InlineData("ENTRA_TENANT", "contoso", "is no tenant's id")]
    [InlineData("ENTRA_TENANT", "11111111-2222-3333-4444-555555555555", "who may scale")]
    [InlineData("ENTRA_ROLE", "Fleet.Scale", "without EVBILLING_SCALE_ENTRA_TENANT")]
    [InlineData("SCHEDULE", "Mon-Fri 07:00-19:00 Europe/Berlin 8", "else N")]
    [InlineData("SCHEDULE", "Mon-Fri 07:00-19:00 Europe/Atlantis 8; else 0", "no time zone")]
    [InlineData("SCHEDULE", "Mon-Fri 07:00-25:00 Europe/Berlin 8; else 0", "no time such as")]
    [InlineData("SCHEDULE", "Mo-Fr 07:00-19:00 Europe/Berlin 8; else 0", "is no weekday")]
    [InlineData("SCHEDULE", "daily 07:00-07:00 Europe/Berlin 8; else 0", "begins and ends at the same time")]
    [InlineData("SCHEDULE", "daily 07:00-19:00 Europe/Berlin 17; else 0", "no replicas from 0 to 16")]
    [InlineData("LAG", "100000:8", "goes with EVBILLING_SCALE_LAG_METRICS")]
    [InlineData("LAG", "100000:8; 50000:4", "rising lags and falling replicas")]
    public void A_wrong_setting_is_named_at_the_start_with_exit_code_2(string name, string value, string says)
    {
        var (exitCode, said) = FunctionProcess.StartWrongly((name, value));
        Assert.True(exitCode == 2 && said.Contains(says, StringComparison.Ordinal), said);
        Assert.DoesNotContain("   at ", said, StringComparison.Ordinal);
    }

    private static Task<FunctionAnswer> Bearer(FunctionProcess function, string token) => function.Send(HttpMethod.Get, "/api/scale", [("Authorization", $"Bearer {token}")], null);
}
