using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;

namespace EvBilling.Kafka.Tokens;

/// <summary>Tokens of Microsoft Entra ID. Azure.Identity keeps one until shortly before it expires.</summary>
internal sealed class EntraTokens(TokenCredential credential, string scope) : ITokenSource
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Asks who this process is, in this order: a workload identity (AKS), a service principal in the environment, a managed identity, the Azure CLI. Never a person.</summary>
    /// <param name="environment">AZURE_CLIENT_ID, AZURE_TENANT_ID, AZURE_FEDERATED_TOKEN_FILE and AZURE_AUTHORITY_HOST of the workload identity.</param>
    /// <param name="transport">How HTTP requests go out; null = as Azure.Identity does it.</param>
    public static TokenCredential Credential(IReadOnlyDictionary<string, string> environment, HttpPipelineTransport? transport = null)
    {
        // The order, and a managed identity that is not there and fails at once, are the library's.
        var others = new DefaultAzureCredentialOptions
        {
            ExcludeWorkloadIdentityCredential = true,
            ExcludeInteractiveBrowserCredential = true,
            ExcludeVisualStudioCredential = true,
            ExcludeVisualStudioCodeCredential = true,
            ExcludeAzurePowerShellCredential = true,
            ExcludeAzureDeveloperCliCredential = true,
        };
        if (environment.GetValueOrDefault("AZURE_FEDERATED_TOKEN_FILE") is not { Length: > 0 } tokenFile)
        {
            return new DefaultAzureCredential(others);
        }
        var workload = new WorkloadIdentityCredentialOptions
        {
            TokenFilePath = tokenFile,
            TenantId = environment.GetValueOrDefault("AZURE_TENANT_ID"),
            ClientId = environment.GetValueOrDefault("AZURE_CLIENT_ID"),
        };
        if (Uri.TryCreate(environment.GetValueOrDefault("AZURE_AUTHORITY_HOST"), UriKind.Absolute, out var authority))
        {
            workload.AuthorityHost = authority;
            // Azure's own clouds are known; another authority is one that the environment vouches for.
            workload.DisableInstanceDiscovery = !IsOfAzure(authority);
        }
        if (transport is not null)
        {
            workload.Transport = transport;
        }
        return new ChainedTokenCredential(new WorkloadIdentityCredential(workload), new DefaultAzureCredential(others));
    }

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
            using var patience = new CancellationTokenSource(Patience);
            var token = credential.GetToken(new TokenRequestContext([scope]), patience.Token);
            return OAuthToken.OfOpaque(token.Token, token.ExpiresOn);
        }
        catch (CredentialUnavailableException e)
        {
            throw new TokenException(
                $"there is no identity for Microsoft Entra ID here ({FirstLine(e)}); run with a workload identity or managed identity, set AZURE_CLIENT_ID, AZURE_TENANT_ID and AZURE_CLIENT_SECRET, or do az login");
        }
        catch (AuthenticationFailedException e)
        {
            throw new TokenException($"Microsoft Entra ID gives no token for {scope} ({FirstLine(e)}); check the identity and its federation");
        }
        catch (OperationCanceledException)
        {
            throw new TokenException($"Microsoft Entra ID gives no answer within {Patience.TotalSeconds} s; check that the network lets its address through");
        }
    }

    private static bool IsOfAzure(Uri authority) => authority.Host.StartsWith("login.", StringComparison.OrdinalIgnoreCase);

    private static string FirstLine(Exception e) => e.Message.Split('\n')[0].Trim().TrimEnd('.');
}
