using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using EvBilling.SystemTests.Processes;
using EvBilling.SystemTests.Servers;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Azure;

/// <summary>What the script would call, held against the parser of the real Azure CLI; and the scripts themselves against shellcheck.</summary>
public sealed partial class ScriptArgumentTests
{
    private const string Checker = "tests/EvBilling.System.Tests/Azure/check-az.py";

    [Fact]
    public void A_dry_run_prints_each_command_and_calls_none()
    {
        using var azure = new ScriptStandIn();
        var end = azure.Run("up", "--dry-run");
        Assert.True(end.ExitCode == 0, end.ToString());
        Assert.Empty(azure.Calls);
        Assert.Empty(azure.Leftovers);
        Assert.All(end.Lines, line => Assert.Matches("^(az|bicep|kubectl|curl|deploy/(spark/build|function/pack)) ", line));
        ScriptUpTests.AssertOrder(end.Lines, "bicep build", "az group create", "what-if", "az deployment group create", "az acr build", "in-cluster database", "config-zip", "/jobs/create", "triggers/every-day/start");
    }

    /// <summary>Every command of a start where all is new, and of one where all is there.</summary>
    [Fact]
    public void Every_command_is_one_that_the_Azure_CLI_understands()
    {
        using var azure = new ScriptStandIn();
        var commands = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var environment in new[] { "dev", "prod" })
        {
            foreach (var verb in new[] { "up", "status", "rehearse", "down" })
            {
                commands.UnionWith(azure.Run(verb, "--dry-run", "--environment", environment, "--image", "evbdev.azurecr.io/evbilling:1").Lines);
            }
        }
        commands.UnionWith(azure.Run("up", "--dry-run", "--bill-by", "workers").Lines);
        // What only comes where something is there already.
        commands.Add("az keyvault recover --subscription s --resource-group g --name v --location westeurope --only-show-errors --output json");
        commands.Add("az ad app credential list --id a --only-show-errors --output json");
        commands.RemoveWhere(command => !command.StartsWith("az ", StringComparison.Ordinal));
        Assert.True(commands.Count > 70, $"{commands.Count} commands");
        var spoilt = new[]
        {
            ("az aks command invok --name x", "'invok' is not one of"), ("az aks command invoke --name x --resource-group y --comand x", "unrecognized arguments: --comand"),
            ("az aks command invoke --name x --command y", "required: --resource-group"), ("az deployment group create --resource-group x --mode Sideways", "'Sideways' is not one of"),
            ("az databricks workspace list", "'databricks' is not one of"), ("az rest --url x --method fetch", "'fetch' is not one of"),
        };
        var answers = AskTheParser([.. commands, .. spoilt.Select(pair => pair.Item1)]);
        Assert.All(commands.Zip(answers), pair => Assert.True(pair.Second == "ok", $"{pair.First}\n{pair.Second}"));
        Assert.All(spoilt.Zip(answers.Skip(commands.Count)), pair => Assert.Contains(pair.First.Item2, pair.Second, StringComparison.Ordinal));
    }

    /// <summary>The bundle of databricks.yml, its variables filled in, and what the script sends to the REST API.</summary>
    [Fact]
    public void The_job_that_the_script_makes_is_that_of_the_bundle()
    {
        var bundle = Python(
            """
            import json, re, sys, yaml
            bundle = yaml.safe_load(open(sys.argv[1]))
            job = json.dumps(bundle["resources"]["jobs"]["evbilling_batch"])
            values = {name: variable.get("default") for name, variable in bundle["variables"].items()} | {"jar": "JAR", "properties": "PROPERTIES", "client_id": "CLIENT", "tenant_id": "TENANT", "policy_id": "POLICY", "alert_email": "EMAIL"}
            # A variable that is all of a text keeps its type.
            job = re.sub(r'"\$\{var\.(\w+)\}"', lambda m: json.dumps(values[m[1]]), job)
            print(json.dumps(json.loads(re.sub(r"\$\{var\.(\w+)\}", lambda m: str(values[m[1]]), job)), sort_keys=True))
            """,
            Path.Combine(Repository.Root, "deploy", "databricks", "databricks.yml"));
        using var jq = Process.Start(new ProcessStartInfo(
            "jq",
            ["--null-input", "--sort-keys", "--arg", "jar", "JAR", "--arg", "properties", "PROPERTIES", "--arg", "client", "CLIENT", "--arg", "tenant", "TENANT", "--arg", "policy", "POLICY", "--arg", "email", "EMAIL",
                "--from-file", Path.Combine(Repository.Root, "deploy", "azure", "steps", "spark-job.jq")])
        { RedirectStandardOutput = true })!;
        var made = jq.StandardOutput.ReadToEnd();
        jq.WaitForExit();
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(bundle), JsonNode.Parse(made)), $"{bundle}\n{made}");
    }

    /// <summary>So that the test above sees every command, none may be written elsewhere than in the words that a dry run prints.</summary>
    [Fact]
    public void No_command_is_called_past_the_dry_run()
    {
        Assert.Matches(PastTheDryRun(), "    if ! az group show --name x; then");
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "deploy", "azure", "steps"), "*.bash").Append(ScriptStandIn.Script))
        {
            foreach (var line in File.ReadLines(file).Where(line => !line.TrimStart().StartsWith('#')))
            {
                Assert.False(PastTheDryRun().IsMatch(line), $"{file}: {line}");
            }
        }
    }

    [Fact]
    public void What_the_script_reads_and_sets_main_bicep_has()
    {
        var main = File.ReadAllText(Path.Combine(Repository.Root, "deploy", "azure", "main.bicep"));
        var outputs = Output().Matches(main).Select(match => match.Groups[1].Value).ToHashSet();
        Assert.Superset(ScriptAnswers.Outputs.Keys.ToHashSet(), outputs);
        var steps = string.Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "deploy", "azure", "steps"), "*.bash").Select(File.ReadAllText));
        var read = ReadOutputs().Matches(steps).SelectMany(match => match.Groups[1].Value.Replace("\\\n", " ", StringComparison.Ordinal).Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToHashSet();
        Assert.True(read.Count > 15, string.Join(' ', read));
        Assert.Superset(read, outputs);
        var parameters = Parameter().Matches(main).Select(match => match.Groups[1].Value).ToHashSet();
        Assert.Superset(ScriptAnswers.TemplateParameters.ToHashSet(), parameters);
        foreach (var file in new[] { "dev.bicepparam", "prod.bicepparam" })
        {
            var text = File.ReadAllText(Path.Combine(Repository.Root, "deploy", "azure", file));
            Assert.All(Variable().Matches(text), match => Assert.Contains(match.Groups[1].Value, steps, StringComparison.Ordinal));
        }
    }

    /// <summary>Databricks' own application in Entra: whoever asks for a token for another gets none that Databricks takes.</summary>
    [Fact]
    public void Script_and_pipeline_ask_for_tokens_of_the_same_application_of_Databricks()
    {
        var ids = Directory.EnumerateFiles(Path.Combine(Repository.Root, "deploy", "azure"), "*", SearchOption.AllDirectories)
            .SelectMany(file => DatabricksId().Matches(File.ReadAllText(file))).Select(match => match.Value).ToArray();
        Assert.True(ids.Length > 1, $"{ids.Length} ids");
        Assert.All(ids, id => Assert.Equal("2ff814a6-3304-4ab8-85cb-cd0e6f879c1d", id));
    }

    [Fact]
    public void Every_provider_of_the_templates_is_looked_for()
    {
        var checks = File.ReadAllText(Path.Combine(Repository.Root, "deploy", "azure", "steps", "checks.bash"));
        var namespaces = Directory.EnumerateFiles(Path.Combine(Repository.Root, "deploy", "azure"), "*.bicep", SearchOption.AllDirectories)
            .SelectMany(file => ResourceType().Matches(File.ReadAllText(file))).Select(match => match.Groups[1].Value).Distinct().Order(StringComparer.Ordinal).ToArray();
        Assert.True(namespaces.Length > 10, string.Join(' ', namespaces));
        Assert.All(namespaces, name => Assert.Contains($" {name}/", checks, StringComparison.Ordinal));
    }

    [Fact]
    public void Shellcheck_finds_nothing_in_any_script_of_the_repository()
    {
        SkipOrFail("shellcheck");
        using var list = Process.Start(new ProcessStartInfo("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]) { WorkingDirectory = Repository.Root, RedirectStandardOutput = true })!;
        var files = list.StandardOutput.ReadToEnd().Split('\0', StringSplitOptions.RemoveEmptyEntries).Where(IsShell).ToArray();
        list.WaitForExit();
        Assert.Contains("deploy/azure/azure", files);
        Assert.Contains("deploy/azure/steps/in-cluster", files);
        Assert.Contains("test", files);
        Assert.Contains("deploy/azure/steps/checks.bash", files);
        using var check = Process.Start(new ProcessStartInfo("shellcheck", ["--external-sources", "--format=gcc", .. files]) { WorkingDirectory = Repository.Root, RedirectStandardOutput = true })!;
        var found = check.StandardOutput.ReadToEnd();
        check.WaitForExit();
        Assert.True(check.ExitCode == 0, found);
    }

    /// <summary>What changes something: all but looking, and tokens of the caller's own.</summary>
    [GeneratedRegex(@"^az (.* (create|delete|reset|build|import|invoke|config-zip|purge|recover) |group create|rest --method (post|put|patch|delete) )|^curl")]
    internal static partial Regex Changing();

    private static bool IsShell(string file)
    {
        var path = Path.Combine(Repository.Root, file);
        if (!File.Exists(path) || Directory.Exists(path))
        {
            return false;
        }
        using var reader = new StreamReader(path);
        var start = new char[64];
        var first = new string(start, 0, reader.ReadBlock(start)).Split('\n')[0];
        return file.EndsWith(".bash", StringComparison.Ordinal) || (first.StartsWith("#!", StringComparison.Ordinal) && first.Contains("sh", StringComparison.Ordinal));
    }

    private static string[] AskTheParser(string[] commands) =>
        Python(string.Join('\n', commands) + "\n", Path.Combine(Repository.Root, Checker)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The Python that az itself is run by, as its first line names it: with the program as its input, or a file.</summary>
    private static string Python(string input, params string[] arguments)
    {
        SkipOrFail("az");
        var az = Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(folder => Path.Combine(folder, "az")).First(File.Exists);
        var python = File.ReadLines(az).First();
        Assert.True(python.StartsWith("#!", StringComparison.Ordinal) && python.Contains("python", StringComparison.Ordinal), $"{az} is not run by Python.");
        if (!arguments[0].EndsWith(".py", StringComparison.Ordinal))
        {
            arguments = ["-", .. arguments];
        }
        using var process = Process.Start(new ProcessStartInfo(python[2..].Trim(), arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors.Result);
        return output.Result;
    }

    private static void SkipOrFail(string command)
    {
        var isThere = Engines.IsInPath(command);
        Assert.True(isThere || Environment.GetEnvironmentVariable("CI") != "true", $"On CI {command} is there: ./test installs it.");
        Assert.SkipUnless(isThere, $"{command} is not on the PATH.");
    }

    [GeneratedRegex(@"(^|\$\(|[;|&])\s*((if|then|do|else|!)\s+)*(az|curl|kubectl|bicep|""\$bicep"") [a-z-]")]
    private static partial Regex PastTheDryRun();

    [GeneratedRegex(@"^output (\w+) ", RegexOptions.Multiline)]
    private static partial Regex Output();

    [GeneratedRegex(@"^param (\w+) ", RegexOptions.Multiline)]
    private static partial Regex Parameter();

    [GeneratedRegex(@"^ +read_outputs ((?:[\w ]|\\\n)+)", RegexOptions.Multiline)]
    private static partial Regex ReadOutputs();

    [GeneratedRegex("2ff814a6-[0-9a-f-]{27}")]
    private static partial Regex DatabricksId();

    [GeneratedRegex(@"readEnvironmentVariable\('(\w+)'")]
    private static partial Regex Variable();

    [GeneratedRegex(@"'(Microsoft\.[A-Za-z]+)/[A-Za-z/]+@")]
    private static partial Regex ResourceType();
}
