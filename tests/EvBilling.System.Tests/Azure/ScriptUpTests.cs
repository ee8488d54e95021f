using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using EvBilling.SystemTests.Processes;

namespace EvBilling.SystemTests.Azure;

/// <summary>`up` from its first to its last step; and from wherever it stopped before.</summary>
public sealed partial class ScriptUpTests
{
    [Fact]
    public void Does_each_step_in_its_order_and_shows_no_secret()
    {
        using var azure = new ScriptStandIn().Answer("^group exists", "0", "false");
        var end = azure.Run(azure.UpWithYes);
        Assert.True(end.ExitCode == 0, end.ToString());
        AssertOrder(
            azure.Calls, "az group create", "az deployment group what-if", "az ad app create --display-name evbilling-dev-spark", "/triggers/every-day/stop", "az deployment group create",
            "/unity-catalog/", "az ad app credential reset", "/secrets/put", "/evbilling-spark.jar", "az acr build", "in-cluster database", "in-cluster workloads without-workers",
            "az ad app create --display-name evb-func-scale", "config-zip", "in-cluster properties", "/job.properties", "/jobs/create", "/permissions/jobs/77", "az deployment group create",
            "managedPrivateEndpoints", "/triggers/every-day/start");
        Assert.DoesNotContain(ScriptStandIn.Secret, string.Join('\n', azure.Calls) + end.Output + end.Errors, StringComparison.Ordinal);
        Assert.Contains("\"string_value\": \"TOP-SECRET-PASSWORD\"", azure.Bodies, StringComparison.Ordinal);
        Assert.Empty(azure.Leftovers);
        // What the registry's builder does not understand is not sent to it.
        var sent = File.ReadAllText(Path.Combine(azure.File_("context"), "Containerfile"));
        Assert.DoesNotContain("--platform", sent, StringComparison.Ordinal);
        Assert.DoesNotContain("--chmod", sent, StringComparison.Ordinal);
        Assert.DoesNotContain(Directory.EnumerateDirectories(azure.File_("context"), "*", SearchOption.AllDirectories), folder => Path.GetFileName(folder) is "bin" or "obj");
    }

    [Fact]
    public void A_second_up_makes_nothing_twice()
    {
        using var azure = new ScriptStandIn();
        azure.Run(azure.UpWithYes);
        var tag = Tag().Match(string.Join('\n', azure.Calls)).Groups[1].Value;
        Assert.NotEmpty(tag);
        azure.Answer("^deployment group show", ScriptAnswers.Deployment(job: 77))
            .Answer("^acr repository show-tags", new[] { "0.0.9", tag })
            .Answer("^ad app list --display-name", new[] { new { displayName = "evbilling-dev-spark", appId = "app-1" } })
            .Answer("^ad app list --identifier-uri", new[] { new { appId = "app-2" } })
            .Answer("^ad sp list", new[] { new { id = ScriptAnswers.Id(8) } })
            .Answer("get .*/unity-catalog/(schemas|volumes)", new { name = "there" })
            .Answer("get .*/scim/", new { Resources = new[] { new { id = "1" } } })
            .Answer("/secrets/scopes/list", new { scopes = new[] { new { name = "evbilling" } } })
            .Answer("/secrets/list", new { secrets = new[] { new { key = "client-secret" } } })
            .Answer("^ad app credential list", new[] { new { endDateTime = "2020-01-01T00:00:00Z" }, new { endDateTime = $"{DateTime.UtcNow.AddDays(60):yyyy-MM-dd}T00:00:00Z" } })
            .Answer("/policies/clusters/list", new { policies = new[] { new { name = "evbilling", policy_id = "policy-1" } } })
            .Answer("/jobs/list", new { jobs = new[] { new { job_id = 77 } } });
        // Options of the first time are not needed again.
        var end = azure.Run([.. azure.UpWithYes.Where(word => word is not ("--administrators" or "admins"))]);
        Assert.True(end.ExitCode == 0, end.ToString());
        var changes = azure.Calls.Where(ScriptOutcomeTests.IsChange).ToArray();
        Assert.DoesNotContain(changes, call => Regex.IsMatch(call, "ad (app|sp) create|credential reset|acr build|/create|method post .*(unity-catalog|scim)"));
        Assert.Single(changes, call => call.StartsWith("az deployment group create", StringComparison.Ordinal));
        Assert.Single(changes, call => call.Contains("/jobs/reset", StringComparison.Ordinal));
        Assert.Contains("\"job_id\": 77", azure.Bodies, StringComparison.Ordinal);
        // A secret that ends soon is made anew.
        azure.Answer("^ad app credential list", new[] { new { endDateTime = $"{DateTime.UtcNow.AddDays(20):yyyy-MM-dd}T00:00:00Z" } }).Answer("/secrets/put", "1", "far enough");
        ScriptOutcomeTests.AssertFailed(azure.Run(azure.UpWithYes), "the job's secret cannot be kept in Databricks: far enough");
        Assert.Contains(azure.Calls, call => call.Contains("ad app credential reset --id app-1 --append", StringComparison.Ordinal));
    }

