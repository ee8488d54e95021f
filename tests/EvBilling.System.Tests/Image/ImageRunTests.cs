using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using EvBilling.SystemTests.Kafka;
using EvBilling.SystemTests.Processes;
using EvBilling.SystemTests.Servers;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Image;

/// <summary>The image that was pushed, run by podman with nothing to write to and no right of root's.</summary>
[Collection(nameof(Processes))]
public sealed partial class ImageRunTests : IDisposable
{
    private static readonly TimeSpan EndsWithin = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly string[] OnADisk = ["--tmpfs", "/data:rw,mode=1777"];

    private readonly BuiltImages _images;
    private readonly SharedKafka _kafka;
    private readonly SharedPostgres _postgres;
    private readonly ITestOutputHelper _told;
    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _client = new();

    public ImageRunTests(BuiltImages images, SharedKafka kafka, SharedPostgres postgres, ITestOutputHelper told)
    {
        ContainerTools.SkipOrFail();
        (_images, _kafka, _postgres, _told) = (images, kafka, postgres, told);
        // The registry has no certificate.
        ContainerTools.Run(images.Storage.Podman("pull", "--quiet", "--tls-verify=false", images.BySdk));
        ContainerTools.Run(new ProcessStartInfo("chmod", ["777", _folder.Path]));
    }

