using System.Text.Json;
using EvBilling.SystemTests.Processes;

namespace EvBilling.SystemTests.Azure;

/// <summary>Each way in which deploy/azure/azure may end: one sentence, and an exit code.</summary>
public sealed class ScriptOutcomeTests
{
    public static TheoryData<string, string, string, string, string> WhatIsMissing => new()
    {
        { "no login", "^account show", "1", "Please run 'az login' to setup account.", "az is not logged in (Please run 'az login' to setup account): run az login" },
        { "subscription off", "^account show", "0", """{"id": "x", "name": "Sub", "state": "Disabled", "tenantId": "t", "user": {"name": "eve", "type": "user"}}""", "the subscription Sub is disabled" },
        { "old az", "^version", "0", """{"azure-cli": "2.30.0"}""", "az is of version 2.30.0; 2.45.0 or newer is needed: run az upgrade" },
        { "no such region", "^account list-locations", "0", """[{"name": "eastus", "displayName": "East US"}]""", "there is no region westeurope" },
        { "no such group", "^ad group show", "3", "No group matches the name of 'admins'", "there is no Entra group admins that you may see" },
        { "not an administrator", "^ad group member check", "0", """{"value": false}""", "eve@example.org is not in the Entra group admins, which alone may enter the cluster: run az ad group member add --group group-id --member-id me" },
        { "what-if", "^deployment group what-if", "1", "(InvalidTemplate) Deployment template validation failed.", "what would change cannot be told: (InvalidTemplate) Deployment template validation failed" },
        { "refused", "^deployment group create", "1", "(AuthorizationFailed) The client lacks a right.", "the deployment was refused: (AuthorizationFailed) The client lacks a right" },
        { "no metastore", "current-metastore", "1", "Not Found({\"error_code\":\"METASTORE_DOES_NOT_EXIST\",\"message\":\"No metastore assigned for the current workspace.\"})", "has no Unity Catalog that you may see (No metastore assigned for the current workspace): let an account administrator" },
    };

    [Theory]
    [MemberData(nameof(WhatIsMissing))]
    public void What_is_missing_is_one_sentence_with_the_remedy(string row, string pattern, string code, string answer, string sentence)
    {
        using var azure = new ScriptStandIn().Answer(pattern, code, answer);
        AssertFailed(azure.Run(azure.UpWithYes), sentence);
        Assert.True(row is "what-if" or "refused" or "no metastore" || !azure.Calls.Any(IsChange), row);
    }

    [Fact]
    public void A_provider_a_service_of_the_region_a_quota_and_a_right_that_are_missing_are_named_each_for_itself()
    {
        using var azure = new ScriptStandIn()
            .Answer("^provider list", ScriptAnswers.Providers(unregistered: "Microsoft.EventHub", notOffered: "Microsoft.DBforPostgreSQL/flexibleServers"))
            .Answer("Microsoft.Authorization/permissions", ScriptAnswers.Rights(["*"], "Microsoft.Authorization/*/Write"));
        AssertFailed(
            azure.Run(azure.UpWithYes),
            "eve@example.org may not do Microsoft.Authorization/roleAssignments/write on 00000000-1111-2222-3333-444444444444/resourceGroups/evbilling-dev: ask an owner",
            "the region westeurope does not offer Microsoft.DBforPostgreSQL/flexibleServers: give another by --location",
            "the resource provider Microsoft.EventHub is not registered in the subscription: run az provider register --namespace Microsoft.EventHub --wait");
        azure.Mend();
        azure.Answer("/usages", ScriptAnswers.Usage(12));
        AssertFailed(azure.Run(azure.UpWithYes), "the quota leaves 12 cores of standardDADSv5Family in westeurope, and the Spark job may need 20: ask for more");
        azure.Mend();
        azure.Answer("Microsoft.Compute/skus", ScriptAnswers.Sizes("Standard_D2as_v5"));
        AssertFailed(azure.Run(azure.UpWithYes), "the region westeurope does not offer machines Standard_D2as_v5 to this subscription, which the cluster needs");
        Assert.DoesNotContain(azure.Calls, IsChange);
    }

