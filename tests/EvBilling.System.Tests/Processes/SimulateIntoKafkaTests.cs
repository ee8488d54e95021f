using System.Diagnostics;
using System.Text.Json;
using EvBilling.Cli.Simulating;
using EvBilling.Simulator;
using EvBilling.SystemTests.Kafka.Producing;
using EvBilling.SystemTests.Servers;
using EvBilling.SystemTests.Support;
using NodaTime;

namespace EvBilling.SystemTests.Processes;

/// <summary><c>simulate --to kafka://...</c> as a process, stopped and killed.</summary>
[Collection(nameof(Processes))]
public sealed class SimulateIntoKafkaTests(SharedKafka kafka)
{
    private static readonly TimeSpan StopMax = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public void The_topic_is_made_with_8_partitions_and_every_event_is_acknowledged_before_it_is_counted()
    {
        var topic = NewTopicName();
        var end = CliProcess.Run("simulate", "--stations", "100", "--hours", "6", "--to", Url(topic), "--json");
        Assert.True(end.ExitCode == 0, end.ToString());
        var records = kafka.Broker.ReadAll(topic);
        Assert.Equal(records.Count, JsonDocument.Parse(end.Lines[^1]).RootElement.GetProperty("events").GetInt64());
        new UndisturbedFleet(new SimulationOptions { Stations = 100, Hours = 6 }).AssertDelivered(records, Instant.MaxValue);
        Assert.Equal(8, PartitionsOf(topic));
    }

    [Fact]
    public void Partitions_says_how_many_a_new_topic_gets()
    {
        var topic = NewTopicName();
        var end = CliProcess.Run("simulate", "--stations", "10", "--hours", "2", "--to", Url(topic), "--partitions", "3");
        Assert.True(end.ExitCode == 0, end.ToString());
        Assert.Equal(3, PartitionsOf(topic));
    }

