using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;

namespace EvBilling.Entra;

/// <summary>Who this process is to Microsoft Entra ID, and the tokens that it gets there. Azure.Identity keeps each until shortly before it expires. Threads may share it.</summary>
public sealed class EntraIdentity
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TokenCredential _credential;

    private EntraIdentity(TokenCredential credential) => _credential = credential;

    /// <summary>Asks who this process is, in this order: a workload identity (AKS), a service principal in the environment, a managed identity, the Azure CLI. Never a person.</summary>
    /// <param name="environment">AZURE_CLIENT_ID, AZURE_TENANT_ID, AZURE_FEDERATED_TOKEN_FILE, AZURE_CLIENT_SECRET and AZURE_AUTHORITY_HOST.</param>
    /// <param name="transport">How HTTP requests go out; null = as Azure.Identity does it.</param>
    public static EntraIdentity Of(IReadOnlyDictionary<string, string> environment, HttpPipelineTransport? transport = null)
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
        var hasAuthority = Uri.TryCreate(environment.GetValueOrDefault("AZURE_AUTHORITY_HOST"), UriKind.Absolute, out var authority);
        if (hasAuthority)
        {
            // Azure's own clouds are known; another authority is one that the environment vouches for.
            others.DisableInstanceDiscovery = !IsOfAzure(authority!);
        }
        if (transport is not null)
        {
            others.Transport = transport;
        }
        if (environment.GetValueOrDefault("AZURE_FEDERATED_TOKEN_FILE") is not { Length: > 0 } tokenFile)
        {
            return new(new DefaultAzureCredential(others));
        }
        var workload = new WorkloadIdentityCredentialOptions
        {
            TokenFilePath = tokenFile,
            TenantId = environment.GetValueOrDefault("AZURE_TENANT_ID"),
            ClientId = environment.GetValueOrDefault("AZURE_CLIENT_ID"),
            DisableInstanceDiscovery = others.DisableInstanceDiscovery,
        };
        if (hasAuthority)
        {
            workload.AuthorityHost = authority!;
        }
        if (transport is not null)
        {
            workload.Transport = transport;
        }
        return new(new ChainedTokenCredential(new WorkloadIdentityCredential(workload), new DefaultAzureCredential(others)));
    }

    /// <summary>A token for a scope, which is good for some minutes at least.</summary>
    /// <exception cref="EntraException">There is none.</exception>
    public EntraToken Token(string scope) => Asking(scope, cancellation => new(_credential.GetToken(new TokenRequestContext([scope]), cancellation)), default).AsTask().GetAwaiter().GetResult();

    /// <inheritdoc cref="Token(string)"/>
    public ValueTask<EntraToken> Token(string scope, CancellationToken cancellation) =>
        Asking(scope, limited => _credential.GetTokenAsync(new TokenRequestContext([scope]), limited), cancellation);

    /// <summary>The same as a function, each call of which gives a token's text.</summary>
    public Func<CancellationToken, ValueTask<string>> TokensFor(string scope) => async cancellation => (await Token(scope, cancellation).ConfigureAwait(false)).Text;

    private static async ValueTask<EntraToken> Asking(string scope, Func<CancellationToken, ValueTask<AccessToken>> ask, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        try
        {
            var token = await ask(patience.Token).ConfigureAwait(false);
            return new(token.Token, token.ExpiresOn);
        }
        catch (CredentialUnavailableException e)
        {
            throw new EntraException(
                $"there is no identity for Microsoft Entra ID here ({FirstLine(e)}); run with a workload identity or managed identity, set AZURE_CLIENT_ID, AZURE_TENANT_ID and AZURE_CLIENT_SECRET, or do az login", e);
        }
        catch (AuthenticationFailedException e)
        {
            throw new EntraException($"Microsoft Entra ID gives no token for {scope} ({FirstLine(e)}); check the identity, its secret or its federation", e);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new EntraException($"Microsoft Entra ID gives no answer within {Patience.TotalSeconds} s; check that the network lets its address through", e);
        }
    }

    private static bool IsOfAzure(Uri authority) => authority.Host.StartsWith("login.", StringComparison.OrdinalIgnoreCase);

    private static string FirstLine(Exception e) => e.Message.Split('\n')[0].Trim().TrimEnd('.');
}

/// <summary>A token of Microsoft Entra ID.</summary>
/// <param name="Text">The token itself: a secret.</param>
/// <param name="ExpiresAt">From when on it is worth nothing.</param>
public readonly record struct EntraToken(string Text, DateTimeOffset ExpiresAt)
{
    /// <summary>The token is a secret, whatever prints this.</summary>
    public override string ToString() => $"token, valid until {ExpiresAt:O}";
}

/// <summary>There is no token. The message says why and how to mend it, without a secret, and without a full stop.</summary>
public sealed class EntraException(string message, Exception inner) : Exception(message, inner);
