using System.Text.RegularExpressions;

namespace EvBilling.SystemTests.Azure;

/// <summary>Names are unique, and such as Azure allows (learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules), also with the longest prefix.</summary>
internal static class BicepNames
{
    private const string Hyphened = "^[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?$";
    private const string Free = "^[a-zA-Z0-9][a-zA-Z0-9._-]*[a-zA-Z0-9_]$";

    // namePrefix may have 10 letters; that of the snapshots has 9.
    private const int Longer = 1;

    private static readonly Dictionary<string, (int Min, int Max, string Pattern)> Bounds = new()
    {
        ["Microsoft.Consumption/budgets"] = (1, 63, "^[a-zA-Z0-9_-]+$"),
        ["Microsoft.ContainerRegistry/registries"] = (5, 50, "^[a-zA-Z0-9]+$"),
        ["Microsoft.ContainerService/managedClusters"] = (1, 63, Hyphened),
        ["Microsoft.DBforPostgreSQL/flexibleServers"] = (3, 63, "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"),
        ["Microsoft.DataFactory/factories"] = (3, 63, Hyphened),
        ["Microsoft.Databricks/workspaces"] = (3, 64, "^[a-zA-Z0-9_-]+$"),
        ["Microsoft.EventHub/namespaces"] = (6, 50, "^[a-zA-Z][a-zA-Z0-9-]*[a-zA-Z0-9]$"),
        ["Microsoft.Insights/actionGroups"] = (1, 260, Free),
        ["Microsoft.Insights/dataCollectionRules"] = (3, 64, Free),
        ["Microsoft.Insights/metricAlerts"] = (1, 260, Free),
        ["Microsoft.KeyVault/vaults"] = (3, 24, "^[a-zA-Z](-?[a-zA-Z0-9])*$"),
        ["Microsoft.ManagedIdentity/userAssignedIdentities"] = (3, 128, "^[a-zA-Z0-9][a-zA-Z0-9_-]*$"),
        ["Microsoft.Network/natGateways"] = (1, 80, Free),
        ["Microsoft.Network/networkSecurityGroups"] = (1, 80, Free),
        ["Microsoft.Network/privateDnsZones"] = (1, 63, @"^[a-z0-9-]+(\.[a-z0-9-]+)+$"),
        ["Microsoft.Network/privateEndpoints"] = (2, 64, Free),
        ["Microsoft.Network/publicIPAddresses"] = (1, 80, Free),
        ["Microsoft.Network/virtualNetworks"] = (2, 64, Free),
        ["Microsoft.OperationalInsights/workspaces"] = (4, 63, Hyphened),
        ["Microsoft.Storage/storageAccounts"] = (3, 24, "^[a-z0-9]+$"),
        ["Microsoft.Web/serverfarms"] = (1, 40, Hyphened),
        ["Microsoft.Web/sites"] = (2, 60, Hyphened),
    };

    // They stand on another resource, and are named after what they say.
    private static readonly string[] Extensions =
        ["Microsoft.Authorization/roleAssignments", "Microsoft.Insights/diagnosticSettings", "Microsoft.Insights/dataCollectionRuleAssociations"];

    public static IEnumerable<string> Breaches(BicepSnapshot snapshot)
    {
        foreach (var same in snapshot.Resources.GroupBy(resource => resource.Id, StringComparer.OrdinalIgnoreCase).Where(group => group.Count() > 1))
        {
            yield return $"{same.First()} is made {same.Count()} times.";
        }
        foreach (var resource in snapshot.Resources.Where(resource => resource.Type == resource.RootType && !Extensions.Contains(resource.Type)))
        {
            if (!Bounds.TryGetValue(resource.Type, out var bounds))
            {
                yield return $"{resource}: no rule for names of its kind is written down.";
            }
            else if (resource.Name.Length < bounds.Min || resource.Name.Length > bounds.Max - Longer || !Regex.IsMatch(resource.Name, bounds.Pattern))
            {
                yield return $"{resource}: the name has {resource.Name.Length} characters, allowed are {bounds.Min} to {bounds.Max} of {bounds.Pattern}, with a prefix one longer.";
            }
        }
        foreach (var pool in snapshot.Only("Microsoft.ContainerService/managedClusters").At("properties.agentPoolProfiles[].name").Select(name => name.ToString()).Where(name => !Regex.IsMatch(name, "^[a-z][a-z0-9]{0,11}$")))
        {
            yield return $"The node pool {pool} has no name that AKS takes: at most 12 lower-case letters and digits.";
        }
    }
}
