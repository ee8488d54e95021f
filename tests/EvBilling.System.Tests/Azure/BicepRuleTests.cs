using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace EvBilling.SystemTests.Azure;

/// <summary>What a deployment makes keeps to rules that Bicep does not know; and each rule is seen to catch what it is for.</summary>
public sealed class BicepRuleTests
{
    public static TheoryData<string, string> RulesByEnvironment =>
        [.. BicepTemplates.Environments.SelectMany(environment => BicepRules.All.Keys.Select(rule => new TheoryDataRow<string, string>(rule, environment)))];

    public static TheoryData<string> Environments => [.. BicepTemplates.Environments];

    public static TheoryData<string, string, string, string?, string> Spoilt => [.. BicepSpoilt.Rows.Select(row => new TheoryDataRow<string, string, string, string?, string>(row.Rule, row.Resource, row.Path, row.Value, row.Told))];

    [Theory]
    [MemberData(nameof(RulesByEnvironment))]
    public void A_rule_holds(string rule, string environment) => Assert.Equal("", string.Join('\n', BicepRules.All[rule](BicepTemplates.SkipOrMake().Snapshot(environment))));

    [Theory]
    [MemberData(nameof(Spoilt))]
    public void A_rule_catches_what_is_spoilt(string rule, string resource, string path, string? value, string told)
    {
        // The tier Standard has limits that Premium has not.
        var spoilt = BicepSpoilt.Spoil(BicepTemplates.SkipOrMake().Snapshot(rule == "event hubs" ? "dev" : "prod"), resource, path, value);
        Assert.Contains(BicepRules.All[rule](spoilt), breach => breach.Contains(told, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_rule_has_been_seen_to_catch() => Assert.Empty(BicepRules.All.Keys.Except(BicepSpoilt.Rows.Select(row => row.Rule)));

    [Fact]
    public void A_module_waits_for_what_it_finds_by_name() => Assert.Equal("", string.Join('\n', BicepDependencies.Breaches(BicepTemplates.SkipOrMake().Compiled)));

    [Theory]
    [InlineData("cluster", "registry", "cluster finds a Microsoft.ContainerRegistry/registries by its name and does not wait for registry")]
    [InlineData("functionSettings", "cluster", "functionSettings finds a Microsoft.ContainerService/managedClusters by its name and does not wait for cluster")]
    [InlineData("eventHubs", "files", "eventHubs finds a Microsoft.Storage/storageAccounts by its name and does not wait for files")]
    public void A_module_that_does_not_wait_is_found(string module, string other, string told)
    {
        var template = BicepTemplates.SkipOrMake().Compiled.DeepClone().AsObject();
        // Without what it waits for by way of other modules, too.
        foreach (var each in template["resources"]!.AsObject().Where(each => each.Key == module || each.Value!["dependsOn"]?.AsArray().Any(name => name!.ToString() == other) == true))
        {
            each.Value!["dependsOn"]!.AsArray().RemoveAll(name => name!.ToString() == other);
        }
        Assert.Contains(BicepDependencies.Breaches(template), breach => breach.Contains(told, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Environments))]
    public void A_parameter_file_holds_no_secret_and_names_nobody(string environment)
    {
        var text = File.ReadAllText(BicepTemplates.PathOf($"{environment}.bicepparam"));
        Assert.DoesNotMatch(BicepRules.SecretValue(), text);
        Assert.DoesNotMatch("[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-|@", text);
        var parameters = JsonNode.Parse(BicepTemplates.SkipOrMake().Parameters[environment])!["parameters"]!.AsObject();
        Assert.Equal(environment, parameters["environmentName"]!["value"]!.ToString());
        Assert.All(parameters, parameter =>
        {
            Assert.DoesNotMatch(BicepRules.SecretName(), parameter.Key);
            Assert.DoesNotMatch(BicepRules.SecretValue(), parameter.Value!.ToJsonString());
        });
        Assert.DoesNotMatch(new Regex("\"type\": \"secure", RegexOptions.IgnoreCase), BicepTemplates.SkipOrMake().Compiled["parameters"]!.ToJsonString());
    }

    [Fact]
    public void Production_has_a_standby_longer_back_ups_and_zones_and_keeps_its_events()
    {
        var prod = BicepTemplates.SkipOrMake().Snapshot("prod");
        var server = prod.Only("Microsoft.DBforPostgreSQL/flexibleServers");
        Assert.Equal(("ZoneRedundant", "35", "Enabled"), (server.Text("properties.highAvailability.mode"), server.Text("properties.backup.backupRetentionDays"), server.Text("properties.backup.geoRedundantBackup")));
        Assert.All(prod.Only("Microsoft.ContainerService/managedClusters").At("properties.agentPoolProfiles[]"), pool => Assert.Equal(3, pool["availabilityZones"]!.AsArray().Count));
        Assert.Equal("true", prod.Of("Microsoft.EventHub/namespaces/eventhubs").Single(hub => hub.Name.EndsWith("/charging-events", StringComparison.Ordinal)).Text("properties.captureDescription.enabled"));
    }
}
