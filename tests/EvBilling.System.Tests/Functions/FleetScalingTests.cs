using System.Diagnostics;
using System.Text.Json;
using EvBilling.Cli.Simulating;
using EvBilling.Simulator;
using EvBilling.SystemTests.Kafka.Producing;
using EvBilling.SystemTests.Kubernetes;
using EvBilling.SystemTests.Processes;
using EvBilling.SystemTests.Servers;
using NodaTime;

namespace EvBilling.SystemTests.Functions;

/// <summary>Pods come and go as the function says. Fake nodes run no container: for each pod that is Ready a real process simulates its shard into a real Kafka, and is ended with its pod.</summary>
[Collection(nameof(KubeCluster))]
public sealed class FleetScalingTests(KubeCluster cluster, SharedKafka kafka)
{
    private const int Shards = 16;
    private const int Stations = 8000;
    private const int EventsMin = 20;
    private const int HoursMax = 12;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task From_1_to_5_to_0_to_5_pods_no_event_is_lost_and_none_comes_in_two_forms()
    {
        var space = cluster.NewFleet(replicas: 0);
        var topic = kafka.Broker.CreateTopic(4);
        var start = Start();
        using var function = FunctionProcess.Start(cluster, space);
        var pods = new Dictionary<int, CliProcess>();
        try
        {
            foreach (var replicas in new[] { 1, 5, 0, 5 })
            {
                Assert.Equal(replicas, (await function.Scale(replicas)).To);
                var deliveredBefore = replicas == 0 ? [] : Delivered(topic, replicas);
                Follow(space, replicas, pods, topic, start);
                // Each has caught up with the clock before the next step, so that every step cuts into a fleet at work.
                WaitUntil(pods, () => Enumerable.Range(0, replicas).All(shard => IsUnderWay(topic, shard, deliveredBefore)));
            }
            await function.Scale(0);
            Follow(space, 0, pods, topic, start);
        }
        finally
        {
            foreach (var pod in pods.Values)
            {
                pod.Dispose();
            }
        }

        var records = kafka.Broker.ReadAll(topic);
        var until = Delivered(topic, 5);
        var ofShards = new HashSet<string>();
        for (var shard = 0; shard < 5; shard++)
        {
            var fleet = new UndisturbedFleet(Options(start, shard));
            var sessions = fleet.Events.Select(e => e.SessionId).ToHashSet();
            Assert.True(fleet.Events.Count(e => e.ArrivesAt < until[shard]) > EventsMin, "too few events to say anything");
            // Nothing but the seed's own bytes, and all of them up to what the shard has delivered.
            fleet.AssertDelivered([.. records.Where(record => sessions.Contains(record.Key!))], until[shard]);
            ofShards.UnionWith(sessions);
        }
        Assert.All(records, record => Assert.Contains(record.Key!, ofShards));
        // A fact has one identity and one content, whether or not it came late: counted by (session_id, event_id) it is there once.
        var contents = records.GroupBy(Identity).Select(copies => copies.Select(copy => copy.Value!.Replace(",\"offline\":true", "", StringComparison.Ordinal)).Distinct().Count());
        Assert.All(contents, count => Assert.Equal(1, count));
        // Of the second in which a shard was stopped some may have come again, never more.
        Assert.True(records.Count - records.DistinctBy(Identity).Count() <= records.Count / 20, "too much came again");
    }

    private static SimulationOptions Options(Instant start, int shard) => new() { Stations = Stations, Seed = 11, Start = start, Hours = HoursMax + 2, Shards = Shards, Shard = shard };

    // By day 20 minutes are enough; at night hardly anybody charges.
    private static Instant Start()
    {
        var now = Instant.FromUnixTimeSeconds(SystemClock.Instance.GetCurrentInstant().ToUnixTimeSeconds());
        var pasts = new[] { 20, 60, 120, 240, HoursMax * 60 }.Select(minutes => now - Duration.FromMinutes(minutes));
        return pasts.First(start => Enumerable.Range(0, 5).All(shard => new UndisturbedFleet(Options(start, shard)).Events.Count(e => e.ArrivesAt < now) > EventsMin * 2));
    }

    private static (string, string) Identity(KafkaRead record)
    {
        using var content = JsonDocument.Parse(record.Value!);
        return (record.Key!, content.RootElement.GetProperty("event_id").GetString()!);
    }

    /// <summary>Waits until the API server has so many pods Ready, and starts or ends the processes that stand for them.</summary>
    private void Follow(string space, int replicas, Dictionary<int, CliProcess> pods, string topic, Instant start)
    {
        WaitUntil(pods, () => cluster.ReadyOrdinals(space).SequenceEqual(Enumerable.Range(0, replicas)));
        var gone = pods.Where(pod => pod.Key >= replicas).ToList();
        gone.ForEach(pod => pod.Value.Signal(CliProcess.Terminate));
        foreach (var (ordinal, process) in gone)
        {
            Assert.True(process.WaitForEnd(TimeSpan.FromSeconds(15)), "it does not end at SIGTERM");
            var end = process.End();
            Assert.True(end.ExitCode == 0, end.ToString());
            process.Dispose();
            pods.Remove(ordinal);
        }
        foreach (var ordinal in Enumerable.Range(0, replicas).Where(ordinal => !pods.ContainsKey(ordinal)))
        {
            pods[ordinal] = CliProcess.Start(
                "simulate", "--stations", $"{Stations}", "--seed", "11", "--live", "--start", $"{start}", "--shards", $"{Shards}", "--shard", $"{ordinal}",
                "--to", $"kafka://{kafka.Broker.BootstrapServers}/{topic}");
        }
    }

    private bool IsUnderWay(string topic, int shard, Dictionary<int, Instant> before)
    {
        var said = Progress(topic).LastOrDefault(progress => progress.Shard == shard).Progress;
        return said is not null && SystemClock.Instance.GetCurrentInstant() - said.DeliveredUntil < Duration.FromSeconds(30)
            && (!before.TryGetValue(shard, out var earlier) || said.DeliveredUntil > earlier);
    }

    /// <summary>How far each shard had come.</summary>
    private Dictionary<int, Instant> Delivered(string topic, int shards) =>
        Progress(topic).Where(progress => progress.Shard < shards).GroupBy(progress => progress.Shard).ToDictionary(said => said.Key, said => said.Last().Progress.DeliveredUntil);

    private List<(int Shard, ShardProgress Progress)> Progress(string topic) => HasProgress()
        ?
        [
            .. kafka.Broker.ReadAll(ShardLedger.Topic).Where(record => record.Key!.StartsWith(topic + "/", StringComparison.Ordinal))
                .Select(record => (ShardOf(record.Key!), ShardProgressJson.Read(record.Value!))),
        ]
        : [];

    private static int ShardOf(string key) => int.Parse(key.Split("/shard=")[^1]);

    // The first shard that starts makes that topic.
    private bool HasProgress()
    {
        using var admin = kafka.Broker.Admin();
        return admin.GetMetadata(TimeSpan.FromSeconds(10)).Topics.Any(topic => topic.Topic == ShardLedger.Topic);
    }

    private static void WaitUntil(Dictionary<int, CliProcess> pods, Func<bool> isSo)
    {
        var waiting = Stopwatch.StartNew();
        while (!isSo())
        {
            foreach (var pod in pods.Values.Where(pod => pod.HasExited))
            {
                Assert.Fail(pod.End().ToString());
            }
            Assert.True(waiting.Elapsed < Patience, "it takes too long");
            Thread.Sleep(200);
        }
    }
}
