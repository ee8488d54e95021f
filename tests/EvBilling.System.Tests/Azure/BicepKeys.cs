namespace EvBilling.SystemTests.Azure;

/// <summary>Entra ID alone lets anybody in, over TLS 1.2 or newer: no keys, no passwords, no local accounts. And what would be lost for ever is kept.</summary>
internal static class BicepKeys
{
    private static readonly (string Type, string Path, string Value)[] Must =
    [
        ("Microsoft.EventHub/namespaces", "properties.disableLocalAuth", "true"),
        ("Microsoft.EventHub/namespaces", "properties.minimumTlsVersion", "1.2"),
        ("Microsoft.EventHub/namespaces", "properties.kafkaEnabled", "true"),
        ("Microsoft.DBforPostgreSQL/flexibleServers", "properties.authConfig.activeDirectoryAuth", "Enabled"),
        ("Microsoft.DBforPostgreSQL/flexibleServers", "properties.authConfig.passwordAuth", "Disabled"),
        ("Microsoft.ContainerRegistry/registries", "properties.adminUserEnabled", "false"),
        ("Microsoft.ContainerService/managedClusters", "properties.disableLocalAccounts", "true"),
        ("Microsoft.ContainerService/managedClusters", "properties.enableRBAC", "true"),
        ("Microsoft.ContainerService/managedClusters", "properties.aadProfile.managed", "true"),
        // With Azure's RBAC, Kubernetes' own roles would not hold for the function's identity.
        ("Microsoft.ContainerService/managedClusters", "properties.aadProfile.enableAzureRBAC", "false"),
        ("Microsoft.ContainerService/managedClusters", "properties.oidcIssuerProfile.enabled", "true"),
        ("Microsoft.ContainerService/managedClusters", "properties.securityProfile.workloadIdentity.enabled", "true"),
        ("Microsoft.KeyVault/vaults", "properties.enableRbacAuthorization", "true"),
        ("Microsoft.KeyVault/vaults", "properties.enablePurgeProtection", "true"),
        ("Microsoft.KeyVault/vaults", "properties.networkAcls.defaultAction", "Deny"),
        ("Microsoft.Storage/storageAccounts", "properties.allowSharedKeyAccess", "false"),
        ("Microsoft.Storage/storageAccounts", "properties.allowBlobPublicAccess", "false"),
        ("Microsoft.Storage/storageAccounts", "properties.minimumTlsVersion", "TLS1_2"),
        ("Microsoft.Storage/storageAccounts", "properties.supportsHttpsTrafficOnly", "true"),
        ("Microsoft.Storage/storageAccounts", "properties.networkAcls.defaultAction", "Deny"),
        ("Microsoft.Storage/storageAccounts/blobServices/containers", "properties.publicAccess", "None"),
        ("Microsoft.OperationalInsights/workspaces", "properties.features.disableLocalAuth", "true"),
        ("Microsoft.Web/sites", "identity.type", "SystemAssigned"),
        ("Microsoft.Web/sites", "properties.httpsOnly", "true"),
        ("Microsoft.Web/sites", "properties.siteConfig.minTlsVersion", "1.2"),
        ("Microsoft.Web/sites", "properties.siteConfig.scmMinTlsVersion", "1.2"),
        ("Microsoft.Web/sites", "properties.siteConfig.ftpsState", "Disabled"),
        ("Microsoft.Web/sites/basicPublishingCredentialsPolicies", "properties.allow", "false"),
        ("Microsoft.DataFactory/factories", "identity.type", "SystemAssigned"),
    ];

    public static IEnumerable<string> Breaches(BicepSnapshot snapshot)
    {
        foreach (var (type, path, value) in Must)
        {
            var resources = snapshot.Of(type).ToList();
            if (resources.Count == 0)
            {
                yield return $"There is no {type}.";
            }
            foreach (var resource in resources.Where(resource => resource.Text(path) != value))
            {
                yield return $"{resource} has {path} = {resource.Text(path) ?? "nothing"}; it must be {value}.";
            }
        }
        foreach (var policy in new[] { "ftp", "scm" }.Where(policy => snapshot.Of("Microsoft.Web/sites/basicPublishingCredentialsPolicies").All(each => !each.Name.EndsWith($"/{policy}", StringComparison.Ordinal))))
        {
            yield return $"The function may still be deployed with a password over {policy}.";
        }
        if (snapshot.Of("Microsoft.DBforPostgreSQL/flexibleServers/configurations").All(setting => !setting.Name.EndsWith("/ssl_min_protocol_version", StringComparison.Ordinal) || setting.Text("properties.value") is not ("TLSv1.2" or "TLSv1.3")))
        {
            yield return "PostgreSQL takes TLS older than 1.2.";
        }
    }
}
