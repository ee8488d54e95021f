using Azure.Core;

namespace EvBilling.Kafka.Tokens;

/// <summary>Tokens of Microsoft Entra ID for another service than Kafka, by the same identity.</summary>
public static class EntraAccess
{
    /// <summary>Tokens for a scope; each call gives one that is good for some minutes at least.</summary>
    /// <param name="environment">As for the brokers: a workload identity, a service principal, a managed identity or the Azure CLI.</param>
    public static Func<CancellationToken, ValueTask<string>> TokensFor(string scope, IReadOnlyDictionary<string, string> environment)
    {
        var credential = EntraTokens.Credential(environment);
        return async cancellation => (await credential.GetTokenAsync(new TokenRequestContext([scope]), cancellation).ConfigureAwait(false)).Token;
    }
}
