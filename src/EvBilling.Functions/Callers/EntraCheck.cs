using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace EvBilling.Functions.Callers;

/// <summary>Checks a token of Microsoft Entra ID: signed by a key of the tenant, for this function, in force, and of someone who may scale.</summary>
internal sealed class EntraCheck : IDisposable
{
    private static readonly TimeSpan KeysWithin = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(1);

    private readonly EntraSettings _settings;
    private readonly HttpClient _client;
    private readonly ConfigurationManager<OpenIdConnectConfiguration> _keys;
    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false };
    private readonly TokenValidationParameters _parameters;

    public EntraCheck(EntraSettings settings)
    {
        _settings = settings;
        var tenant = $"{settings.Authority.AbsoluteUri.TrimEnd('/')}/{settings.Tenant}";
        _client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = KeysWithin, MaxResponseContentBufferSize = 1 << 20 };
        var retriever = new HttpDocumentRetriever(_client) { RequireHttps = !settings.Authority.IsLoopback };
        _keys = new($"{tenant}/v2.0/.well-known/openid-configuration", new OpenIdConnectConfigurationRetriever(), retriever);
        _parameters = new()
        {
            // The manager asks for the keys anew when a token is signed by one that it does not know.
            ConfigurationManager = _keys,
            // Which of the two a token has is the application's choice, not the caller's.
            ValidIssuers = [$"{tenant}/v2.0", $"https://sts.windows.net/{settings.Tenant}/"],
            ValidAudiences = settings.Audiences,
            ValidAlgorithms = [SecurityAlgorithms.RsaSha256],
            ClockSkew = ClockSkew,
        };
    }

    /// <returns>Who it is: the object id, or the application's.</returns>
    /// <exception cref="RefusalException">The token is not good, or its bearer may not scale.</exception>
    public async Task<string> Check(string token, CancellationToken cancellation)
    {
        try
        {
            await _keys.GetConfigurationAsync(cancellation);
        }
        catch (InvalidOperationException e)
        {
            throw new RefusalException(Refusal.KeysUnavailable, "The keys that tokens are checked by cannot be had; try again.", e.GetBaseException().Message);
        }
        var result = await _handler.ValidateTokenAsync(token, _parameters);
        if (!result.IsValid || result.SecurityToken is not JsonWebToken valid)
        {
            // The library's text may quote the token's claims: the log gets the kind alone.
            throw new RefusalException(Refusal.WrongCredentials, "The token is not good for this function, or no more; get a new one for it.", result.Exception?.GetType().Name);
        }
        var who = Claim(valid, "oid") ?? Claim(valid, "azp") ?? Claim(valid, "appid") ?? Claim(valid, "sub") ?? "unknown";
        return MayScale(valid) ? who : throw new RefusalException(Refusal.NotAllowed, "The token is good, but its bearer may not scale; give it the application role.", $"bearer {who}");
    }

    public void Dispose() => _client.Dispose();

    private static string? Claim(JsonWebToken token, string name) => token.Claims.FirstOrDefault(claim => claim.Type == name)?.Value;

    private bool MayScale(JsonWebToken token) =>
        (_settings.Role is { } role && token.Claims.Any(claim => claim.Type == "roles" && claim.Value == role))
        || (Claim(token, "oid") is { } id && _settings.ObjectIds.Contains(id, StringComparer.OrdinalIgnoreCase));
}
