using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Azure.Rehearsal;

/// <summary>deploy/azure/modules/data-factory.bicep as it would be deployed: compiled and with its parameters put in, by Bicep itself.</summary>
internal sealed class FactoryTemplate
{
    /// <summary>The topic, in whose place a test puts its own.</summary>
    public const string Topic = "charging-events-of-a-test";

    public const string Workspace = "workspace.databricks.test";
    public const string Function = "function.test";
    public const string Reports = "https://reports.blob.test/reports";
    public const string ActionGroup = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Insights/actionGroups/operators";

    private const string Parameters = $$"""
        using 'modules/data-factory.bicep'
        param name = 'factory'
        param location = 'westeurope'
        param tags = {}
        param functionAppHost = '{{Function}}'
        param functionAudience = 'api://evbilling-scale'
        param databricksWorkspaceUrl = '{{Workspace}}'
        param databricksWorkspaceResourceId = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Databricks/workspaces/w'
        param databricksJobId = 42
        param postgresServerId = '/subscriptions/s/resourceGroups/g/providers/Microsoft.DBforPostgreSQL/flexibleServers/p'
        param postgresHost = 'postgres.test'
        param postgresDatabase = 'evbilling'
        param postgresUser = 'factory'
        param reportsStorageAccountName = 'reports'
        param logAnalyticsId = '/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/l'
        param alertActionGroupId = '{{ActionGroup}}'
        param scheduleHour = 3
        param timeZone = 'W. Europe Standard Time'
        param replicas = 2
        param topic = '{{Topic}}'
        """;

    private static readonly Lazy<FactoryTemplate> Made = new(() => new());

    private readonly JsonArray _resources;

    private FactoryTemplate()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("modules"));
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "deploy", "azure", "modules"), "*.bicep"))
        {
            File.Copy(file, Path.Combine(folder.File("modules"), Path.GetFileName(file)));
        }
        var start = new ProcessStartInfo(Program, ["snapshot", folder.Write("factory.bicepparam", Parameters), "--mode", "overwrite"]) { RedirectStandardError = true, RedirectStandardOutput = true };
        using var bicep = Process.Start(start)!;
        var said = bicep.StandardError.ReadToEndAsync();
        bicep.StandardOutput.ReadToEnd();
        bicep.WaitForExit();
        Assert.True(bicep.ExitCode == 0, said.Result);
        Said = said.Result;
        _resources = JsonNode.Parse(File.ReadAllText(folder.File("factory.snapshot.json")))!["predictedResources"]!.AsArray();
    }

    public static FactoryTemplate Instance
    {
        get
        {
            Assert.SkipUnless(RuntimeInformation.OSArchitecture == Architecture.X64, "The Bicep compiler that is restored here is one for x64.");
            return Made.Value;
        }
    }

    /// <summary>What the compiler had to say.</summary>
    public string Said { get; }

    public IEnumerable<JsonObject> All(string type) => _resources.Select(resource => resource!.AsObject()).Where(resource => resource["type"]!.GetValue<string>() == type);

    public JsonObject Named(string type, string name) => All(type).Single(resource => resource["name"]!.GetValue<string>().EndsWith("/" + name, StringComparison.Ordinal));

    /// <summary>The pipeline, with a test's topic.</summary>
    public JsonObject Pipeline(string topic) =>
        JsonNode.Parse(Named("Microsoft.DataFactory/factories/pipelines", "charging-day").ToJsonString().Replace(Topic, topic, StringComparison.Ordinal))!.AsObject();

    public JsonObject LinkedService(string name) => Named("Microsoft.DataFactory/factories/linkedservices", name)["properties"]!.AsObject();

    private static string Program => typeof(FactoryTemplate).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(pair => pair.Key == "Bicep").Value!;
}
