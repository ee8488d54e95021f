using System.Text.Json;
using System.Text.RegularExpressions;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Azure;

/// <summary>What Azure answers where all is well, in the shapes that its REST API documents.</summary>
internal static partial class ScriptAnswers
{
    public static string[] TemplateParameters { get; } =
        ["location", "namePrefix", "administratorObjectId", "databricksJobId", "sparkPrincipalId", "nodeSize", "systemNodesMax", "workNodesMax"];

    /// <summary>An output of main.bicep each, as the script asks for them.</summary>
    public static Dictionary<string, string> Outputs { get; } = new()
    {
        ["registryName"] = "evbreg",
        ["registryLoginServer"] = "evbreg.azurecr.io",
        ["clusterName"] = "evb-aks",
        ["eventHubsBroker"] = "evb-ns.servicebus.windows.net:9093",
        ["postgresHost"] = "evb-pg.postgres.database.azure.com",
        ["postgresDatabase"] = "evbilling",
        ["databricksWorkspaceUrl"] = "adb-1.2.azuredatabricks.net",
        ["databricksWorkspaceResourceId"] = "/subscriptions/s/workspaces/evb",
        ["functionAppName"] = "evb-func",
        ["functionPrincipalId"] = Id(1),
        ["functionAudience"] = "api://tenant/evbilling-dev-scale",
        ["dataFactoryName"] = "evb-factory",
        ["dataFactoryPrincipalId"] = Id(2),
        ["workerIdentityName"] = "evbilling-dev-worker",
        ["workerClientId"] = Id(3),
        ["workerPrincipalId"] = Id(4),
        ["simulatorClientId"] = Id(5),
        ["installerIdentityName"] = "evbilling-dev-installer",
        ["installerClientId"] = Id(6),
        ["tenantId"] = Id(7),
    };

    public static string Id(int number) => $"aaaaaaaa-bbbb-cccc-dddd-{number:000000000000}";

    public static object Deployment(string state = "Succeeded", int job = 0, object? error = null) => new
    {
        properties = new
        {
            provisioningState = state,
            timestamp = "2026-11-29T10:00:00.1234567+00:00",
            error,
            outputs = state == "Succeeded" ? Outputs.ToDictionary(output => output.Key, output => new { type = "String", value = output.Value }) : null,
            parameters = new
            {
                databricksJobId = new { type = "Int", value = job },
                administratorObjectId = new { type = "String", value = "group-id" },
                alertEmail = new { type = "String", value = "ops@example.org" },
                budgetStart = new { type = "String", value = "2026-10-01" },
            },
        },
    };

    public static object Invoked(string logs, int exitCode = 0) => new { exitCode, logs, provisioningState = "Succeeded" };

    public static object Providers(string? unregistered = null, string? notOffered = null) =>
        from pair in Pair().Matches(File.ReadAllText(Path.Combine(Repository.Root, "deploy", "azure", "steps", "checks.bash")))
        select new
        {
            @namespace = pair.Groups[1].Value,
            state = pair.Groups[1].Value == unregistered ? "NotRegistered" : "Registered",
            types = new[] { new { type = pair.Groups[2].Value, locations = pair.Value == notOffered ? ["North Europe"] : new[] { "West Europe", "North Europe" } } },
        };

    public static object Usage(int left) => new
    {
        value = from name in new[] { "cores", "standardDASv5Family", "standardDADSv5Family" } select new { name = new { value = name }, currentValue = 0, limit = left },
    };

    public static object Sizes(params string[] restricted) => new
    {
        value = from size in new[] { (Name: "Standard_D2as_v5", Family: "standardDASv5Family", Cores: "2"), (Name: "Standard_D4ads_v5", Family: "standardDADSv5Family", Cores: "4") }
                select new
                {
                    name = size.Name,
                    family = size.Family,
                    capabilities = new[] { new { name = "vCPUs", value = size.Cores } },
                    restrictions = restricted.Contains(size.Name) ? new[] { new { type = "Location", reasonCode = "NotAvailableForSubscription" } } : [],
                },
    };

    public static object Rights(string[] actions, params string[] notActions) => new { value = new[] { new { actions, notActions } } };

    public static object Run(string status, string message = "") => new { runId = "run-1", status, message };