    [Fact]
    public void Rights_by_patterns_are_understood_as_Azure_does()
    {
        using var azure = new ScriptStandIn().Answer("^deployment group what-if", "1", "far enough");
        foreach (var actions in new[] { ["*/write"], new[] { "microsoft.resources/*", "Microsoft.Authorization/roleAssignments/*" } })
        {
            azure.Answer("Microsoft.Authorization/permissions", ScriptAnswers.Rights(actions));
            AssertFailed(azure.Run(azure.UpWithYes), "far enough");
        }
        azure.Answer("Microsoft.Authorization/permissions", ScriptAnswers.Rights(["Microsoft.Resources/deployments/writeX", "Microsoft_Authorization/roleAssignments/write"]));
        AssertFailed(azure.Run(azure.UpWithYes), "may not do Microsoft.Authorization/roleAssignments/write", "may not do Microsoft.Resources/deployments/write");
    }

    [Fact]
    public void A_resource_group_of_somebody_else_is_left_alone()
    {
        using var azure = new ScriptStandIn().Answer("^group show", new { tags = (object?)null }).Answer("^resource list", new[] { new { id = "theirs" } });
        AssertFailed(azure.Run(azure.UpWithYes), "the resource group evbilling-dev holds what up has not made for dev (its tags say so): give another name by --group");
        Assert.DoesNotContain(azure.Calls, IsChange);
        azure.Answer("^resource list", Array.Empty<int>()).Answer("^deployment group what-if", "1", "far enough");
        AssertFailed(azure.Run(azure.UpWithYes), "far enough");
        Assert.Contains(azure.Calls, call => call.StartsWith("az group create", StringComparison.Ordinal) && call.Contains("--tags application=evbilling environment=dev", StringComparison.Ordinal));
    }

    [Fact]
    public void A_tool_that_is_not_there_is_named()
    {
        using var azure = new ScriptStandIn().Without("az");
        AssertFailed(azure.Run("status"), "there is no az on the PATH");
        using var bare = new ScriptStandIn().Without("bicep").Without("curl").Without("dotnet").Without("kubectl");
        AssertFailed(bare.Run("up", "--yes"), "there is no bicep", "there is no curl", "there is no dotnet", "there is no kubectl");
    }

    public static TheoryData<string, string> WrongUses => new()
    {
        { "", "no verb is given" }, { "sideways", "there is no verb sideways" }, { "up down", "up and down are two verbs" }, { "up --colour", "there is no option --colour" },
        { "up --location", "--location has no value" }, { "up --environment test", "--environment test is neither dev nor prod" }, { "up --bill-by hand", "--bill-by hand is neither" },
        { "up --prefix E", "--prefix E is not" }, { "up --budget 1.5", "--budget 1.5 is no whole number" }, { "up --set x", "--set x is not NAME=VALUE" },
        { "up --image x", "--image x is not REGISTRY/NAME:TAG" }, { "up --jar /none", "the file /none cannot be read" }, { "up --group a/b", "--group a/b is no name" },
        { "up", "up costs money, and there is no terminal to ask on: give --yes" }, { "down", "down deletes everything, and there is no terminal" },
        { "down --yes", "it wants the resource group by --group" }, { "up --environment prod --yes", "give --image REGISTRY/evbilling:TAG" },
    };

