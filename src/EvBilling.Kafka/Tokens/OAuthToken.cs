using System.Buffers.Text;
using System.Text.Json;

namespace EvBilling.Kafka.Tokens;

/// <summary>A bearer token as librdkafka wants it.</summary>
/// <param name="Text">The token itself: a secret.</param>
/// <param name="ExpiresAt">From when on it is worth nothing.</param>
/// <param name="Principal">Whom it stands for; any text but an empty one.</param>
internal sealed record OAuthToken(string Text, DateTimeOffset ExpiresAt, string Principal)
{
    private const string UnknownPrincipal = "evbilling";

    /// <summary>Reads expiry and principal from the claims of a JWT; its signature is the broker's to check.</summary>
    /// <returns>Null if it is no JWT with an expiry.</returns>
    public static OAuthToken? OfJwt(string text)
    {
        var parts = text.Split('.');
        if (parts.Length != 3 || !Base64Url.IsValid(parts[1]))
        {
            return null;
        }
        try
        {
            using var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[1]));
            // Seconds since 1970, which may have a fraction; the year 3000 is near enough to never.
            return claims.RootElement.ValueKind == JsonValueKind.Object
                && claims.RootElement.TryGetProperty("exp", out var expiry) && expiry.ValueKind == JsonValueKind.Number && expiry.TryGetDecimal(out var seconds)
                && seconds is >= 0 and < 32_503_680_000
                ? new(text, DateTimeOffset.FromUnixTimeMilliseconds((long)(seconds * 1000)), PrincipalOf(claims.RootElement))
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The token is a secret, whatever prints this.</summary>
    public override string ToString() => $"token of {Principal}, valid until {ExpiresAt:O}";

    private static string PrincipalOf(JsonElement claims)
    {
        foreach (var name in new[] { "sub", "oid", "appid", "azp" })
        {
            if (claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } principal)
            {
                return principal;
            }
        }
        return UnknownPrincipal;
    }

    /// <summary>Of a token whose claims cannot be seen.</summary>
    public static OAuthToken OfOpaque(string text, DateTimeOffset expiresAt) => new(text, expiresAt, OfJwt(text)?.Principal ?? UnknownPrincipal);
}

/// <summary>Where tokens come from.</summary>
internal interface ITokenSource
{
    /// <summary>A token that is valid now; takes as long as asking for one takes.</summary>
    /// <exception cref="TokenException">There is none.</exception>
    OAuthToken Get();
}

/// <summary>There is no token. The message says why and how to mend it, without a secret.</summary>
internal sealed class TokenException(string message) : Exception(message);