    [Fact]
    public void Whatever_step_fails_is_one_sentence_and_the_next_up_completes_it()
    {
        using var azure = new ScriptStandIn();
        var failed = ScriptAnswers.Deployment("Failed", error: new
        {
            code = "DeploymentFailed",
            message = "At least one resource deployment operation failed.",
            details = new[] { new { code = "ResourceDeploymentFailure", message = "See inner.", details = new[] { new { code = "SkuNotAvailable", message = "Standard_B2s is\r\nnot available." } } } },
        });
        azure.Answer("^acr build", "1", "(Run failed) exit 1");
        ScriptOutcomeTests.AssertFailed(azure.Run([.. azure.UpWithYes, "--bill-by", "workers"]), "the image cannot be built in evbreg: (Run failed) exit 1");
        foreach (var (pattern, code, answer, sentence) in new[]
        {
            ("^deployment group show", "0", JsonSerializer.Serialize(failed), "the deployment failed (SkuNotAvailable: Standard_B2s is  not available): mend that, and run up again"),
            ("in-cluster database", "0", JsonSerializer.Serialize(ScriptAnswers.Invoked("job created\nthe pod of evbilling-installer failed: no such host\n", 1)), "the database's roles and tables could not be made (the pod of evbilling-installer failed: no such host)"),
            ("in-cluster workloads", "1", "(OperationNotAllowed) the cluster is stopped", "the cluster evb-aks takes no command: (OperationNotAllowed) the cluster is stopped"),
            ("config-zip", "1", "Bad gateway", "the function cannot be deployed to evb-func: Bad gateway"),
            ("/jobs/create", "1", "Bad Request({\"error_code\":\"INVALID_PARAMETER_VALUE\",\"message\":\"no such node type\"})", "the job evbilling-batch cannot be made: no such node type"),
        })
        {
            azure.Mend();
            azure.Answer(pattern, code, answer);
            ScriptOutcomeTests.AssertFailed(azure.Run(pattern.Contains("jobs", StringComparison.Ordinal) ? WithAnImage(azure) : [.. WithAnImage(azure), "--bill-by", "workers"]), sentence);
        }
        azure.Mend();
        // One is under way, left by Ctrl-C; it ends, and another begins.
        azure.Answer("^deployment group show", "0!", JsonSerializer.Serialize(ScriptAnswers.Deployment("Running", 5))).Answer("^deployment group show", "0!", JsonSerializer.Serialize(ScriptAnswers.Deployment("Running")));
        var end = azure.Run([.. WithAnImage(azure), "--bill-by", "workers"]);
        Assert.True(end.ExitCode == 0, end.ToString());
        Assert.Contains("one is under way already; waiting for it", end.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void With_workers_for_Spark_and_an_image_for_a_build_nothing_of_Databricks_is_touched()
    {
        using var azure = new ScriptStandIn()
            .Answer("^group show", new { tags = new { application = "evbilling", environment = "prod" } })
            .Answer("^keyvault list-deleted", new[] { new { name = "evb-vault", properties = new { vaultId = "/subscriptions/s/resourceGroups/EVBILLING-PROD/providers/x" } } })
            .Answer("/managedPrivateEndpoints", "0!", JsonSerializer.Serialize(Endpoints("Pending")))
            .Answer("/privateEndpointConnections[?]", new { value = new[] { Connection("evb-factory.database", "Pending"), Connection("evb-factory2.database", "Pending"), Connection("evb-factory.old", "Approved") } })
            .Answer("put .*/privateEndpointConnections/", new { });
        var end = azure.Run([.. azure.UpWithYes, "--environment", "prod", "--bill-by", "workers", "--image", "evbdev.azurecr.io/evbilling:0.1.0-abc"]);
        Assert.True(end.ExitCode == 0, end.ToString());
        Assert.DoesNotContain(azure.Calls, call => call.Contains("azuredatabricks", StringComparison.Ordinal) || call.Contains("acr build", StringComparison.Ordinal) || call.StartsWith("curl", StringComparison.Ordinal));
        AssertOrder(azure.Calls, "keyvault recover", "acr import --subscription 00000000-1111-2222-3333-444444444444 --name evbreg --source evbdev.azurecr.io/evbilling:0.1.0-abc --image evbilling:0.1.0-abc", "workloads with-workers");
        // Of the connections that wait, only this factory's is let in.
        var put = Assert.Single(azure.Calls, call => call.Contains("--method put", StringComparison.Ordinal));
        Assert.Contains("/privateEndpointConnections/evb-factory.database?", put, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ctrl_C_ends_it_at_once_leaves_no_process_and_no_file_and_the_next_up_completes_it()
    {
        using var azure = new ScriptStandIn().Answer("^deployment group create", "wait");
        // A terminal tells the whole group; an orchestrator the script alone.
        foreach (var (signal, group) in new[] { ("INT", "-"), ("TERM", ""), ("HUP", "-") })
        {
            File.Delete(azure.File_("waiting"));
            using var process = azure.Start([.. WithAnImage(azure), "--bill-by", "workers"]);
            var end = Task.Run(() => ScriptStandIn.End(process), TestContext.Current.CancellationToken);
            for (var patience = Stopwatch.StartNew(); !File.Exists(azure.File_("waiting")) || File.ReadAllText(azure.File_("waiting")).Length == 0;)
            {
                Assert.True(patience.Elapsed < TimeSpan.FromMinutes(2) && !end.IsCompleted, end.IsCompleted ? $"{await end}" : "it does not come that far");
                await Task.Delay(50, TestContext.Current.CancellationToken);
            }
            var child = int.Parse(await File.ReadAllTextAsync(azure.File_("waiting"), TestContext.Current.CancellationToken));
            var told = Stopwatch.StartNew();
            using (var kill = Process.Start("kill", [$"-{signal}", "--", $"{group}{process.Id}"]))
            {
                await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
            }
            var ended = await end.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
            Assert.True(told.Elapsed < TimeSpan.FromSeconds(5), $"{told.Elapsed}");
            ScriptOutcomeTests.AssertFailed(ended, "stopped at \"Deployment (20 to 40 minutes the first time)\"; what Azure was told goes on there, and the same command again completes it");
            Assert.False(Directory.Exists($"/proc/{child}"), "az still runs");
            Assert.Empty(azure.Leftovers);
        }
        azure.Mend();
        var second = azure.Run([.. WithAnImage(azure), "--bill-by", "workers"]);
        Assert.True(second.ExitCode == 0, second.ToString());
    }

    internal static void AssertOrder(string[] calls, params string[] parts)
    {
        var at = 0;
        foreach (var part in parts)
        {
            var found = Array.FindIndex(calls, at, call => call.Contains(part, StringComparison.Ordinal));
            Assert.True(found >= 0, $"{part} does not come after call {at} of\n{string.Join('\n', calls)}");
            at = found;
        }
    }

    // Without the hash of all sources.
    private static string[] WithAnImage(ScriptStandIn azure) => [.. azure.UpWithYes, "--image", "evbdev.azurecr.io/evbilling:0.1.0"];

    private static object Endpoints(string status) => new
    {
        value = new[] { new { properties = new { connectionState = new { status }, privateLinkResourceId = "/subscriptions/s/resourceGroups/g/providers/Microsoft.DBforPostgreSQL/flexibleServers/evb-pg" } } },
    };

    private static object Connection(string name, string status) => new
    {
        id = $"/subscriptions/s/resourceGroups/g/providers/Microsoft.DBforPostgreSQL/flexibleServers/evb-pg/privateEndpointConnections/{name}",
        properties = new { privateLinkServiceConnectionState = new { status }, privateEndpoint = new { id = $"/subscriptions/m/resourceGroups/vnet/providers/Microsoft.Network/privateEndpoints/{name}" } },
    };

    [GeneratedRegex("acr build .*--image evbilling:([^ ]+)")]
    private static partial Regex Tag();
}
