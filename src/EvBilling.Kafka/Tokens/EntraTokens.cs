using EvBilling.Entra;

namespace EvBilling.Kafka.Tokens;

/// <summary>Tokens of Microsoft Entra ID for a broker.</summary>
internal sealed class EntraTokens(EntraIdentity identity, string scope) : ITokenSource
{
    /// <summary>The scope of a namespace of Event Hubs, by the first broker that is asked.</summary>
    /// <returns>Null if that is none of Event Hubs, so that the scope must be told.</returns>
    public static string? ScopeOf(string bootstrapServers)
    {
        var host = bootstrapServers.Split(',')[0].Split(':')[0];
        return IsEventHubs(bootstrapServers) ? $"https://{host}/.default" : null;
    }

    /// <summary>Whether the first broker that is asked is a namespace of Event Hubs, in any of Azure's clouds.</summary>
    public static bool IsEventHubs(string bootstrapServers) => bootstrapServers.Split(',')[0].Contains(".servicebus.", StringComparison.OrdinalIgnoreCase);

    public OAuthToken Get()
    {
        try
        {
            var token = identity.Token(scope);
            return OAuthToken.OfOpaque(token.Text, token.ExpiresAt);
        }
        catch (EntraException e)
        {
            throw new TokenException(e.Message);
        }
    }
}
