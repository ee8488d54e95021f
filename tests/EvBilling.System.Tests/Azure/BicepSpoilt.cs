using System.Text.Json.Nodes;

namespace EvBilling.SystemTests.Azure;

/// <summary>Snapshots of which one thing was made wrong, and what a rule must say to each.</summary>
internal static class BicepSpoilt
{
    private const string Aks = "Microsoft.ContainerService/managedClusters evbilling-prod";
    private const string Hubs = "Microsoft.EventHub/namespaces ";
    private const string Events = "Microsoft.EventHub/namespaces/eventhubs /charging-events";
    private const string Worker = "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials /evbilling-worker";
    private const string Server = "Microsoft.DBforPostgreSQL/flexibleServers ";
    private const string Site = "Microsoft.Web/sites ";
    private const string Settings = "Microsoft.Web/sites/config ";
    private const string Registry = "Microsoft.ContainerRegistry/registries ";

    /// <summary>Resource: a type, a space, and an end of the name; or `outputs`. Value: JSON; null = it is taken away.</summary>
    public static IReadOnlyList<(string Rule, string Resource, string Path, string? Value, string Told)> Rows { get; } =
    [
        ("lists", Aks, "properties.kubernetesVersion", "\"1.29\"", "not on the list"),
        ("lists", Aks, "properties.agentPoolProfiles.0.vmSize", "\"Standard_D2_v99\"", "not on the list"),
        ("lists", Server, "sku.name", "\"D4\"", "not on the list"),
        ("lists", "Microsoft.Databricks/workspaces ", "sku", null, "about nothing"),
        ("lists", Hubs, "apiVersion", "\"2025-05-01-preview\"", "preview"),
        ("names", Registry, "name", "\"evbilling-prod\"", "allowed are 5 to 50"),
        ("names", "Microsoft.Storage/storageAccounts ", "name", "\"evbillingprod123456functi\"", "allowed are 3 to 24"),
        ("names", "Microsoft.Network/natGateways ", "type", "\"Microsoft.Compute/disks\"", "no rule for names"),
        ("names", Events, "id", "\"/subscriptions/33333333-3333-3333-3333-333333333333/resourceGroups/evbilling/providers/Microsoft.Network/virtualNetworks/evbilling-prod\"", "is made 2 times"),
        ("names", Aks, "properties.agentPoolProfiles.1.name", "\"work-pool\"", "no name that AKS takes"),
        ("network", Hubs, "properties.publicNetworkAccess", "\"Enabled\"", "open to the internet"),
        ("network", Server, "properties.network.publicNetworkAccess", "\"Enabled\"", "open to the internet"),
        ("network", Registry, "properties.publicNetworkAccess", "\"Enabled\"", "open to the internet"),
        ("network", "Microsoft.Network/privateEndpoints -vault", "properties.privateLinkServiceConnections.0.properties.privateLinkServiceId", "\"/x\"", "has no private endpoint"),
        ("network", "Microsoft.Insights/dataCollectionRules ", "properties.publicNetworkAccess", "\"Enabled\"", "nobody has said why"),
        ("network", Site, "properties.siteConfig.ipSecurityRestrictionsDefaultAction", "\"Allow\"", "lets calls in"),
        ("network", Site, "properties.siteConfig.ipSecurityRestrictions", "[{\"ipAddress\":\"0.0.0.0/0\"}]", "lets calls in"),
        ("network", Aks, "properties.apiServerAccessProfile.enablePrivateCluster", "false", "public address"),
        ("network", Aks, "properties.networkProfile.networkPolicy", null, "no network policies"),
        ("network", "Microsoft.Databricks/workspaces ", "properties.parameters.enableNoPublicIp.value", "false", "public addresses"),
        ("network", "Microsoft.Network/privateEndpoints -vault", "properties.address", "\"/subscriptions/33333333-3333-3333-3333-333333333333/resourceGroups/evbilling/providers/Microsoft.Network/publicIPAddresses/evbilling-prod-outbound\"", "not of the way out alone"),
        ("network", "Microsoft.Network/virtualNetworks ", "properties.subnets.0.properties.networkSecurityGroup", null, "no security group"),
        ("network", "Microsoft.Network/networkSecurityGroups -private-endpoints", "properties.securityRules.0.properties.sourceAddressPrefix", "\"Internet\"", "lets in Internet"),
        ("keys", Hubs, "properties.disableLocalAuth", "false", "it must be true"),
        ("keys", Hubs, "properties.minimumTlsVersion", "\"1.0\"", "it must be 1.2"),
        ("keys", Server, "properties.authConfig.passwordAuth", "\"Enabled\"", "it must be Disabled"),
        ("keys", Aks, "properties.disableLocalAccounts", null, "nothing; it must be true"),
        ("keys", "Microsoft.KeyVault/vaults ", "type", "\"Microsoft.KeyVault/managedHSMs\"", "There is no Microsoft.KeyVault/vaults"),
        ("keys", "Microsoft.Web/sites/basicPublishingCredentialsPolicies /ftp", "name", "\"x/other\"", "over ftp"),
        ("keys", "Microsoft.DBforPostgreSQL/flexibleServers/configurations /ssl_min_protocol_version", "properties.value", "\"TLSv1\"", "older than 1.2"),
        ("roles", "Microsoft.Authorization/roleAssignments ", "properties.roleDefinitionId", "\"/x/b24988ac-6180-42a0-ab88-20f7382dd24c\"", "The role Contributor is given"),
        ("roles", "Microsoft.Authorization/roleAssignments ", "properties.roleDefinitionId", "\"/x/b7e6dc6d-f1e8-4753-8033-0f276bb0955b\"", "Given, but not in docs/azure.md"),
        ("roles", "Microsoft.Authorization/roleAssignments ", "properties.principalType", "\"User\"", "neither a service principal nor a group"),
        ("roles", "Microsoft.Authorization/roleAssignments ", "properties.principalId", "\"66666666-6666-6666-6666-666666666666\"", "In docs/azure.md, but not given"),
        ("roles", "Microsoft.Authorization/roleAssignments ", "id", "\"/subscriptions/33333333-3333-3333-3333-333333333333/resourceGroups/evbilling/providers/Microsoft.Authorization/roleAssignments/1\"", "more than one resource"),
        ("references", "Microsoft.Network/publicIPAddresses ", "id", "\"/subscriptions/33333333-3333-3333-3333-333333333333/resourceGroups/evbilling/providers/Microsoft.Network/publicIPAddresses/other\"", "which nothing makes"),
        ("secrets", "outputs", "databasePassword", "\"x\"", "looks like a secret"),
        ("secrets", "outputs", "broker", "\"Endpoint=sb://n/;SharedAccessKeyName=a;SharedAccessKey=b\"", "looks like a secret"),
        ("secrets", Settings, "properties.AzureWebJobsStorage", "\"DefaultEndpointsProtocol=https;AccountName=a;AccountKey=b\"", "looks like a secret"),
        ("secrets", Settings, "properties.OTHER", "\"[listKeys('/x', '2024-01-01').keys[0].value]\"", "looks like a secret"),
        ("tags", Aks, "tags.environment", "\"dev\"", "lacks a tag"),
        ("tags", "Microsoft.Network/privateDnsZones ", "tags", null, "lacks a tag"),
        ("outputs", "outputs", "clusterName", null, "reads the output clusterName"),
        ("identities", Worker, "properties.subject", "\"system:serviceaccount:default:evbilling-worker\"", "No identity is federated with the service account evbilling-worker"),
        ("identities", Worker, "properties.subject", "\"system:serviceaccount:evbilling:evbilling-other\"", "which no manifest has"),
        ("identities", Worker, "properties.subject", "\"system:serviceaccount:evbilling:evbilling-simulator\"", "another identity's"),
        ("identities", Worker, "properties.issuer", "\"https://example.org\"", "does not trust the cluster's issuer"),
        ("event hubs", Events, "name", "\"x/events\"", "There is no event hub charging-events"),
        ("event hubs", Events, "properties.partitionCount", "4", "has 4 partitions, and deploy/kubernetes up to 8"),
        ("event hubs", "Microsoft.EventHub/namespaces/eventhubs /simulator-progress", "properties.retentionDescription.cleanupPolicy", "\"Delete\"", "must be compacted"),
        ("event hubs", "Microsoft.EventHub/namespaces/eventhubs/consumergroups /evbilling", "name", "\"x/y/other\"", "no consumer group evbilling"),
        ("event hubs", Events, "properties.retentionDescription.retentionTimeInHours", "240", "keeps events for longer"),
        ("event hubs", Hubs, "properties.maximumThroughputUnits", "1", "cannot grow"),
        ("event hubs", Hubs, "sku", "{\"name\":\"Premium\",\"capacity\":3}", "1, 2, 4, 8 or 16"),
        ("event hubs", "outputs", "eventHubsBroker", "\"n.servicebus.windows.net\"", "is no broker"),
        ("function", Settings, "properties.EVBILLING_SCALE_MAXIMUM", "\"16\"", "does not know the setting EVBILLING_SCALE_MAXIMUM"),
        ("function", Settings, "properties.EVBILLING_SCALE_SERVER", null, "would not start"),
        ("function", Settings, "properties.EVBILLING_SCALE_SET", "\"other\"", "it must be evbilling-simulator"),
        ("function", Settings, "properties.EVBILLING_SCALE_ENTRA_OBJECT_IDS", null, "would not start"),
    ];

    public static BicepSnapshot Spoil(BicepSnapshot snapshot, string resource, string path, string? value)
    {
        var parts = resource.Split(' ', 2);
        JsonNode node = resource == "outputs"
            ? snapshot.Json["outputs"]!
            : snapshot.Resources.First(each => each.Type == parts[0] && each.Name.EndsWith(parts[1], StringComparison.Ordinal)).Json;
        var steps = path.Split('.');
        foreach (var step in steps[..^1])
        {
            node = int.TryParse(step, out var index) ? node[index]! : node[step]!;
        }
        var made = value is null ? null : JsonNode.Parse(value);
        if (made is null)
        {
            Assert.True(node.AsObject().Remove(steps[^1]), $"{resource} has no {path} that could be taken away.");
        }
        else
        {
            node[steps[^1]] = made;
        }
        return new(snapshot.Environment, snapshot.Json);
    }
}
