namespace EvBilling.Functions.Cluster;

/// <summary>Who this program is to the API server.</summary>
internal enum ClusterIdentity
{
    /// <summary>A managed identity or workload identity of Microsoft Entra ID, as AKS takes it.</summary>
    Entra,

    /// <summary>A token in a file that someone else renews, as Kubernetes does for a pod.</summary>
    File,
}

/// <summary>Where the set is.</summary>
/// <param name="Server">The API server's address: https.</param>
/// <param name="AuthorityPem">The certificates that vouch for the server; null = those that the machine trusts.</param>
/// <param name="TokenFile">With <see cref="ClusterIdentity.File"/>.</param>
internal sealed record ClusterSettings(Uri Server, string? AuthorityPem, ClusterIdentity Identity, string? TokenFile, string Namespace, string Set);
