using System.Text.RegularExpressions;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Azure;

/// <summary>Who may do what is what docs/azure.md says, by roles that are known, on nothing wider than a resource.</summary>
internal static partial class BicepRoles
{
    // Azure's own: learn.microsoft.com/azure/role-based-access-control/built-in-roles
    private static readonly Dictionary<string, string> Known = new()
    {
        ["7f951dda-4ed3-4680-a7ca-43fe172d538d"] = "AcrPull",
        ["a638d3c7-ab3a-418d-83e6-5f17a39d4fde"] = "Azure Event Hubs Data Receiver",
        ["2b629674-e913-4c01-ae53-ef4638d8f975"] = "Azure Event Hubs Data Sender",
        ["b86a8fe4-44ce-4948-aee5-eccb2c155cd7"] = "Key Vault Secrets Officer",
        ["4d97b98b-1d4f-4787-a291-c67834d212e7"] = "Network Contributor",
        ["ba92f5b4-2d11-453d-a403-e96b0029c9fe"] = "Storage Blob Data Contributor",
        ["b7e6dc6d-f1e8-4753-8033-0f276bb0955b"] = "Storage Blob Data Owner",
    };

    private static readonly Dictionary<string, string> Forbidden = new()
    {
        ["8e3af657-a8ff-443c-a75c-2fe8c4bcb635"] = "Owner",
        ["b24988ac-6180-42a0-ab88-20f7382dd24c"] = "Contributor",
        ["18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"] = "User Access Administrator",
        ["f58310d9-a9f6-439a-9e8d-f62e7b41a168"] = "Role Based Access Control Administrator",
    };

    private static readonly Dictionary<string, string> Kinds = new()
    {
        ["Microsoft.ContainerRegistry/registries"] = "the registry",
        ["Microsoft.EventHub/namespaces/eventhubs"] = "event hub",
        ["Microsoft.KeyVault/vaults"] = "the vault",
        ["Microsoft.Network/virtualNetworks/subnets"] = "subnet",
        ["Microsoft.Storage/storageAccounts"] = "the function's storage",
        ["Microsoft.Storage/storageAccounts/blobServices/containers"] = "container",
    };

    /// <summary>Who, which role, on what; of docs/azure.md, without those of <paramref name="environment"/>s that the row leaves out.</summary>
    public static IReadOnlySet<string> Documented(string environment) => Rows(File.ReadAllLines(Path.Combine(Repository.Root, "docs", "azure.md")))
        .Where(row => !row[2].Contains("(prod)", StringComparison.Ordinal) || environment == "prod")
        .Select(row => $"{row[0]}: {row[1]} on {row[2].Replace(" (prod)", "", StringComparison.Ordinal)}").ToHashSet();

    public static IEnumerable<string> Breaches(BicepSnapshot snapshot)
    {
        var given = new HashSet<string>();
        foreach (var assignment in snapshot.Of("Microsoft.Authorization/roleAssignments"))
        {
            var role = assignment.Text("properties.roleDefinitionId")!.Split('/')[^1];
            if (!Known.TryGetValue(role, out var name))
            {
                yield return $"The role {Forbidden.GetValueOrDefault(role, role)} is given, which is not among those that may be.";
                continue;
            }
            if (assignment.Text("properties.principalType") is not ("ServicePrincipal" or "Group"))
            {
                yield return $"{name} is given to what is neither a service principal nor a group: {assignment.Text("properties.principalType")}.";
            }
            if (Scope().Match(assignment.Id) is not { Success: true } scope)
            {
                yield return $"{name} is given on more than one resource: {assignment.Id}.";
                continue;
            }
            given.Add($"{Who(assignment.Text("properties.principalId")!)}: {name} on {On(scope.Groups["of"].Value)}");
        }
        foreach (var one in given.Except(Documented(snapshot.Environment)))
        {
            yield return $"Given, but not in docs/azure.md: {one}.";
        }
        foreach (var one in Documented(snapshot.Environment).Except(given))
        {
            yield return $"In docs/azure.md, but not given: {one}.";
        }
    }

    private static IEnumerable<string[]> Rows(IEnumerable<string> lines) => lines
        .SkipWhile(line => line != "## Who may do what").Skip(1).TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal))
        .SkipWhile(line => !line.StartsWith("|---", StringComparison.Ordinal)).Skip(1).TakeWhile(line => line.StartsWith('|'))
        .Select(line => line.Trim('|').Split('|').Select(cell => cell.Trim().Replace("`", "", StringComparison.Ordinal)).ToArray());

    private static string Who(string principal) => principal switch
    {
        BicepTemplates.Administrators => "administrators",
        BicepTemplates.Spark => "Spark",
        _ when Identity().Match(principal) is { Success: true } identity => identity.Groups["name"].Value,
        _ when principal.Contains("kubeletidentity", StringComparison.Ordinal) => "kubelets",
        _ when principal.Contains("Microsoft.Web/sites/", StringComparison.Ordinal) => "function",
        _ when principal.Contains("Microsoft.DataFactory/factories/", StringComparison.Ordinal) => "factory",
        _ when principal.Contains("Microsoft.EventHub/namespaces/", StringComparison.Ordinal) => "Event Hubs",
        _ => principal,
    };

    /// <param name="resource">TYPE/NAME/TYPE/NAME ..., after `providers/`.</param>
    private static string On(string resource)
    {
        var parts = resource.Split('/');
        var type = string.Join('/', parts.Take(1).Concat(parts.Skip(1).Where((_, i) => i % 2 == 0)));
        var kind = Kinds.GetValueOrDefault(type, type);
        return kind.StartsWith("the ", StringComparison.Ordinal) ? kind : $"{kind} {parts[^1]}";
    }

    // On a resource whose own id is known, or by extensionResourceId('RESOURCE', ...).
    [GeneratedRegex("^(\\[extensionResourceId\\(')?/subscriptions/[0-9-]+/resourceGroups/[\\w-]+/providers/(?<of>Microsoft\\.(?!Authorization)[^']+?)('|/providers/Microsoft\\.Authorization/)", RegexOptions.CultureInvariant)]
    private static partial Regex Scope();

    [GeneratedRegex("/userAssignedIdentities/evbilling-(dev|prod)-(?<name>[\\w-]+)'", RegexOptions.CultureInvariant)]
    private static partial Regex Identity();
}
