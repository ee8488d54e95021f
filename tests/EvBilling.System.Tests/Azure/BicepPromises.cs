using System.Text.RegularExpressions;
using EvBilling.Cli.Simulating;

namespace EvBilling.SystemTests.Azure;

/// <summary>What other parts rely on: the script on outputs, Kubernetes on identities and event hubs, the function on its settings.</summary>
internal static class BicepPromises
{
    // What an engineer needs to find things in the portal.
    private static readonly string[] Shown = ["tenantId", "clusterName", "eventHubsNamespaceName", "postgresServerName", "databricksWorkspaceName", "dataFactoryName", "keyVaultName", "logAnalyticsName", "reportsStorageAccountName"];

    /// <summary>Every output that deploy/azure/azure reads is there.</summary>
    public static IEnumerable<string> Outputs(BicepSnapshot snapshot) =>
        from name in ReadByTheScript().Union(Shown)
        where !snapshot.Outputs.TryGetValue(name, out var value) || value.Length == 0
        select $"deploy/azure/azure reads the output {name}, which is not there.";

    /// <summary>Each federated identity is a service account's of deploy/kubernetes, for the cluster's own issuer.</summary>
    public static IEnumerable<string> Identities(BicepSnapshot snapshot)
    {
        var credentials = snapshot.Of("Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials").ToList();
        foreach (var account in new[] { "evbilling-worker", "evbilling-simulator", "evbilling-installer" })
        {
            if (credentials.All(credential => credential.Text("properties.subject") != $"system:serviceaccount:{KubernetesFiles.Namespace}:{account}"))
            {
                yield return $"No identity is federated with the service account {account} of {KubernetesFiles.Namespace}.";
            }
        }
        foreach (var credential in credentials)
        {
            var account = credential.Text("properties.subject")!.Split(':')[^1];
            if (!KubernetesFiles.ServiceAccounts.Contains(account))
            {
                yield return $"{credential} is for the service account {account}, which no manifest has.";
            }
            if (!credential.Name.Contains(account.Replace("evbilling", "", StringComparison.Ordinal) + "/", StringComparison.Ordinal))
            {
                yield return $"{credential} is another identity's than the service account's {account}.";
            }
            if (!credential.Text("properties.issuer")!.Contains("oidcIssuerProfile.issuerURL", StringComparison.Ordinal) || !credential.At("properties.audiences[]").Select(audience => audience.ToString()).SequenceEqual(["api://AzureADTokenExchange"]))
            {
                yield return $"{credential} does not trust the cluster's issuer for Entra's exchange alone.";
            }
        }
    }