    public void Dispose()
    {
        _client.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void The_demo_runs_in_a_folder_of_memory_and_nowhere_else()
    {
        var end = _images.Storage.Run(_images.BySdk, OnADisk, "demo", "--directory", "/data/demo", "--json");
        Assert.True(end.ExitCode == 0, end.ToString());
        Assert.InRange(JsonDocument.Parse(end.Lines[^1]).RootElement.GetProperty("bills").GetInt32(), 21, 100_000);

        var refused = _images.Storage.Run(_images.BySdk, [], "demo");
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("Read-only file system", refused.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_verb_runs()
    {
        string[] Files(string verb) => [verb, "--store", "sqlite:/data/bills.db"];
        Dictionary<string, string[]> ways = new()
        {
            ["simulate"] = ["simulate", "--stations", "20", "--hours", "24", "--seed", "3", "--to", "/data/events.jsonl", "--tariffs-to", "/data/tariffs.json", "--locations-to", "/data/locations.json"],
            ["run"] = [.. Files("run"), "--events", "/data/events.jsonl", "--tariffs", "/data/tariffs.json", "--locations", "/data/locations.json", "--json"],
            ["bills"] = Files("bills"),
            ["explain"] = [.. Files("explain"), "S-1-1"],
            ["dead-letter"] = Files("dead-letter"),
            ["status"] = Files("status"),
            ["contacts"] = ["contacts", "erase", "--store", "sqlite:/data/bills.db", "--email", "nobody@example.org"],
            ["demo"] = ["demo", "--directory", "/data/demo"],
        };
        var help = _images.Storage.Run(_images.BySdk, [], "--help");
        var verbs = Verb().Matches(help.Output[help.Output.IndexOf("Commands:", StringComparison.Ordinal)..]).Select(match => match.Value);

        // Those that this version adds are asked for their options: that they are there, and load.
        foreach (var verb in ways.Keys.Concat(verbs.Except(ways.Keys)))
        {
            var end = _images.Storage.Run(_images.BySdk, ["--volume", $"{_folder.Path}:/data"], ways.GetValueOrDefault(verb) ?? [verb, "--help"]);
            Assert.True(end.ExitCode == 0, $"{verb}: {end}");
        }
        Assert.Superset(ways.Keys.ToHashSet(), verbs.ToHashSet());
        Assert.InRange(JsonDocument.Parse(_images.Storage.Run(_images.BySdk, ["--volume", $"{_folder.Path}:/data"], ways["run"]).Lines[^1]).RootElement.GetProperty("bills").GetInt32(), 10, 100_000);
    }

    [Fact]
    public async Task It_bills_from_Kafka_into_PostgreSQL_and_ends_when_told()
    {
        var topic = _kafka.Broker.CreateTopic(2);
        _kafka.Broker.Produce(topic, 0, EventLines.Session("S-1"));
        _folder.Write("tariffs.json", TariffTexts.List(TariffTexts.Energy("T", 0.5m)));
        var store = _postgres.CreateDatabase();
        var port = FreePorts.Next();
        var started = Stopwatch.GetTimestamp();
        var container = ContainerTools.Run(_images.Storage.RunInfo(
            _images.BySdk, ["--detach", "--volume", $"{_folder.Path}/tariffs.json:/etc/evbilling/tariffs.json:ro"],
            "run", "--follow", "--http", $"127.0.0.1:{port}", "--events", $"kafka://{_kafka.Broker.BootstrapServers}/{topic}", "--tariffs", "/etc/evbilling/tariffs.json",
            "--default-tariff", "T", "--store", store)).TrimEnd('\n');
        await Until($"http://127.0.0.1:{port}/metrics", "\nevbilling_new_events_total 3\n", container);
        _told.WriteLine($"From the start of the container to the first events read: {Stopwatch.GetElapsedTime(started).TotalSeconds:0.00} s");
        await Until($"http://127.0.0.1:{port}/metrics", "\nevbilling_bill_versions_total 1\n", container);
        _told.WriteLine($"From the start of the container to the first bill committed: {Stopwatch.GetElapsedTime(started).TotalSeconds:0.00} s");
        _kafka.Broker.Produce(topic, 1, EventLines.Session("S-2"));
        await Until($"http://127.0.0.1:{port}/metrics", "\nevbilling_bill_versions_total 2\n", container);
        AssertRestricted(container);

        var told = Stopwatch.GetTimestamp();
        ContainerTools.Run(_images.Storage.Podman("kill", "--signal", "TERM", container));
        var exitCode = ContainerTools.Run(_images.Storage.Podman("wait", container)).Trim();
        var took = Stopwatch.GetElapsedTime(told);

        Assert.True(exitCode == "0", $"exit code {exitCode}\n{Log(container)}");
        Assert.True(took < EndsWithin, $"it took {took} to end\n{Log(container)}");
        Assert.Equal(["S-1|1", "S-2|1"], PostgresDatabases.Query(store, "SELECT session_id, version FROM evbilling.bills ORDER BY 1"));
    }

    [Fact]
    public void A_simulator_gives_its_first_event_soon_after_its_start()
    {
        var started = Stopwatch.GetTimestamp();
        var start = _images.Storage.RunInfo(_images.BySdk, ["--rm"], "simulate", "--stations", "20", "--hours", "24", "--seed", "3", "--to", "-");
        start.RedirectStandardOutput = true;
        using var process = Process.Start(start)!;
        var line = process.StandardOutput.ReadLine();
        var took = Stopwatch.GetElapsedTime(started);
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();

        _told.WriteLine($"From the start of the container to the first event simulated: {took.TotalSeconds:0.00} s");
        Assert.Equal(0, process.ExitCode);
        Assert.Equal("started", JsonDocument.Parse(line!).RootElement.GetProperty("type").GetString());
    }

    [Fact]
    public void A_simulators_pod_goes_on_with_its_shard_when_told_to_end()
    {
        var topic = _kafka.Broker.CreateTopic(2);
        // A fleet that begins at night may have nothing to tell for long.
        var start = DateTime.UtcNow.AddHours(-12).ToString("yyyy-MM-dd'T'HH':00:00Z'", CultureInfo.InvariantCulture);
        var container = ContainerTools.Run(_images.Storage.RunInfo(
            _images.BySdk, ["--detach"], "simulate", "--live", "--start", start, "--stations", "500", "--shards", "4", "--shard", "2", "--to", $"kafka://{_kafka.Broker.BootstrapServers}/{topic}")).TrimEnd('\n');
        var waiting = Stopwatch.StartNew();
        while (_kafka.Broker.ReadAll(topic).Count == 0)
        {
            Assert.True(waiting.Elapsed < Patience, Log(container));
            Thread.Sleep(200);
        }

        ContainerTools.Run(_images.Storage.Podman("kill", "--signal", "TERM", container));
        Assert.Equal("0", ContainerTools.Run(_images.Storage.Podman("wait", container)).Trim());
    }

    // As the kernel sees the process.
    private void AssertRestricted(string container)
    {
        var number = ContainerTools.Run(_images.Storage.Podman("inspect", "--format", "{{.State.Pid}}", container)).Trim();
        var status = File.ReadLines($"/proc/{number}/status").Select(line => line.Split(':', 2)).ToDictionary(line => line[0], line => line[1].Trim());
        Assert.All(new[] { "Uid", "Gid" }, name => Assert.All(status[name].Split('\t'), id => Assert.Equal("1654", id)));
        Assert.All(new[] { "CapPrm", "CapEff", "CapBnd", "CapAmb" }, name => Assert.Equal(new string('0', 16), status[name]));
        Assert.Equal("1", status["NoNewPrivs"]);
        var root = File.ReadLines($"/proc/{number}/mountinfo").Select(line => line.Split(' ')).First(mount => mount[4] == "/");
        Assert.Contains("ro", root[5].Split(','));
    }

    private async Task Until(string address, string text, string container)
    {
        var waiting = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                if ((await _client.GetStringAsync(new Uri(address), TestContext.Current.CancellationToken)).Contains(text, StringComparison.Ordinal))
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }
            Assert.True(waiting.Elapsed < Patience, $"{address} does not come to {text.Trim()}\n{Log(container)}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    private string Log(string container)
    {
        var (_, output, errors) = ContainerTools.RunToTheEnd(_images.Storage.Podman("logs", container));
        return output + errors;
    }

    [GeneratedRegex(@"(?<=^ {2})[a-z][a-z-]*", RegexOptions.Multiline)]
    private static partial Regex Verb();
}
