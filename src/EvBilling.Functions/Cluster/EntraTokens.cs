using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;

namespace EvBilling.Functions.Cluster;

/// <summary>Tokens of Microsoft Entra ID for AKS: of a workload identity where one is federated, else of the managed identity. Azure.Identity keeps one until shortly before it expires.</summary>
/// <param name="environment">AZURE_FEDERATED_TOKEN_FILE, AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_AUTHORITY_HOST.</param>
/// <param name="transport">How HTTP requests go out; null = as Azure.Identity does it.</param>
internal sealed class EntraTokens(IReadOnlyDictionary<string, string> environment, HttpPipelineTransport? transport = null) : IClusterTokens
{
    /// <summary>The application that stands for every AKS cluster's API server.</summary>
    public const string Scope = "6dae42f8-4368-4678-94ff-3960e28e3630/.default";

    private volatile TokenCredential _credential = Credential(environment, transport);

    public async ValueTask<string> Get(bool anew, CancellationToken cancellation)
    {
        if (anew)
        {
            // A new credential has nothing kept.
            _credential = Credential(environment, transport);
        }
        try
        {
            return (await _credential.GetTokenAsync(new TokenRequestContext([Scope]), cancellation)).Token;
        }
        catch (AuthenticationFailedException e)
        {
            throw new RefusalException(Refusal.NoIdentity, "Microsoft Entra ID gives this function no token for the cluster; see the log.", e.Message.Split('\n')[0].Trim());
        }
    }

    private static TokenCredential Credential(IReadOnlyDictionary<string, string> environment, HttpPipelineTransport? transport)
    {
        var client = environment.GetValueOrDefault("AZURE_CLIENT_ID") is { Length: > 0 } id ? id : null;
        if (environment.GetValueOrDefault("AZURE_FEDERATED_TOKEN_FILE") is not { Length: > 0 } file)
        {
            return new ManagedIdentityCredential(client is null ? ManagedIdentityId.SystemAssigned : ManagedIdentityId.FromUserAssignedClientId(client));
        }
        var options = new WorkloadIdentityCredentialOptions { TokenFilePath = file, ClientId = client, TenantId = environment.GetValueOrDefault("AZURE_TENANT_ID") };
        if (Uri.TryCreate(environment.GetValueOrDefault("AZURE_AUTHORITY_HOST"), UriKind.Absolute, out var authority))
        {
            options.AuthorityHost = authority;
            // Azure's own clouds are known; another authority is one that the environment vouches for.
            options.DisableInstanceDiscovery = !authority.Host.StartsWith("login.", StringComparison.OrdinalIgnoreCase);
        }
        if (transport is not null)
        {
            options.Transport = transport;
        }
        return new WorkloadIdentityCredential(options);
    }
}
