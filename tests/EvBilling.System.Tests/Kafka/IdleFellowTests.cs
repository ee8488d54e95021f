using EvBilling.SystemTests.Processes;
using EvBilling.SystemTests.Servers;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Kafka;

/// <summary>What another worker or the topic's owner does while a worker has nothing to read.</summary>
[Collection(nameof(Processes))]
public sealed class IdleFellowTests(SharedKafka kafka, SharedPostgres postgres, ITestOutputHelper output) : IDisposable
{
    private readonly Pipeline _pipeline = new(kafka.Broker, postgres.CreateDatabase(), 4);

    public void Dispose() => _pipeline.Dispose();

    [Fact]
    public void A_replay_from_the_start_reaches_also_partitions_that_an_idle_worker_has()
    {
        var lines = Enumerable.Range(0, 200).SelectMany(number => EventLines.Session($"S{number:D3}")).ToArray();
        _pipeline.Scatter(lines, new Random(1));
        var idle = _pipeline.Follow();
        _pipeline.WaitUntilCommitted(lines.Length);
        var before = _pipeline.Bills();
        var replay = _pipeline.Start("--from-start");
        Assert.True(replay.WaitForEnd(TimeSpan.FromSeconds(60)), "the replay does not end");
        var end = _pipeline.End(replay);
        Assert.True(end.ExitCode == 0, end.ToString());
        output.WriteLine(end.Errors);
        output.WriteLine(_pipeline.Terminate(idle).Errors);
        Assert.Equal(lines.Length, _pipeline.Committed());
        Assert.Equal(before, _pipeline.Bills());
        _pipeline.AssertSound();
    }

    /// <summary>A mistake: the partitions of one group are shared among its members, whatever store they fill.</summary>
    [Fact]
    public void A_fellow_that_fills_another_store_is_wondered_at_and_when_it_ends_its_partitions_are_read()
    {
        _pipeline.Scatter(Enumerable.Range(0, 50).SelectMany(number => EventLines.Session($"S{number:D3}")), new Random(1));
        using var astray = new Pipeline(kafka.Broker, postgres.CreateDatabase(), 4) { Topic = _pipeline.Topic };
        var fellow = astray.Follow();
        astray.WaitUntilCommitted(150);
        var run = _pipeline.Start();
        Assert.False(run.WaitForEnd(TimeSpan.FromSeconds(22)), "it has read all partitions");
        astray.Terminate(fellow);
        var end = _pipeline.End(run);
        Assert.True(end.ExitCode == 0, end.ToString());
        Assert.Contains("give each store a --group of its own.", end.Errors, StringComparison.Ordinal);
        Assert.Equal(50, _pipeline.Bills().Length);
        _pipeline.AssertSound();
    }

    [Fact]
    public async Task Partitions_that_a_topic_gets_while_it_is_followed_are_read_from_their_start()
    {
        _pipeline.Scatter(EventLines.Session("A"), new Random(1));
        var worker = _pipeline.Follow("--kafka", "topic.metadata.refresh.interval.ms=1000");
        _pipeline.WaitUntilCommitted(3);
        using (var admin = kafka.Broker.Admin())
        {
            await admin.CreatePartitionsAsync([new() { Topic = _pipeline.Topic, IncreaseTo = 6 }]);
        }
        Thread.Sleep(500);
        kafka.Broker.Produce(_pipeline.Topic, 5, [.. EventLines.Session("B")]);
        _pipeline.WaitUntilCommitted(6);
        output.WriteLine(_pipeline.Terminate(worker).Errors);
        Assert.Equal(2, _pipeline.Bills().Length);
        _pipeline.AssertSound();
    }

    [Fact]
    public void A_topic_that_is_deleted_and_made_anew_while_it_is_followed_is_said_and_read_only_when_that_is_asked_for()
    {
        _pipeline.Scatter(EventLines.Session("A"), new Random(1));
        var worker = _pipeline.Follow();
        _pipeline.WaitUntilCommitted(3);
        kafka.Broker.DeleteTopic(_pipeline.Topic);
        kafka.Broker.CreateTopicAnew(_pipeline.Topic, 4);
        _pipeline.Scatter([.. EventLines.Session("A"), .. EventLines.Session("B"), .. EventLines.Session("C")], new Random(2));
        // It looks every 10 s whether the topic is still the same.
        Assert.False(worker.WaitForEnd(TimeSpan.FromSeconds(18)), "the worker has ended");
        var told = _pipeline.Terminate(worker).Errors;
        output.WriteLine(told);
        Assert.Single(told.Split('\n'), line => line.Contains("evbilling[30]", StringComparison.Ordinal) && line.Contains("--new-topic", StringComparison.Ordinal));

        var refused = CliProcess.Run(_pipeline.Arguments());
        Assert.True(refused.ExitCode == 1, refused.ToString());
        Assert.Contains("--new-topic", Assert.Single(refused.Errors.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);
        _pipeline.Run("--new-topic");
        Assert.Equal(["A|10000", "B|10000", "C|10000"], _pipeline.Query("SELECT session_id, trim_scale(energy_wh) FROM evbilling.cdrs ORDER BY 1"));
        _pipeline.AssertSound();
    }
}
