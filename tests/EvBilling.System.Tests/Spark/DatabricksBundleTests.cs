using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using System.Text.RegularExpressions;
using EvBilling.Cli.Sparking;
using EvBilling.Engine;
using EvBilling.Kafka;
using EvBilling.SystemTests.Servers;
using EvBilling.SystemTests.Support;
using YamlDotNet.RepresentationModel;

namespace EvBilling.SystemTests.Spark;

/// <summary>The asset bundle for Databricks, as far as it can be seen here that it goes with the job.</summary>
public sealed partial class DatabricksBundleTests
{
    private const string SecretStart = "{{secrets/";
    private static readonly string Folder = Path.Combine(Repository.Root, "deploy", "databricks");
    private static readonly string Text = File.ReadAllText(Path.Combine(Folder, "databricks.yml"));
    private static readonly YamlMappingNode Bundle = Load(Text);
    private static readonly YamlMappingNode Jobs = Map(Bundle, "resources", "jobs");

    public static TheoryData<string> JobNames => [.. Jobs.Children.Keys.Select(Scalar)];

    [Fact]
    public void Every_variable_that_is_used_is_declared_and_every_one_declared_is_used()
    {
        var used = Variable().Matches(Text).Select(match => match.Groups[1].Value).Distinct().Order();
        Assert.Equal(Map(Bundle, "variables").Children.Keys.Select(Scalar).Order(), used);
        foreach (var target in Map(Bundle, "targets").Children.Values.Cast<YamlMappingNode>())
        {
            Assert.All(Map(target, "variables").Children.Keys, name => Assert.Contains(Scalar(name), used));
        }
    }

    [Fact]
    public void There_are_a_target_to_try_which_is_the_default_and_one_for_production()
    {
        var targets = Map(Bundle, "targets");
        Assert.Equal(["dev", "prod"], targets.Children.Keys.Select(Scalar));
        Assert.Equal(("development", "true"), (Scalar(targets["dev"]["mode"]), Scalar(targets["dev"]["default"])));
        Assert.Equal("production", Scalar(targets["prod"]["mode"]));
        Assert.False(Map(Bundle, "targets", "prod").Children.ContainsKey("default"));
    }

    [Theory]
    [MemberData(nameof(JobNames))]
    public void A_jobs_class_is_in_the_jar_and_its_parameters_are_what_that_class_reads(string name)
    {
        var task = Map(Map(Jobs, name)["tasks"][0], "spark_jar_task");
        var main = Scalar(task["main_class_name"]);
        Assert.True(File.Exists(Path.Combine(Repository.Root, "src/EvBilling.Spark/java", main.Replace('.', '/') + ".java")), main);
        var parameters = ((YamlSequenceNode)task["parameters"]).Select(Scalar).ToList();
        Assert.Equal("${var.properties}", parameters[0]);
        Assert.All(parameters.Skip(1), parameter => Assert.Contains(parameter.Split('=')[0], Written()));
        Assert.Equal("evbilling-spark.jar", Resolved(Scalar(Map(Jobs, name)["tasks"][0]["libraries"][0]["jar"])).Split('/')[^1]);
    }

    [Fact]
    public void The_jar_has_the_class_and_the_kernel()
    {
        SparkBundle.SkipOrFail();
        using var jar = ZipFile.OpenRead(SparkBundle.Jar);
        Assert.NotNull(jar.GetEntry("org/evbilling/spark/Job.class"));
        Assert.Contains(jar.Entries, entry => entry.Name == "EvBilling.Spark.so");
    }

    [Fact]
    public void What_the_class_reads_is_what_the_program_writes()
    {
        var source = File.ReadAllText(Path.Combine(Repository.Root, "src/EvBilling.Spark/java/org/evbilling/spark/Job.java"));
        var read = Property().Matches(source).Select(match => match.Groups[1].Value).Distinct().Order();
        Assert.Equal(read, Written().Where(name => !name.StartsWith("source.", StringComparison.Ordinal)).Append("files").Order());
    }

    [Fact]
    public void One_job_ends_and_the_other_goes_on_and_the_policy_and_cluster_are_the_same()
    {
        Assert.Contains("available-now=true", Text, StringComparison.Ordinal);
        Assert.True(Map(Jobs, "evbilling_batch").Children.ContainsKey("schedule"));
        Assert.True(Map(Jobs, "evbilling_stream").Children.ContainsKey("continuous"));
        Assert.Same(Map(Jobs, "evbilling_batch")["job_clusters"], Map(Jobs, "evbilling_stream")["job_clusters"]);
    }