    [Theory]
    [MemberData(nameof(WrongUses))]
    public void Wrong_use_is_one_sentence_and_calls_nothing(string arguments, string sentence)
    {
        using var azure = new ScriptStandIn();
        AssertFailed(azure.Run(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)), 2, sentence);
        Assert.Empty(azure.Calls);
    }

    [Fact]
    public void A_parameter_that_is_none_is_wrong_use()
    {
        using var azure = new ScriptStandIn();
        AssertFailed(azure.Run([.. azure.UpWithYes, "--set", "nodeSise=x"]), 2, "--set nodeSise: main.bicep has no such parameter");
    }

    [Fact]
    public void Only_yes_makes_it_cost_money()
    {
        using var azure = new ScriptStandIn();
        var arguments = azure.UpWithYes.Where(word => word != "--yes").ToArray();
        var end = azure.RunAtTerminal("n", arguments);
        Assert.True(end.ExitCode == 1, end.ToString());
        Assert.Contains("Make this in evbilling-dev (westeurope)? It costs money", end.Output, StringComparison.Ordinal);
        Assert.Contains("nothing was done, since the answer was not yes", end.Output, StringComparison.Ordinal);
        Assert.Contains(azure.Calls, call => call.StartsWith("az deployment group what-if", StringComparison.Ordinal));
        Assert.DoesNotContain(azure.Calls, call => call.StartsWith("az deployment group create", StringComparison.Ordinal) || call.StartsWith("az ad app create", StringComparison.Ordinal));
        azure.Answer("^deployment group create", "1", "far enough");
        Assert.Contains("far enough", azure.RunAtTerminal("y", arguments).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_of_the_pipeline_that_fails_names_the_activity()
    {
        using var azure = new ScriptStandIn()
            .Answer("/pipelineruns/run-1[?]", "0!", JsonSerializer.Serialize(ScriptAnswers.Run("InProgress")))
            .Answer("/pipelineruns/run-1[?]", "0!", JsonSerializer.Serialize(ScriptAnswers.Run("Queued")));
        var end = azure.Run("rehearse");
        Assert.True(end.ExitCode == 0, end.ToString());
        Assert.Contains("Succeeded  2 s  Scale up", end.Output, StringComparison.Ordinal);
        Assert.Equal(3, azure.Calls.Count(call => call.Contains("/pipelineruns/run-1?", StringComparison.Ordinal)));

        azure.Answer("/pipelineruns/run-1[?]", ScriptAnswers.Run("Failed", "Operation on target Bill failed"))
            .Answer("/queryActivityruns", new
            {
                value = new object[]
                {
                    new { activityName = "Scale up", status = "Succeeded", durationInMs = 1, activityRunStart = "2026-11-29T10:00:00Z" },
                    new { activityName = "Bill", status = "Failed", durationInMs = 1, activityRunStart = "2026-11-29T10:01:00Z", error = new { message = "The job's cluster\ndid not start." } },
                },
            });
        AssertFailed(azure.Run("rehearse"), "the run run-1 of charging-day is Failed: Bill: The job's cluster did not start (Operation on target Bill failed); its report");

        azure.Answer("/queryPipelineRuns", new { value = new[] { new { runId = "run-1", status = "InProgress" } } });
        Assert.Contains("a run of charging-day is under way already (run-1)", azure.Run("rehearse").Errors, StringComparison.Ordinal);
        Assert.DoesNotContain(azure.Calls, call => call.Contains("createRun", StringComparison.Ordinal));
    }

    [Fact]
    public void Nothing_is_rehearsed_where_nothing_is_whole()
    {
        using var azure = new ScriptStandIn().Answer("^deployment group show", ScriptAnswers.Deployment("Failed"));
        AssertFailed(azure.Run("rehearse"), "the deployment evbilling in evbilling-dev is Failed: run up, which completes it");
        azure.Answer("^deployment group show", "3", "(ResourceGroupNotFound) Resource group 'evbilling-dev' could not be found.");
        AssertFailed(azure.Run("rehearse"), "there is no deployment evbilling in the resource group evbilling-dev");
    }

    [Fact]
    public void Status_tells_what_there_is_and_goes_on_where_something_is_not_to_be_seen()
    {
        using var azure = new ScriptStandIn();
        var whole = azure.Run("status");
        Assert.True(whole.ExitCode == 0, whole.ToString());
        foreach (var text in new[] { "Succeeded, 2026-11-29T10:00:00Z", "system: 1 nodes Standard_D2as_v5, 1 to 2", "trigger every-day: Started", "12.35 EUR  Azure Kubernetes Service" })
        {
            Assert.Contains(text, whole.Output, StringComparison.Ordinal);
        }
        azure.Answer("CostManagement", "1", "(RBACAccessDenied) no").Answer("^aks command invoke", "1", "(Forbidden) not you").Answer("^deployment group show", ScriptAnswers.Deployment(job: 77));
        var partly = azure.Run("status");
        Assert.True(partly.ExitCode == 0, partly.ToString());
        Assert.Contains("not to be seen: (RBACAccessDenied) no", partly.Output, StringComparison.Ordinal);
        Assert.Contains("not to be seen: the cluster evb-aks takes no command: (Forbidden) not you", partly.Output, StringComparison.Ordinal);
        Assert.Contains("Runs of the Spark job", partly.Output, StringComparison.Ordinal);
        azure.Answer("^deployment group show", ScriptAnswers.Deployment("Failed"));
        Assert.Contains("half done: up completes it, down removes it", azure.Run("status").Output, StringComparison.Ordinal);
        azure.Answer("^group exists", "0", "false");
        Assert.Contains("There is no resource group evbilling-dev", azure.Run("status").Output, StringComparison.Ordinal);
        Assert.DoesNotContain(azure.Calls, IsChange);
    }

    [Fact]
    public void Down_deletes_only_what_up_has_made_and_only_when_its_name_is_typed()
    {
        using var azure = new ScriptStandIn();
        var wrong = azure.RunAtTerminal("evbilling-prod", "down");
        Assert.True(wrong.ExitCode == 1, wrong.ToString());
        Assert.Contains("nothing was deleted, since the name was not typed", wrong.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(azure.Calls, call => call.Contains("delete ", StringComparison.Ordinal));

        azure.Answer("^keyvault list-deleted", new object[]
        {
            Vault("kept", "evbilling-DEV", true), Vault("gone", "evbilling-dev", false), Vault("other", "evbilling-dev2", false),
        }).Answer("^ad app list --display-name evbilling-dev-spark", new[] { new { displayName = "evbilling-dev-spark-2", appId = "another" }, new { displayName = "evbilling-dev-spark", appId = "spark-app" } });
        var right = azure.RunAtTerminal("evbilling-dev", "down");
        Assert.True(right.ExitCode == 0, right.ToString());
        Assert.Equal(
            ["az ad app delete --id spark-app", "az group delete --subscription 00000000-1111-2222-3333-444444444444 --name evbilling-dev --yes", "az keyvault purge --subscription 00000000-1111-2222-3333-444444444444 --name gone --location westeurope"],
            azure.Calls.Where(call => call.Contains("delete ", StringComparison.Ordinal) || call.Contains("purge", StringComparison.Ordinal)).Select(call => call.Replace(" --only-show-errors --output json", "", StringComparison.Ordinal)));
        Assert.Contains("the vault kept is kept until 2027-02-27", right.Output, StringComparison.Ordinal);
        Assert.Contains(azure.Calls, call => call.Contains("/triggers/every-day/stop?", StringComparison.Ordinal));

        azure.Answer("^group delete", "1", "(ScopeLocked) The scope is locked.");
        AssertFailed(azure.Run("down", "--yes", "--group", "evbilling-dev"), "the resource group evbilling-dev cannot be deleted ((ScopeLocked) The scope is locked): remove what holds it");
        azure.Answer("^group show", new { tags = new { application = "evbilling", environment = "prod" } });
        AssertFailed(azure.Run("down", "--yes", "--group", "evbilling-dev"), "the resource group evbilling-dev is none that up has made for dev");
        azure.Answer("^group show", new { tags = (object?)null });
        AssertFailed(azure.Run("down", "--yes", "--group", "evbilling-dev"), "is none that up has made");
        azure.Answer("^group exists", "0", "false");
        Assert.Contains("There is no resource group evbilling-dev", azure.Run("down", "--yes", "--group", "evbilling-dev").Errors, StringComparison.Ordinal);
    }

    /// <summary>The last lines of stderr are these sentences, in some order.</summary>
    internal static void AssertFailed(CliEnd end, params string[] sentences) => AssertFailed(end, 1, sentences);

    internal static bool IsChange(string call) =>
        ScriptArgumentTests.Changing().IsMatch(call) && !call.Contains("/query", StringComparison.Ordinal);

    private static void AssertFailed(CliEnd end, int code, params string[] sentences)
    {
        Assert.True(end.ExitCode == code, end.ToString());
        var told = end.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line.StartsWith("deploy/azure: ", StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToArray();
        Assert.True(told.Length == sentences.Length, end.ToString());
        foreach (var (line, sentence) in told.Zip(sentences))
        {
            Assert.Contains(sentence, line, StringComparison.Ordinal);
            Assert.EndsWith(".", line, StringComparison.Ordinal);
        }
    }

    private static object Vault(string name, string group, bool isProtected) => new
    {
        name,
        properties = new
        {
            vaultId = $"/subscriptions/s/resourceGroups/{group}/providers/Microsoft.KeyVault/vaults/{name}",
            purgeProtectionEnabled = isProtected ? true : (bool?)null,
            scheduledPurgeDate = "2027-02-27T10:00:00+00:00",
        },
    };
}
