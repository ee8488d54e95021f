using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using EvBilling.Cli.Verbs;
using EvBilling.SystemTests.Processes;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Kubernetes;

/// <summary>What deploy/kubernetes says, before a server sees it.</summary>
[Collection(nameof(KubeCluster))]
public sealed class ManifestTests(KubeCluster cluster)
{
    public static TheoryData<string> Overlays => ["local", "azure"];

    [Theory]
    [MemberData(nameof(Overlays))]
    public void The_program_understands_the_arguments_of_its_containers(string overlay)
    {
        var objects = Build(Overlay(overlay));
        foreach (var (kind, name) in new[] { ("Deployment", "evbilling-worker"), ("StatefulSet", "evbilling-simulator") })
        {
            var container = objects.Single(o => Kind(o) == kind && Name(o) == name).GetProperty("spec").GetProperty("template").GetProperty("spec").GetProperty("containers")[0];
            var settings = objects.Single(o => Kind(o) == "ConfigMap" && o.GetProperty("data").TryGetProperty("KAFKA_BROKERS", out _)).GetProperty("data");
            var arguments = container.GetProperty("args").EnumerateArray().Select(argument => Filled(argument.GetString()!, settings)).ToArray();
            var verb = arguments[0] == "run" ? RunVerb.Create(CancellationToken.None) : SimulateVerb.Create(CancellationToken.None);
            Assert.Equal(verb.Name, arguments[0]);
            Assert.Empty(verb.Parse(arguments[1..]).Errors);
            Assert.DoesNotContain(arguments, argument => argument.Contains("$(", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void The_program_understands_the_arguments_of_the_jobs_on_azure()
    {
        var objects = Build(Overlay("azure"));
        foreach (var (job, own, verb) in new[] { ("evbilling-installer", "INSTALLER_USER", SchemaVerb.Create()), ("evbilling-spark-properties", "SPARK_USER", SparkVerb.Create(CancellationToken.None)) })
        {
            var container = objects.Single(o => Kind(o) == "Job" && Name(o) == job).GetProperty("spec").GetProperty("template").GetProperty("spec").GetProperty("containers")[0];
            var settings = objects.Where(o => Kind(o) == "ConfigMap" && (o.GetProperty("data").TryGetProperty("KAFKA_BROKERS", out _) || o.GetProperty("data").TryGetProperty(own, out _))).Select(o => o.GetProperty("data")).ToArray();
            Assert.Equal(2, settings.Length);
            var arguments = container.GetProperty("args").EnumerateArray().Select(argument => settings.Aggregate(argument.GetString()!, Filled)).ToArray();
            Assert.Equal(verb.Name, arguments[0]);
            Assert.Empty(verb.Parse(arguments[1..]).Errors);
            Assert.DoesNotContain(arguments, argument => argument.Contains("$(", StringComparison.Ordinal));
        }
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public void Every_pod_keeps_to_the_restricted_profile_and_asks_for_what_it_needs(string overlay)
    {
        foreach (var pod in Build(Overlay(overlay)).Where(o => Kind(o) is "Deployment" or "StatefulSet" or "Job").Select(o => o.GetProperty("spec").GetProperty("template").GetProperty("spec")))
        {
            Assert.True(pod.GetProperty("securityContext").GetProperty("runAsNonRoot").GetBoolean());
            Assert.False(pod.GetProperty("automountServiceAccountToken").GetBoolean());
            foreach (var container in pod.GetProperty("containers").EnumerateArray())
            {
                Assert.Equal("ALL", container.GetProperty("securityContext").GetProperty("capabilities").GetProperty("drop")[0].GetString());
                Assert.True(container.GetProperty("resources").GetProperty("requests").TryGetProperty("memory", out _));
                Assert.True(container.GetProperty("resources").GetProperty("limits").TryGetProperty("memory", out _));
                Assert.True(!container.GetProperty("image").GetString()!.Contains("evbilling", StringComparison.Ordinal) || container.GetProperty("securityContext").GetProperty("readOnlyRootFilesystem").GetBoolean());
            }
        }
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public void The_image_has_the_programs_version(string overlay)
    {
        var version = XDocument.Load(Path.Combine(Repository.Root, "Directory.Build.props")).Descendants("Version").Single().Value;
        var images = Build(Overlay(overlay)).Where(o => Kind(o) is "Deployment" or "StatefulSet")
            .Select(o => o.GetProperty("spec").GetProperty("template").GetProperty("spec").GetProperty("containers")[0].GetProperty("image").GetString()!)
            .Where(image => image.Contains("evbilling", StringComparison.Ordinal)).ToArray();
        Assert.Equal(2, images.Length);
        Assert.All(images, image => Assert.EndsWith($"evbilling:{version}", image, StringComparison.Ordinal));
    }

    [Fact]
    public void On_azure_no_secret_is_stored_and_the_identities_are_those_of_the_settings()
    {
        var objects = Build(Overlay("azure"));
        Assert.DoesNotContain(objects, o => Kind(o) == "Secret");
        string ClientId(string account) => objects.Single(o => Kind(o) == "ServiceAccount" && Name(o) == account)
            .GetProperty("metadata").GetProperty("annotations").GetProperty("azure.workload.identity/client-id").GetString()!;
        Assert.EndsWith("1", ClientId("evbilling-worker"), StringComparison.Ordinal);
        Assert.EndsWith("2", ClientId("evbilling-simulator"), StringComparison.Ordinal);
        Assert.EndsWith("3", objects.Single(o => Name(o) == "evbilling-scaler-function").GetProperty("subjects")[0].GetProperty("name").GetString(), StringComparison.Ordinal);
        Assert.All(
            objects.Where(o => Kind(o) is "Deployment" or "StatefulSet"),
            o => Assert.Equal("true", o.GetProperty("spec").GetProperty("template").GetProperty("metadata").GetProperty("labels").GetProperty("azure.workload.identity/use").GetString()));
        Assert.DoesNotContain(objects.SelectMany(o => new[] { o.GetRawText() }), text => text.Contains("REPLACED", StringComparison.Ordinal));
    }

    [Fact]
    public void The_component_for_keda_takes_the_place_of_the_autoscaler()
    {
        var overlay = Path.Combine(Repository.Root, "deploy", "kubernetes", "overlays", "of-a-test");
        Directory.CreateDirectory(overlay);
        try
        {
            File.WriteAllText(Path.Combine(overlay, "kustomization.yaml"), "resources: [../local]\ncomponents: [../../components/keda]\n");
            var kinds = cluster.Kubectl("", "kustomize", overlay).Split('\n').Where(line => line.StartsWith("kind: ", StringComparison.Ordinal)).ToArray();
            Assert.Single(kinds, "kind: ScaledObject");
            Assert.DoesNotContain("kind: HorizontalPodAutoscaler", kinds);
        }
        finally
        {
            Directory.Delete(overlay, recursive: true);
        }
    }

    [Fact]
    public void Tariffs_and_locations_are_those_of_the_simulated_fleet()
    {
        using var folder = new TemporaryFolder();
        var settings = File.ReadLines(Path.Combine(Overlay("local"), "settings.env")).Select(line => line.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        var end = CliProcess.Run(
            "simulate", "--stations", settings["FLEET_STATIONS"], "--seed", settings["FLEET_SEED"], "--hours", "1", "--to", folder.File("events.jsonl"),
            "--tariffs-to", folder.File("tariffs.json"), "--locations-to", folder.File("locations.json"));
        Assert.True(end.ExitCode == 0, end.ToString());
        foreach (var name in new[] { "tariffs.json", "locations.json" })
        {
            Assert.Equal(File.ReadAllText(folder.File(name)), File.ReadAllText(Path.Combine(Repository.Root, "deploy", "kubernetes", "base", name)));
        }
    }

    internal static string Overlay(string name) => Path.Combine(Repository.Root, "deploy", "kubernetes", "overlays", name);

    private JsonElement[] Build(string overlay)
    {
        // The server's own reading of YAML, without storing anything: create without a server would still ask for its schema.
        var yaml = cluster.Kubectl("", "kustomize", overlay);
        var json = cluster.Kubectl(yaml, "create", "--dry-run=client", "--validate=false", "-o", "json", "-f", "-");
        return Objects(json);
    }

    // One object after the other, or a list.
    private static JsonElement[] Objects(string json)
    {
        var reader = new Utf8JsonReader(System.Text.Encoding.UTF8.GetBytes(json), new JsonReaderOptions { AllowMultipleValues = true });
        var objects = new List<JsonElement>();
        while (reader.Read())
        {
            var value = JsonElement.ParseValue(ref reader);
            objects.AddRange(value.TryGetProperty("items", out var items) ? items.EnumerateArray() : [value]);
        }
        return [.. objects];
    }

    private static string Kind(JsonElement o) => o.GetProperty("kind").GetString()!;

    private static string Name(JsonElement o) => o.GetProperty("metadata").GetProperty("name").GetString()!;

    private static string Filled(string argument, JsonElement settings) => Regex.Replace(
        argument, @"\$\((\w+)\)", match => match.Groups[1].Value == "SHARD" ? "0" : settings.TryGetProperty(match.Groups[1].Value, out var value) ? value.GetString()! : match.Value);
}