    [Fact]
    public void A_refused_event_ends_the_run_with_exit_code_1_and_one_sentence()
    {
        var topic = kafka.Broker.CreateTopic(1, "max.message.bytes=200");
        var end = CliProcess.Run("simulate", "--stations", "100", "--hours", "6", "--to", Url(topic), "--json");
        Assert.True(end.ExitCode == 1 && end.Output.Length == 0, end.ToString());
        Assert.Contains($"evbilling: {Url(topic)}: a record is larger than the broker", end.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", end.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_broker_that_is_not_there_is_exit_code_1_and_a_signal_ends_the_wait_for_it()
    {
        var nowhere = $"kafka://127.0.0.1:{FreePorts.Next()}/events";
        using var process = CliProcess.Start("simulate", "--stations", "10", "--to", nowhere);
        using var waiting = CliProcess.Start("simulate", "--stations", "10", "--live", "--to", nowhere);
        Assert.False(waiting.WaitForEnd(TimeSpan.FromSeconds(2)));
        AssertStops(waiting);
        var end = process.End();
        Assert.True(end.ExitCode == 1, end.ToString());
        Assert.Contains("no broker answers", end.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_live_shard_that_is_killed_three_times_and_stopped_at_last_has_delivered_its_fleet_each_event_as_one_text()
    {
        var topic = kafka.Broker.CreateTopic(4);
        var start = Instant.FromUnixTimeSeconds(SystemClock.Instance.GetCurrentInstant().Minus(Duration.FromHours(8)).ToUnixTimeSeconds());
        string[] arguments =
        [
            "simulate", "--stations", "3000", "--seed", "5", "--faults", "field", "--live", "--start", $"{start}", "--rate", "3000",
            "--shards", "2", "--shard", "1", "--to", Url(topic),
        ];
        for (var life = 0; life < 3; life++)
        {
            var before = kafka.Broker.ReadAll(topic).Count;
            using var killed = CliProcess.Start(arguments);
            WaitUntil(killed, () => kafka.Broker.ReadAll(topic).Count >= before + 1_500);
            killed.Signal(CliProcess.Kill);
            Assert.True(killed.WaitForEnd(Patience));
        }
        using var last = CliProcess.Start(arguments);
        // The three before it may have said theirs; it has caught up when what it has delivered reaches the present.
        WaitUntil(last, () => Progress(topic)[^1] is { Epoch: 4 } said && SystemClock.Instance.GetCurrentInstant() - said.DeliveredUntil < Duration.FromMinutes(1));
        AssertStops(last);

        var progress = Progress(topic)[^1];
        Assert.True(SystemClock.Instance.GetCurrentInstant() - progress.DeliveredUntil < Duration.FromMinutes(2), progress.ToString());
        Assert.Equal(4, progress.Epoch);
        var options = new SimulationOptions { Stations = 3000, Seed = 5, Faults = FaultProfile.Field, Start = start, Hours = 10, Shards = 2, Shard = 1 };
        new UndisturbedFleet(options).AssertDelivered(kafka.Broker.ReadAll(topic), progress.DeliveredUntil);
    }

    [Fact]
    public void A_fleet_at_a_rate_into_a_pipe_ends_at_a_signal_with_whole_lines()
    {
        using var process = CliProcess.Start("simulate", "--stations", "2000", "--hours", "24", "--rate", "500", "--to", "-");
        Assert.False(process.WaitForEnd(TimeSpan.FromSeconds(2)));
        process.Signal(CliProcess.Terminate);
        var end = process.End();
        Assert.True(end.ExitCode == 0, end.ToString());
        Assert.InRange(end.Lines.Length, 1, 100_000);
        Assert.EndsWith("}\n", end.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_live_fleet_in_a_file_has_what_has_happened_since_its_start_and_nothing_of_the_future()
    {
        using var folder = new TemporaryFolder();
        var start = Instant.FromUnixTimeSeconds(SystemClock.Instance.GetCurrentInstant().Minus(Duration.FromHours(3)).ToUnixTimeSeconds());
        var file = folder.File("events.jsonl");
        using var process = CliProcess.Start("simulate", "--stations", "500", "--live", "--hours", "1", "--start", $"{start}", "--to", file);
        var fleet = new UndisturbedFleet(new SimulationOptions { Stations = 500, Start = start, Hours = 5 });
        var past = fleet.Events.Count(e => e.ArrivesAt < SystemClock.Instance.GetCurrentInstant());
        WaitUntil(process, () => File.Exists(file) && File.ReadLines(file).Count() >= past);
        Assert.False(process.WaitForEnd(TimeSpan.FromSeconds(1)));
        AssertStops(process);
        var now = SystemClock.Instance.GetCurrentInstant();
        var lines = File.ReadAllLines(file);
        Assert.Equal(fleet.Events.Take(lines.Length).Select(e => e.Line), lines);
        Assert.InRange(lines.Length, past, fleet.Events.Count(e => e.ArrivesAt <= now));
    }

    [Theory]
    [InlineData("--rate is 0", "--to", "x.jsonl", "--rate", "0")]
    [InlineData("--partitions is 0", "--to", "kafka://127.0.0.1:1/t", "--partitions", "0")]
    [InlineData("is no topic", "--to", "x.jsonl", "--partitions", "4")]
    [InlineData("is no topic", "--to", "x.jsonl", "--kafka", "linger.ms=5")]
    [InlineData("names no topic", "--to", "kafka://127.0.0.1:1")]
    [InlineData("the topic of shards' progress", "--to", "kafka://127.0.0.1:1/simulator-progress")]
    [InlineData("acks", "--to", "kafka://127.0.0.1:1/t", "--kafka", "acks=0")]
    [InlineData("shard is 3 of 2", "--to", "kafka://127.0.0.1:1/t", "--live", "--shards", "2", "--shard", "3")]
    public void Wrong_use_is_exit_code_2_before_any_broker_is_asked(string says, params string[] arguments)
    {
        var end = CliProcess.Run(["simulate", "--stations", "10", .. arguments]);
        Assert.True(end.ExitCode == 2 && end.Output.Length == 0, end.ToString());
        Assert.Contains(says, end.Errors, StringComparison.Ordinal);
    }

    private static string NewTopicName() => $"made-{Guid.NewGuid():N}";

    private static void AssertStops(CliProcess process)
    {
        process.Signal(CliProcess.Terminate);
        Assert.True(process.WaitForEnd(StopMax), "it does not end within 5 s");
        var end = process.End();
        Assert.True(end.ExitCode == 0, end.ToString());
    }

    private static void WaitUntil(CliProcess process, Func<bool> isSo)
    {
        var waiting = Stopwatch.StartNew();
        while (!isSo())
        {
            Assert.False(process.HasExited, process.HasExited ? process.End().ToString() : "");
            Assert.True(waiting.Elapsed < Patience, "it takes too long");
            Thread.Sleep(50);
        }
    }

    private string Url(string topic) => $"kafka://{kafka.Broker.BootstrapServers}/{topic}";

    private int PartitionsOf(string topic)
    {
        using var admin = kafka.Broker.Admin();
        return admin.GetMetadata(topic, Patience).Topics.Single().Partitions.Count;
    }

    private List<ShardProgress> Progress(string topic) =>
    [
        .. kafka.Broker.ReadAll(ShardLedger.Topic).Where(record => record.Key!.StartsWith(topic + "/", StringComparison.Ordinal)).Select(record => ShardProgressJson.Read(record.Value!)),
    ];
}
