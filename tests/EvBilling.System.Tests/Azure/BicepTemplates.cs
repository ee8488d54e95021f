using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Azure;

/// <summary>deploy/azure as Bicep's compiler sees it; compiled once for all tests, without a network.</summary>
internal sealed class BicepTemplates
{
    /// <summary>Who administers, in the snapshots.</summary>
    public const string Administrators = "11111111-1111-1111-1111-111111111111";

    /// <summary>The Spark job's service principal, in the snapshots.</summary>
    public const string Spark = "44444444-4444-4444-4444-444444444444";

    public const string Tenant = "22222222-2222-2222-2222-222222222222";

    private const string Subscription = "33333333-3333-3333-3333-333333333333";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly Lazy<BicepTemplates> Made = new(() => new());

    private BicepTemplates()
    {
        using var bicep = new BicepProcess(new Dictionary<string, string>
        {
            ["EVBILLING_AZURE_ADMINISTRATOR_ID"] = Administrators,
            ["EVBILLING_AZURE_ADMINISTRATOR_NAME"] = "administrators",
            ["EVBILLING_AZURE_ALERT_EMAIL"] = "operators@example.org",
            ["EVBILLING_AZURE_BUDGET_START"] = "2026-12-01",
            ["EVBILLING_AZURE_SPARK_PRINCIPAL_ID"] = Spark,
            ["EVBILLING_AZURE_DATABRICKS_JOB_ID"] = "1001",
        });
        var main = bicep.Call("bicep/compile", new() { ["path"] = PathOf("main.bicep") });
        Compiled = JsonNode.Parse(main["contents"]?.GetValue<string>() ?? "{}")!.AsObject();
        Used = bicep.Call("bicep/getFileReferences", new() { ["path"] = PathOf("main.bicep") })["filePaths"]!.AsArray().Select(path => Path.GetRelativePath(Folder, path!.GetValue<string>())).ToHashSet();
        Formatted = Files.ToDictionary(file => file, file => bicep.Call("bicep/format", new() { ["path"] = PathOf(file) })["contents"]!.GetValue<string>());
        var diagnostics = DiagnosticsOf(main);
        foreach (var environment in Environments)
        {
            var file = PathOf($"{environment}.bicepparam");
            var parameters = bicep.Call("bicep/compileParams", new() { ["path"] = file, ["parameterOverrides"] = new JsonObject() });
            diagnostics = diagnostics.Union(DiagnosticsOf(parameters));
            Parameters[environment] = parameters["parameters"]?.GetValue<string>() ?? "";
            if (main["success"]!.GetValue<bool>() && parameters["success"]!.GetValue<bool>())
            {
                Snapshots[environment] = InOrder(bicep.Call("bicep/getSnapshot", new()
                {
                    ["path"] = file,
                    ["metadata"] = new JsonObject
                    {
                        ["tenantId"] = Tenant,
                        ["subscriptionId"] = Subscription,
                        ["resourceGroup"] = "evbilling",
                        ["location"] = "westeurope",
                        ["deploymentName"] = "main",
                    },
                    ["externalInputs"] = new JsonArray(),
                })["snapshot"]!.GetValue<string>());
            }
        }
        Diagnostics = [.. diagnostics.Order()];
    }

    public static IReadOnlyList<string> Environments { get; } = ["dev", "prod"];

    public static string Folder { get; } = Path.Combine(Repository.Root, "deploy", "azure");

    /// <summary>All of Bicep's, without their folder.</summary>
    public static IReadOnlyList<string> Files { get; } =
        [.. Directory.EnumerateFiles(Folder, "*.bicep*", SearchOption.AllDirectories).Where(file => Path.GetExtension(file) is ".bicep" or ".bicepparam").Select(file => Path.GetRelativePath(Folder, file)).Order(StringComparer.Ordinal)];

    /// <summary>What the compiler and its linter say, of whatever level.</summary>
    public IReadOnlyList<string> Diagnostics { get; }

    /// <summary>The template that Azure is sent.</summary>
    public JsonObject Compiled { get; }

    /// <summary>The files that main.bicep needs.</summary>
    public IReadOnlySet<string> Used { get; }

    public IReadOnlyDictionary<string, string> Formatted { get; }

    /// <summary>The parameters that Azure is sent, by environment.</summary>
    public Dictionary<string, string> Parameters { get; } = [];

    /// <summary>What would be there after a deployment, by environment; none where it does not compile.</summary>
    public Dictionary<string, string> Snapshots { get; } = [];

    public static BicepTemplates SkipOrMake() => Made.Value;

    public static string PathOf(string file) => Path.Combine(Folder, file);

    public BicepSnapshot Snapshot(string environment) =>
        new(environment, JsonNode.Parse(Snapshots.GetValueOrDefault(environment) ?? throw new InvalidOperationException("deploy/azure does not compile: " + string.Join('\n', Diagnostics)))!.AsObject());

    /// <summary>Bicep tells outputs in no order.</summary>
    private static string InOrder(string snapshot)
    {
        var json = JsonNode.Parse(snapshot)!.AsObject();
        json["outputs"] = new JsonObject(json["outputs"]!.AsObject().OrderBy(output => output.Key, StringComparer.Ordinal).Select(output => KeyValuePair.Create(output.Key, output.Value?.DeepClone())));
        return json.ToJsonString(Indented).ReplaceLineEndings("\n") + "\n";
    }

    private static IEnumerable<string> DiagnosticsOf(JsonNode result) => result["diagnostics"]!.AsArray().Select(diagnostic =>
        $"{Path.GetRelativePath(Folder, diagnostic!["source"]!.GetValue<string>())}:{diagnostic["range"]!["start"]!["line"]!.GetValue<int>() + 1} {diagnostic["level"]} {diagnostic["code"]}: {diagnostic["message"]}");
}
