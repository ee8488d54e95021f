namespace EvBilling.SystemTests.Azure;

/// <summary>
/// Values that Azure takes from an open list, which Bicep's types leave open: what we use is on a list here, which names the page that has it in full. As known
/// in November 2026; a value that is new to us is looked up there and put here before it is used.
/// </summary>
internal static class BicepLists
{
    private static readonly (string Type, string Path, string[] Values, string Source)[] Lists =
    [
        ("Microsoft.ContainerRegistry/registries", "sku.name", ["Basic", "Standard", "Premium"], "learn.microsoft.com/azure/container-registry/container-registry-skus"),
        ("Microsoft.ContainerService/managedClusters", "sku.name", ["Base"], "learn.microsoft.com/azure/aks/free-standard-pricing-tiers"),
        ("Microsoft.ContainerService/managedClusters", "sku.tier", ["Free", "Standard", "Premium"], "learn.microsoft.com/azure/aks/free-standard-pricing-tiers"),
        // The label of a pod's ordinal, which the simulator reads, came with 1.32 (docs/kubernetes.md).
        ("Microsoft.ContainerService/managedClusters", "properties.kubernetesVersion", ["1.34", "1.35", "1.36"], "learn.microsoft.com/azure/aks/supported-kubernetes-versions"),
        ("Microsoft.ContainerService/managedClusters", "properties.agentPoolProfiles[].vmSize", ["Standard_D2as_v5", "Standard_D4as_v5", "Standard_D8as_v5"], "learn.microsoft.com/azure/virtual-machines/sizes/general-purpose/dasv5-series"),
        ("Microsoft.ContainerService/managedClusters", "properties.agentPoolProfiles[].osSKU", ["AzureLinux", "Ubuntu"], "learn.microsoft.com/azure/aks/upgrade-os-version"),
        ("Microsoft.ContainerService/managedClusters/maintenanceConfigurations", "name", ["*/aksManagedAutoUpgradeSchedule", "*/aksManagedNodeOSUpgradeSchedule"], "learn.microsoft.com/azure/aks/planned-maintenance"),
        ("Microsoft.EventHub/namespaces", "sku.name", ["Standard", "Premium"], "learn.microsoft.com/azure/event-hubs/compare-tiers; Basic has no Kafka endpoint"),
        ("Microsoft.DBforPostgreSQL/flexibleServers", "properties.version", ["15", "16", "17", "18"], "learn.microsoft.com/azure/postgresql/configure-maintain/concepts-supported-versions"),
        ("Microsoft.DBforPostgreSQL/flexibleServers", "sku.name", ["Standard_B2s", "Standard_D2ds_v5", "Standard_D4ds_v5", "Standard_D8ds_v5", "Standard_D16ds_v5"], "learn.microsoft.com/azure/postgresql/compute-storage/concepts-compute"),
        ("Microsoft.DBforPostgreSQL/flexibleServers", "properties.storage.storageSizeGB", ["32", "64", "128", "256", "512", "1024", "2048", "4096"], "learn.microsoft.com/azure/postgresql/compute-storage/concepts-storage-premium-ssd"),
        ("Microsoft.DBforPostgreSQL/flexibleServers/configurations", "name", ["*/ssl_min_protocol_version", "*/log_checkpoints", "*/log_lock_waits"], "learn.microsoft.com/azure/postgresql/server-parameters/concepts-server-parameters"),
        ("Microsoft.Databricks/workspaces", "sku.name", ["premium"], "learn.microsoft.com/azure/databricks/security/network/classic/secure-cluster-connectivity"),
        ("Microsoft.Web/serverfarms", "sku.name", ["B1", "B2", "P0v3", "P1v3", "EP1"], "learn.microsoft.com/azure/azure-functions/functions-scale: plans that join a network and may always be on"),
        ("Microsoft.Storage/storageAccounts", "sku.name", ["Standard_LRS", "Standard_ZRS"], "learn.microsoft.com/azure/storage/common/storage-redundancy"),
        ("Microsoft.KeyVault/vaults", "properties.sku.name", ["standard"], "learn.microsoft.com/azure/key-vault/general/overview"),
        ("Microsoft.OperationalInsights/workspaces", "properties.sku.name", ["PerGB2018"], "learn.microsoft.com/azure/azure-monitor/logs/cost-logs"),
        ("Microsoft.Network/virtualNetworks", "properties.subnets[].properties.delegations[].properties.serviceName", ["Microsoft.Databricks/workspaces", "Microsoft.Web/serverFarms"], "learn.microsoft.com/azure/virtual-network/subnet-delegation-overview"),
        ("Microsoft.Network/privateEndpoints", "properties.privateLinkServiceConnections[].properties.groupIds[]", ["namespace", "postgresqlServer", "vault", "blob", "registry"], "learn.microsoft.com/azure/private-link/private-endpoint-overview#private-link-resource"),
        ("Microsoft.Network/privateDnsZones", "name", ["privatelink.servicebus.windows.net", "privatelink.postgres.database.azure.com", "privatelink.vaultcore.azure.net", "privatelink.blob.core.windows.net", "privatelink.azurecr.io"], "learn.microsoft.com/azure/private-link/private-endpoint-dns"),
        ("Microsoft.Insights/diagnosticSettings", "properties.logs[].category",
            ["PostgreSQLLogs", "FunctionAppLogs", "kube-audit-admin", "guard", "cluster-autoscaler", "kube-controller-manager", "accounts", "clusters", "jobs", "secrets", "workspace", "PipelineRuns", "ActivityRuns", "TriggerRuns"],
            "learn.microsoft.com/azure/azure-monitor/reference/logs-index"),
        ("Microsoft.Insights/diagnosticSettings", "properties.logs[].categoryGroup", ["allLogs", "audit"], "learn.microsoft.com/azure/azure-monitor/essentials/diagnostic-settings"),
        ("Microsoft.Insights/metricAlerts", "properties.criteria.allOf[].metricName",
            ["ThrottledRequests", "ServerErrors", "is_db_alive", "storage_percent", "cpu_percent", "cluster_autoscaler_unschedulable_pods_count", "Http5xx", "PipelineFailedRuns", "PipelineCancelledRuns", "PipelineElapsedTimeRuns", "ActivityFailedRuns"],
            "learn.microsoft.com/azure/azure-monitor/reference/metrics-index"),
        ("Microsoft.Insights/dataCollectionRules", "properties.dataFlows[].streams[]", ["Microsoft-ContainerLogV2", "Microsoft-KubeEvents", "Microsoft-KubePodInventory"], "learn.microsoft.com/azure/azure-monitor/containers/kubernetes-monitoring-enable"),
    ];

    // A preview of 2021 is the newest of its kind that Azure's own portal and documents use.
    private const string PreviewInUse = "2021-05-01-preview";

    public static IEnumerable<string> Breaches(BicepSnapshot snapshot)
    {
        foreach (var (type, path, values, source) in Lists)
        {
            var found = snapshot.Of(type).SelectMany(resource => resource.At(path).Select(node => (resource, Value: node.ToString()))).ToList();
            if (found.Count == 0)
            {
                yield return $"No {type} has {path}: the list is about nothing.";
            }
            foreach (var (resource, value) in found.Where(pair => !values.Contains(pair.Value) && !values.Contains($"*/{pair.Value.Split('/')[^1]}")))
            {
                yield return $"{resource} has {path} = {value}, which is not on the list ({source}).";
            }
        }
        foreach (var resource in snapshot.Resources.Where(resource => resource.Text("apiVersion") is not { } version || (version.EndsWith("preview", StringComparison.Ordinal) && version != PreviewInUse)))
        {
            yield return $"{resource} is made by a preview of Azure's interface: {resource.Text("apiVersion")}.";
        }
    }
}