    [Theory]
    [MemberData(nameof(JobNames))]
    public void The_clusters_environment_has_names_that_the_job_reads_and_secrets_by_reference_alone(string name)
    {
        foreach (var (key, node) in Map(Map(Jobs, name)["job_clusters"][0], "new_cluster", "spark_env_vars").Children)
        {
            var (variable, value) = (Scalar(key), Scalar(node));
            Assert.Contains(variable, (string[])["AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "EVBILLING_KAFKA_CONNECTION_STRING", "PGPASSWORD"]);
            Assert.Equal(variable.EndsWith("SECRET", StringComparison.Ordinal) || variable.EndsWith("STRING", StringComparison.Ordinal) || variable.EndsWith("PASSWORD", StringComparison.Ordinal), value.StartsWith(SecretStart, StringComparison.Ordinal));
        }
    }

    [Theory]
    [MemberData(nameof(JobNames))]
    public void The_policy_allows_the_cluster(string name)
    {
        using var policy = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "policy.json")));
        var cluster = Map(Map(Jobs, name)["job_clusters"][0], "new_cluster");
        foreach (var rule in policy.RootElement.EnumerateObject().Where(rule => rule.Name != "cluster_type"))
        {
            var value = Value(cluster, rule.Name);
            if (value is null)
            {
                Assert.True(rule.Value.TryGetProperty("isOptional", out var optional) && optional.GetBoolean(), $"{rule.Name} is not set");
                continue;
            }
            Assert.True(Allows(rule.Value, Resolved(value)), $"{rule.Name}: {value}");
        }
    }

    private static bool Allows(JsonElement rule, string value) => rule.GetProperty("type").GetString() switch
    {
        "fixed" => rule.GetProperty("value").GetString() == value,
        "allowlist" => rule.GetProperty("values").EnumerateArray().Any(allowed => allowed.GetString() == value),
        "range" => int.Parse(value, CultureInfo.InvariantCulture) is var number && number >= rule.GetProperty("minValue").GetInt32() && number <= rule.GetProperty("maxValue").GetInt32(),
        "regex" => Regex.IsMatch(value, $"^(?:{rule.GetProperty("pattern").GetString()})$"),
        var type => throw new InvalidOperationException($"A policy has no type {type}."),
    };

    // Of "autoscale.min_workers" the second part lies in the first; names of settings have dots of their own.
    private static string? Value(YamlNode node, string path)
    {
        if (node is not YamlMappingNode map)
        {
            return null;
        }
        foreach (var (key, value) in map.Children)
        {
            if (path == Scalar(key))
            {
                return Scalar(value);
            }
            if (path.StartsWith(Scalar(key) + ".", StringComparison.Ordinal))
            {
                return Value(value, path[(Scalar(key).Length + 1)..]);
            }
        }
        return null;
    }

    // With what is declared for each variable.
    private static string Resolved(string text) => Variable().Replace(text, match =>
        Map(Bundle, "variables", match.Groups[1].Value).Children.TryGetValue("default", out var value) ? Scalar(value) : match.Value);

    private static IEnumerable<string> Written()
    {
        var topic = new KafkaTarget("h:1", "t");
        var plan = new SparkPlan(
            "none", topic, KafkaSettings.None, "t.json", null, "postgres://u@h/d", new StoredOptions(null, null, 1, 1), TimeSpan.FromDays(400), "/checkpoint");
        return plan.Properties("{}", new TopicFacts("c", "t", []), []).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('=')[0]);
    }

    private static YamlMappingNode Load(string text)
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(text));
        return (YamlMappingNode)yaml.Documents.Single().RootNode;
    }

    private static YamlMappingNode Map(YamlNode node, params string[] path) => (YamlMappingNode)path.Aggregate(node, (at, name) => at[name]);

    private static string Scalar(YamlNode node) => ((YamlScalarNode)node).Value!;

    [GeneratedRegex(@"\$\{var\.([a-z_]+)\}")]
    private static partial Regex Variable();

    [GeneratedRegex(@"job\.getProperty\(""([a-z-]+)""")]
    private static partial Regex Property();
}