    public static IEnumerable<(string Pattern, string Code, string Answer)> AllIsWell()
    {
        foreach (var (pattern, answer) in new (string, object?)[]
        {
            ("^version", new Dictionary<string, string> { ["azure-cli"] = "2.45.0" }),
            ("^account show", new { id = ScriptStandIn.Subscription, name = "Sub", state = "Enabled", tenantId = Id(7), user = new { name = "eve@example.org", type = "user" } }),
            ("^account list-locations", new[] { new { name = "westeurope", displayName = "West Europe" } }),
            ("^account get-access-token", new { accessToken = ScriptStandIn.Secret + "-TOKEN" }),
            ("^deployment group show", Deployment()), ("^deployment group create", null), ("^deployment group what-if", "60 to create"),
            ("^ad group show", new { id = "group-id", displayName = "admins" }), ("^ad signed-in-user", new { id = "me" }), ("^ad group member check", new { value = true }),
            ("^ad app list", Array.Empty<int>()), ("^ad app create", new { appId = "app-1" }), ("^ad app delete", null),
            ("^ad app credential reset", new { appId = "app-1", password = ScriptStandIn.Secret + "-PASSWORD" }),
            ("^ad sp list", Array.Empty<int>()), ("^ad sp create", new { id = Id(8) }), ("^ad sp show", new { appId = "factory-app", id = "sp" }),
            ("^group exists", true), ("^group create", new { }), ("^group show", new { tags = new { application = "evbilling", environment = "dev" } }), ("^group delete", null),
            ("Microsoft.Authorization/permissions", Rights(["*"], "Microsoft.Blueprint/*")),
            ("^provider list", Providers()), ("Microsoft.Compute/locations/westeurope/usages", Usage(100)), ("Microsoft.Compute/skus", Sizes()),
            ("^keyvault list-deleted", Array.Empty<int>()), ("^keyvault (recover|purge)", null),
            ("get .*/triggers/every-day[?]", new { name = "every-day", properties = new { runtimeState = "Started" } }), ("post .*/triggers/every-day/(start|stop)[?]", null),
            ("get .*/current-metastore-assignment", new { default_catalog_name = "evb_ws" }), ("post .*/unity-catalog/", new { }), ("get .*/unity-catalog/", new { }),
            ("get .*/scim/", new { totalResults = 0 }), ("post .*/scim/", new { }), ("/secrets/", new { }),
            ("^acr repository show-tags", Array.Empty<int>()), ("^acr (build|import)", "built"),
            ("in-cluster properties", Invoked("job.batch/evbilling-spark-properties created\n---- job.properties\nevbilling: a word on stderr\nkernel={}\nsource.subscribe=charging-events\n---- end\n")),
            ("^aks command invoke", Invoked("done\n")), ("^functionapp deployment source config-zip", new { }),
            ("^aks show", new { powerState = new { code = "Running" }, kubernetesVersion = "1.34", agentPoolProfiles = new[] { new { name = "system", count = 1, vmSize = "Standard_D2as_v5", minCount = 1, maxCount = 2 } } }),
            ("/policies/clusters/list", new { }), ("/policies/clusters/", new { policy_id = "policy-1" }),
            ("/jobs/list", new { }), ("/jobs/create", new { job_id = 77 }), ("/jobs/reset", new { }), ("/permissions/jobs/", new { }), ("/jobs/runs/list", new { runs = Array.Empty<int>() }),
            ("/managedPrivateEndpoints", new { value = Array.Empty<int>() }),
            ("/queryPipelineRuns", new { value = Array.Empty<int>() }), ("/createRun", new { runId = "run-1" }), ("/pipelineruns/run-1[?]", Run("Succeeded")),
            ("/queryActivityruns", new { value = new[] { new { activityName = "Scale up", status = "Succeeded", durationInMs = 2100, activityRunStart = "2026-11-29T10:00:00Z", error = new { message = "" } } } }),
            ("Microsoft.CostManagement/query", new { properties = new { rows = new object[] { new object[] { 12.345, "Azure Kubernetes Service", "EUR" } } } }),
        })
        {
            yield return (pattern, "0", answer is null ? "" : JsonSerializer.Serialize(answer));
        }
    }

    [GeneratedRegex(@"\b(Microsoft\.[A-Za-z]+)/([A-Za-z]+)(?=[ \n])")]
    private static partial Regex Pair();
}
