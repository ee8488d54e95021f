using System.Text.Json;
using EvBilling.SystemTests.Processes;
using EvBilling.SystemTests.Servers;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Kafka;

/// <summary>The real program tells how a store in PostgreSQL stands to a topic.</summary>
[Collection(nameof(Processes))]
public sealed class StatusOfServersTests(SharedKafka kafka, SharedPostgres postgres) : IDisposable
{
    private readonly Pipeline _pipeline = new(kafka.Broker, postgres.CreateDatabase(), 3);

    private string Source => $"kafka://{kafka.Broker.BootstrapServers}/{_pipeline.Topic}";

    public void Dispose() => _pipeline.Dispose();

    [Fact]
    public void What_waits_in_each_partition_is_what_the_broker_has_and_the_store_has_not()
    {
        kafka.Broker.Produce(_pipeline.Topic, 0, [.. EventLines.Session("A"), "bad"]);
        kafka.Broker.Produce(_pipeline.Topic, 1, EventLines.Session("B"));
        _pipeline.Run();
        kafka.Broker.Produce(_pipeline.Topic, 1, EventLines.Session("C"));
        kafka.Broker.Produce(_pipeline.Topic, 2, EventLines.Line("started", "D", 0, 5));

        var status = Json("--events", Source);

        Assert.Equal([(0, 4, 4, 0), (1, 3, 6, 3), (2, 0, 1, 1)], Partitions(status));
        Assert.All(status.GetProperty("partitions").EnumerateArray(), partition => Assert.True(partition.GetProperty("live").GetBoolean()));
        Assert.Equal((4, 2, """{"NotJson":1}"""), (Number(status, "lag"), Number(status, "sessions"), status.GetProperty("dead_letters_by_reason").GetRawText()));
        // The store alone tells how the topic stood when it was last read.
        Assert.Equal(0, Number(Json(), "lag"));
        var text = Run("--events", Source).Output;
        Assert.Contains($"\nkafka:{_pipeline.Topic}\n", text, StringComparison.Ordinal);
        Assert.Matches(@"\n +1 +3 +6 +3 +\S+Z +0\n", text);
    }

    [Fact]
    public void While_a_worker_reads_it_can_be_asked_and_in_the_end_nothing_waits()
    {
        var fleet = SimulatedFleet.Create(5, 40);
        _pipeline.Program.UseTariffs(fleet.Tariffs);
        var worker = _pipeline.Follow();
        _pipeline.WaitUntil(() => _pipeline.Owners() == 1, () => "the worker has no partitions");
        _pipeline.Scatter(fleet.Lines, new Random(1));
        // The store is asked before the broker, so that nothing is ever ahead of its end.
        Assert.All(Partitions(Json("--events", Source)), partition => Assert.InRange(partition.Next, 0, partition.End));
        _pipeline.WaitUntilCommitted(fleet.Lines.Length);
        var status = Json("--events", Source);
        Assert.Equal((0, fleet.Lines.Length), (Number(status, "lag"), Partitions(status).Sum(partition => partition.End)));
        _pipeline.Terminate(worker);
    }

    [Fact]
    public void Of_a_topic_that_was_made_anew_only_what_is_there_now_waits()
    {
        kafka.Broker.Produce(_pipeline.Topic, 0, EventLines.Session("A"));
        _pipeline.Run();
        // As if the old one had ended with records unread.
        _pipeline.Execute("UPDATE evbilling.positions SET end_offset = 100 WHERE partition = 0");
        Assert.Equal(97, Number(Json(), "lag"));
        kafka.Broker.DeleteTopic(_pipeline.Topic);
        kafka.Broker.CreateTopicAnew(_pipeline.Topic, 3);
        kafka.Broker.Produce(_pipeline.Topic, 0, EventLines.Session("B"));
        Assert.Equal(3, Number(Json("--events", Source), "lag"));
        _pipeline.Run("--new-topic");

        Assert.Equal(0, Number(Json("--events", Source), "lag"));
        var text = Run("--events", Source).Output;
        Assert.Single(text.Split('\n'), line => line.EndsWith(": replaced by another of that name", StringComparison.Ordinal));
        Assert.Equal(2, text.Split('\n').Count(line => line.StartsWith($"kafka:{_pipeline.Topic} (id ", StringComparison.Ordinal)));
    }

    [Fact]
    public void What_cannot_be_asked_is_told_in_a_sentence_with_an_exit_code_that_fits()
    {
        // No store yet: wrong use. A broker, topic or database that is not there: a failure on the way.
        AssertFails(2, "There is no store in", "--store", _pipeline.Store, "--events", Source);
        AssertFails(1, "There is no database \"no_such\"", "--store", postgres.Server.Uri("no_such"));
        AssertFails(1, "cannot be reached", "--store", $"postgres://postgres@127.0.0.1:{FreePorts.Next()}/bills");
        _pipeline.Run();
        AssertFails(1, "there is no topic none", "--store", _pipeline.Store, "--events", $"kafka://{kafka.Broker.BootstrapServers}/none");
        AssertFails(1, "no broker answers", "--store", _pipeline.Store, "--json", "--events", $"kafka://127.0.0.1:{FreePorts.Next()}/{_pipeline.Topic}");
        AssertFails(2, "kafka://", "--store", _pipeline.Store, "--events", $"kafka://{kafka.Broker.BootstrapServers}/");
    }

    private static void AssertFails(int exitCode, string told, params string[] arguments)
    {
        var end = CliProcess.Run(["status", .. arguments]);
        Assert.True(end.ExitCode == exitCode && end.Output.Length == 0, end.ToString());
        Assert.Contains(told, Assert.Single(end.Errors.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);
    }

    private CliEnd Run(params string[] more)
    {
        var end = CliProcess.Run(["status", "--store", _pipeline.Store, .. more]);
        Assert.True(end is { ExitCode: 0, Errors: "" }, end.ToString());
        return end;
    }

    private JsonElement Json(params string[] more) => JsonDocument.Parse(Assert.Single(Run(["--json", .. more]).Lines)).RootElement;

    private static List<(int Number, int Next, int End, int Lag)> Partitions(JsonElement status) =>
        [.. status.GetProperty("partitions").EnumerateArray().Select(of => (Number(of, "partition"), Number(of, "next_offset"), Number(of, "end_offset"), Number(of, "lag")))];

    // 0 = null: nothing was read yet.
    private static int Number(JsonElement of, string name) => of.GetProperty(name) is { ValueKind: JsonValueKind.Number } number ? number.GetInt32() : 0;
}