    /// <summary>Topics, partitions and groups are those that the program and deploy/kubernetes use, within the limits of the tier.</summary>
    public static IEnumerable<string> EventHubs(BicepSnapshot snapshot)
    {
        var hubs = snapshot.Of("Microsoft.EventHub/namespaces/eventhubs").ToDictionary(hub => hub.Name.Split('/')[^1]);
        var topic = KubernetesFiles.Settings["KAFKA_TOPIC"];
        foreach (var name in new[] { topic, $"{topic}-dead-letter", ShardLedger.Topic, "cdrs" }.Where(name => !hubs.ContainsKey(name)))
        {
            yield return $"There is no event hub {name}.";
        }
        if (hubs.TryGetValue(topic, out var events) && events.Text("properties.partitionCount") != $"{KubernetesFiles.WorkersMax}")
        {
            yield return $"{topic} has {events.Text("properties.partitionCount")} partitions, and deploy/kubernetes up to {KubernetesFiles.WorkersMax} workers.";
        }
        if (hubs.TryGetValue(ShardLedger.Topic, out var progress) && (progress.Text("properties.partitionCount"), progress.Text("properties.retentionDescription.cleanupPolicy")) != ("1", "Compact"))
        {
            yield return $"{ShardLedger.Topic} must be compacted and have one partition.";
        }
        var groups = snapshot.Of("Microsoft.EventHub/namespaces/eventhubs/consumergroups").Select(group => group.Name.Split('/')[^1]);
        if (!groups.Contains(KubernetesFiles.Settings["KAFKA_GROUP"]))
        {
            yield return $"There is no consumer group {KubernetesFiles.Settings["KAFKA_GROUP"]}.";
        }
        // Standard keeps events for a week at most, and has 32 partitions at most (docs/kafka.md).
        foreach (var hub in hubs.Values.Where(hub => snapshot.Only("Microsoft.EventHub/namespaces").Text("sku.name") == "Standard"))
        {
            if (Number(hub, "properties.partitionCount") is < 1 or > 32 || Number(hub, "properties.retentionDescription.retentionTimeInHours") is < 1 or > 168)
            {
                yield return $"{hub} has more partitions, or keeps events for longer, than the tier Standard.";
            }
        }
        var capacity = snapshot.Only("Microsoft.EventHub/namespaces");
        if (capacity.Text("sku.name") == "Premium" && Number(capacity, "sku.capacity") is not (1 or 2 or 4 or 8 or 16))
        {
            yield return $"Event Hubs Premium comes with 1, 2, 4, 8 or 16 processing units, not {capacity.Text("sku.capacity")}.";
        }
        if (capacity.Text("properties.isAutoInflateEnabled") == "true" && Number(capacity, "properties.maximumThroughputUnits") <= Number(capacity, "sku.capacity"))
        {
            yield return "Event Hubs cannot grow: its most throughput units are no more than those that it begins with.";
        }
        if (snapshot.Outputs.GetValueOrDefault("eventHubsBroker") is var broker && (broker is null || !Regex.IsMatch(broker, @"^[a-z0-9-]+\.servicebus\.windows\.net:9093$")))
        {
            yield return $"The output eventHubsBroker is no broker: {broker}.";
        }
    }

    /// <summary>The function's own reader takes its settings, and knows each.</summary>
    public static IEnumerable<string> Function(BicepSnapshot snapshot)
    {
        var settings = snapshot.Only("Microsoft.Web/sites/config").Json["properties"]!.AsObject().ToDictionary(setting => setting.Key, setting => setting.Value!.ToString());
        return FunctionSettingsOnAzure.Breaches(settings).Concat(
            new[] { ("EVBILLING_SCALE_NAMESPACE", KubernetesFiles.Namespace), ("EVBILLING_SCALE_SET", "evbilling-simulator"), ("EVBILLING_SCALE_MAX", $"{KubernetesFiles.Shards}"), ("FUNCTIONS_WORKER_RUNTIME", "custom"), ("EVBILLING_SCALE_ENTRA_TENANT", BicepTemplates.Tenant) }
                .Where(must => settings.GetValueOrDefault(must.Item1) != must.Item2)
                .Select(must => $"The function's {must.Item1} is {settings.GetValueOrDefault(must.Item1) ?? "not set"}; it must be {must.Item2}."));
    }

    /// <summary>As words after read_outputs, and of $(output NAME).</summary>
    private static IEnumerable<string> ReadByTheScript() => Directory.EnumerateFiles(BicepTemplates.Folder, "*", SearchOption.AllDirectories).Where(file => Path.GetExtension(file) is "" or ".bash")
        .Select(file => File.ReadAllText(file).Replace("\\\n", " ", StringComparison.Ordinal))
        .SelectMany(text => Regex.Matches(text, @"^\s*read_outputs ([\w ]+)$|\$\(output (\w+)", RegexOptions.Multiline))
        .SelectMany(match => (match.Groups[1].Value + " " + match.Groups[2].Value).Split(' ', StringSplitOptions.RemoveEmptyEntries)).Distinct();

    private static int? Number(BicepResource resource, string path) => resource.Text(path) is { } text ? int.Parse(text) : null;
}
