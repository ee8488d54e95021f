using System.Text.RegularExpressions;

namespace EvBilling.SystemTests.Azure;

/// <summary>What Bicep does not check, on a snapshot. A rule gives a sentence for each breach.</summary>
internal static partial class BicepRules
{
    /// <summary>All of them, by name.</summary>
    public static IReadOnlyDictionary<string, Func<BicepSnapshot, IEnumerable<string>>> All { get; } = new Dictionary<string, Func<BicepSnapshot, IEnumerable<string>>>
    {
        ["lists"] = BicepLists.Breaches,
        ["names"] = BicepNames.Breaches,
        ["network"] = BicepNetwork.Breaches,
        ["keys"] = BicepKeys.Breaches,
        ["roles"] = BicepRoles.Breaches,
        ["references"] = References,
        ["secrets"] = Secrets,
        ["tags"] = Tags,
        ["outputs"] = BicepPromises.Outputs,
        ["identities"] = BicepPromises.Identities,
        ["event hubs"] = BicepPromises.EventHubs,
        ["function"] = BicepPromises.Function,
    };

    /// <summary>Whatever is named by its id is there.</summary>
    private static IEnumerable<string> References(BicepSnapshot snapshot)
    {
        var there = snapshot.Resources.Select(resource => resource.Id)
            .Concat(snapshot.Of("Microsoft.Network/virtualNetworks").SelectMany(network => network.At("properties.subnets[].name").Select(name => $"{network.Id}/subnets/{name}")))
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        return
            from resource in snapshot.Resources
            from id in resource.Texts().SelectMany(text => ResourceId().Matches(text)).Select(match => match.Value).Distinct()
            where !there.Contains(id) && !resource.Id.StartsWith(id, StringComparison.OrdinalIgnoreCase) && !resource.Id.Contains($"'{id}", StringComparison.OrdinalIgnoreCase)
            select $"{resource} names {id}, which nothing makes.";
    }

    /// <summary>Nothing that is handed out or written down is a secret.</summary>
    private static IEnumerable<string> Secrets(BicepSnapshot snapshot)
    {
        foreach (var (name, value) in snapshot.Outputs.Where(output => SecretName().IsMatch(output.Key) || SecretValue().IsMatch(output.Value)))
        {
            yield return $"The output {name} looks like a secret: {value}.";
        }
        // A kubeconfig without local accounts holds none; the certificate authority is taken from it.
        var texts = snapshot.Resources.SelectMany(resource => resource.Texts().Select(text => (resource, text)));
        foreach (var (resource, text) in texts.Where(pair => SecretValue().IsMatch(pair.text.Replace("listClusterUserCredential(", "", StringComparison.Ordinal))))
        {
            yield return $"{resource} has what looks like a secret: {text}.";
        }
    }

    /// <summary>What costs money says what it is for.</summary>
    private static IEnumerable<string> Tags(BicepSnapshot snapshot) =>
        from resource in snapshot.Resources
        where resource.Json.ContainsKey("location") || resource.Json.ContainsKey("tags")
        where resource.Text("tags.application") != "evbilling" || resource.Text("tags.environment") != snapshot.Environment || resource.Text("tags.source") != "deploy/azure"
        select $"{resource} lacks a tag.";

    [GeneratedRegex("""SharedAccessKey=|AccountKey=|[?&]sig=|\blist[A-Z]\w*\(|-----BEGIN|\beyJ[\w-]{20}|password\s*[=:]""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    public static partial Regex SecretValue();

    [GeneratedRegex("(password|secret|token|connectionstring|sas|key|keys)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    public static partial Regex SecretName();

    [GeneratedRegex("""/subscriptions/[0-9-]+/resourceGroups/[\w-]+/providers/[^'"\]\s,)]+""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex ResourceId();
}
