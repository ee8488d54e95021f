using System.Text.Json.Nodes;

namespace EvBilling.SystemTests.Azure;

/// <summary>Nothing is open to the internet that is not named here, with the reason.</summary>
internal static class BicepNetwork
{
    // Of these a private endpoint is the only way in.
    private static readonly string[] Private =
        ["Microsoft.EventHub/namespaces", "Microsoft.DBforPostgreSQL/flexibleServers", "Microsoft.KeyVault/vaults", "Microsoft.Storage/storageAccounts", "Microsoft.ContainerRegistry/registries"];

    public static IEnumerable<string> Breaches(BicepSnapshot snapshot)
    {
        var reached = snapshot.Of("Microsoft.Network/privateEndpoints").SelectMany(endpoint => endpoint.At("properties.privateLinkServiceConnections[].properties.privateLinkServiceId").Select(id => id.ToString())).ToHashSet();
        foreach (var resource in snapshot.Resources.Where(resource => Private.Contains(resource.Type) && !IsOpenForBuilds(resource)))
        {
            if ((resource.Text("properties.publicNetworkAccess") ?? resource.Text("properties.network.publicNetworkAccess")) != "Disabled")
            {
                yield return $"{resource} is open to the internet.";
            }
            if (!reached.Contains(resource.Id))
            {
                yield return $"{resource} has no private endpoint.";
            }
        }
        // Entra's tokens are what lets people in: Databricks' pages, Log Analytics' queries, Data Factory's studio, the deployment of the function.
        string[] open = ["Microsoft.Databricks/workspaces", "Microsoft.OperationalInsights/workspaces", "Microsoft.DataFactory/factories", "Microsoft.Web/sites"];
        foreach (var resource in snapshot.Resources.Where(resource => resource.Texts().Any() && HasPublicAccess(resource) && !open.Contains(resource.Type) && !IsOpenForBuilds(resource)))
        {
            yield return $"{resource} is open to the internet, and nobody has said why.";
        }
        foreach (var site in snapshot.Of("Microsoft.Web/sites").Where(site => site.Text("properties.siteConfig.ipSecurityRestrictionsDefaultAction") != "Deny" || site.At("properties.siteConfig.ipSecurityRestrictions[]").Any()))
        {
            yield return $"{site} lets calls in from outside of its private endpoint.";
        }
        foreach (var cluster in snapshot.Of("Microsoft.ContainerService/managedClusters").Where(cluster => cluster.Text("properties.apiServerAccessProfile.enablePrivateCluster") != "true" || cluster.Text("properties.apiServerAccessProfile.enablePrivateClusterPublicFQDN") != "false"))
        {
            yield return $"{cluster} has an API server with a public address.";
        }
        foreach (var cluster in snapshot.Of("Microsoft.ContainerService/managedClusters").Where(cluster => cluster.Text("properties.networkProfile.networkPolicy") is not ("cilium" or "calico" or "azure") || cluster.At("properties.agentPoolProfiles[].enableNodePublicIP").Any(flag => flag.ToString() != "false")))
        {
            yield return $"{cluster} enforces no network policies, or its nodes have public addresses.";
        }
        foreach (var workspace in snapshot.Of("Microsoft.Databricks/workspaces").Where(workspace => workspace.Text("properties.parameters.enableNoPublicIp.value") != "true"))
        {
            yield return $"{workspace} gives its nodes public addresses.";
        }
        foreach (var breach in OfTheNetwork(snapshot))
        {
            yield return breach;
        }
    }

    private static IEnumerable<string> OfTheNetwork(BicepSnapshot snapshot)
    {
        foreach (var address in snapshot.Of("Microsoft.Network/publicIPAddresses"))
        {
            var users = snapshot.Resources.Where(resource => resource.Id != address.Id && resource.Texts().Contains(address.Id)).ToList();
            if (users.Any(user => user.Type != "Microsoft.Network/natGateways"))
            {
                yield return $"{address} is not of the way out alone.";
            }
        }
        foreach (var subnet in snapshot.Only("Microsoft.Network/virtualNetworks").At("properties.subnets[]"))
        {
            if (subnet["properties"]!["networkSecurityGroup"] is null || subnet["properties"]!["defaultOutboundAccess"]?.GetValue<bool>() != false)
            {
                yield return $"The subnet {subnet["name"]} has no security group, or a way out that nobody asked for.";
            }
        }
        var rules = snapshot.Of("Microsoft.Network/networkSecurityGroups").SelectMany(group => group.At("properties.securityRules[]").Select(rule => (group, Name: rule["name"]!.ToString(), rule["properties"]!)));
        foreach (var (group, name, rule) in rules.Where(rule => Is(rule.Item3, "direction", "Inbound") && Is(rule.Item3, "access", "Allow") && !Is(rule.Item3, "sourceAddressPrefix", "VirtualNetwork")))
        {
            yield return $"The rule {name} of {group} lets in {rule["sourceAddressPrefix"]}.";
        }
    }

    private static bool Is(JsonNode rule, string member, string value) => rule[member]?.ToString() == value;

    private static bool HasPublicAccess(BicepResource resource) =>
        new[] { "publicNetworkAccess", "publicNetworkAccessForIngestion", "publicNetworkAccessForQuery", "network.publicNetworkAccess" }.Any(name => resource.Text($"properties.{name}") is { } access && access != "Disabled");

    /// <summary>A registry below Premium cannot be closed; whoever comes needs a token of Entra ID.</summary>
    private static bool IsOpenForBuilds(BicepResource resource) => resource.Type == "Microsoft.ContainerRegistry/registries" && resource.Text("sku.name") != "Premium";
}
