using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using EvBilling.Engine;
using EvBilling.Kafka;
using EvBilling.Kafka.Reading;
using EvBilling.SystemTests.Servers;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Kafka;

/// <summary>A topic of a real broker, read to bills by one worker.</summary>
public sealed class KafkaEventLogTests(SharedKafka kafka) : IDisposable
{
    private readonly BillingStore _store = BillingStore.WithTariff();
    private readonly TopicNotes _notes = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public void A_topic_is_read_to_its_end_and_a_later_run_goes_on_behind_it()
    {
        var topic = kafka.Broker.CreateTopic(3);
        kafka.Broker.Produce(topic, Keyed(Enumerable.Range(0, 50).SelectMany(i => EventLines.Session($"S{i}", i))));
        Assert.Equal((150, 150, 0), Counts(Run(topic)));
        Assert.Equal((0, 0, 0), Counts(Run(topic)));
        kafka.Broker.Produce(topic, Keyed(EventLines.Session("T")));
        Assert.Equal((3, 3, 0), Counts(Run(topic)));
        Assert.Equal(new StoreCounts(51, 51, 0, 0), _store.Read(store => store.ReadCounts()));
        Assert.All(_store.Read(store => store.ReadPartitions()), partition => Assert.True(partition.IsCaughtUp));
        Assert.Equal(153, _store.Read(store => store.ReadPositions().Sum(position => position.NextOffset)));
    }

    [Fact]
    public void An_empty_topic_is_at_its_end()
    {
        Assert.Equal((0, 0, 0), Counts(Run(kafka.Broker.CreateTopic(2))));
    }

    [Fact]
    public void A_session_whose_events_lie_in_two_partitions_gives_one_bill()
    {
        var topic = kafka.Broker.CreateTopic(2);
        var lines = Enumerable.Range(0, 40).SelectMany(i => EventLines.Session($"S{i}", i)).ToList();
        // Without keys, each event in the other partition than the one before.
        kafka.Broker.Produce(topic, lines.Select((line, i) => new KafkaDraft(line, Partition: i % 2)));
        Run(topic);
        using var files = BillingStore.WithTariff();
        files.Run(lines);
        Assert.Equal(files.Bills(), _store.Bills());
        Assert.All(_store.Bills().Values, bill => Assert.Contains("\"status\":\"final\"", bill, StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_no_event_goes_to_the_dead_letter_with_partition_and_offset()
    {
        var topic = kafka.Broker.CreateTopic(2, "max.message.bytes=4000000");
        kafka.Broker.Produce(topic, 0, EventLines.Session("S")[0]);
        kafka.Broker.Produce(topic, 1, "\u0000\u0001garbage", null, "", new string('x', 900_000), "[1]", EventLines.Session("S")[2]);
        var counters = Run(topic);
        Assert.Equal((7, 2, 5), Counts(counters));
        Assert.Equal(
            ["1 0 NotJson", "1 1 Empty", "1 2 Empty", "1 3 TooLarge", "1 4 NotAnObject"],
            _store.Read(store => store.ReadDeadLetters().Select(letter => $"{letter.Partition} {letter.Position} {letter.Reason}").Order().ToArray()));
        Assert.All(_store.Read(store => store.ReadDeadLetters().ToList()), letter => Assert.Equal("kafka:" + topic, letter.Source));
        Assert.Contains("900000", _store.Read(store => store.ReadDeadLetters().Single(letter => letter.Reason == "TooLarge").Detail), StringComparison.Ordinal);
        // Read again from the start, they are the same dead letters.
        Rewind(topic);
        Run(topic);
        Assert.Equal(5, _store.Read(store => store.ReadDeadLetters().Count()));
    }

    [Fact]
    public void Read_again_from_the_start_nothing_changes()
    {
        var topic = kafka.Broker.CreateTopic(4);
        kafka.Broker.Produce(topic, Keyed(Enumerable.Range(0, 30).SelectMany(i => EventLines.Session($"S{i}", i))));
        Run(topic);
        var bills = _store.Bills();
        Rewind(topic);
        Assert.Equal((90, 0, 0), Counts(Run(topic)));
        Assert.Equal(bills, _store.Bills());
        Assert.Equal(["1 final 5.00"], _store.Versions("S7"));
    }

    [Fact]
    public void Records_that_compaction_took_away_are_passed_over()
    {
        var topic = kafka.Broker.CreateTopic(1, "cleanup.policy=compact", "segment.ms=100", "min.cleanable.dirty.ratio=0.0001", "max.compaction.lag.ms=200", "min.compaction.lag.ms=0");
        var first = EventLines.Session("S");
        kafka.Broker.Produce(topic, Enumerable.Range(0, 200).Select(i => new KafkaDraft(EventLines.Line("updated", "S", 1 + (i / 10), 1000 + i), "same")));
        kafka.Broker.Produce(topic, [new(first[0], "started"), new(first[^1], "ended")]);
        WaitUntil(() =>
        {
            // A segment is closed, and so can be compacted, only when something is written after its time.
            kafka.Broker.Produce(topic, [new("{}", "filler")]);
            return kafka.Broker.ReadAll(topic).Count < 100;
        });
        var left = kafka.Broker.ReadAll(topic);
        Assert.True(left[^1].Offset > left.Count + 50, "nothing was compacted");
        var counters = Run(topic);
        Assert.Equal(left.Count, counters.Events);
        Assert.Equal(left[^1].Offset + 1, _store.Read(store => store.ReadPositions().Single().NextOffset));
        Assert.Empty(_notes.Gaps);
    }

    [Fact]
    public void Records_deleted_before_they_were_read_are_a_gap_that_must_be_accepted_and_is_counted()
    {
        var topic = kafka.Broker.CreateTopic(2);
        kafka.Broker.Produce(topic, 0, [.. EventLines.Session("S1")]);
        Run(topic);
        kafka.Broker.Produce(topic, 0, [.. EventLines.Session("S2"), .. EventLines.Session("S3")]);
        kafka.Broker.DeleteBefore(topic, 0, 6);
        var refused = Assert.Throws<EventLogException>(() => Run(topic));
        Assert.False(refused.IsTransient);
        Assert.Contains($"kafka:{topic} partition 0: the records 3 to 5 (3) were deleted", refused.Message, StringComparison.Ordinal);
        Assert.Contains("--accept-gap", refused.Message, StringComparison.Ordinal);
        Assert.Equal(1, _store.Read(store => store.ReadCounts().Sessions));
        Assert.Equal((3, 3, 0), Counts(Run(topic, new() { AcceptGap = true })));
        Assert.Contains("3 to 5", Assert.Single(_notes.Gaps), StringComparison.Ordinal);
        Assert.Equal((9, 3), _store.Read(store => store.ReadPartitions().Where(partition => partition.Position.Partition.Partition == 0)
            .Select(partition => (partition.Position.NextOffset, partition.GapRecords)).Single()));
        Run(topic);
    }

    [Fact]
    public void What_was_deleted_before_the_first_run_is_no_gap()
    {
        var topic = kafka.Broker.CreateTopic(1);
        kafka.Broker.Produce(topic, 0, [.. EventLines.Session("S1"), .. EventLines.Session("S2")]);
        kafka.Broker.DeleteBefore(topic, 0, 3);
        Assert.Equal((3, 3, 0), Counts(Run(topic)));
    }

    [Fact]
    public void A_topic_made_anew_is_read_only_when_that_is_asked_for()
    {
        var topic = kafka.Broker.CreateTopic(1);
        kafka.Broker.Produce(topic, 0, [.. EventLines.Session("S1"), .. EventLines.Session("S2")]);
        Run(topic);
        kafka.Broker.DeleteTopic(topic);
        WaitUntil(() => TryCreate(topic));
        kafka.Broker.Produce(topic, 0, [.. EventLines.Session("S2"), .. EventLines.Session("S3"), .. EventLines.Session("S4")]);
        var refused = Assert.Throws<EventLogException>(() => Run(topic));
        Assert.Contains("made anew", refused.Message, StringComparison.Ordinal);
        Assert.Contains("--new-topic", refused.Message, StringComparison.Ordinal);
        Assert.Equal(2, _store.Read(store => store.ReadCounts().Sessions));
        Assert.Equal((9, 6, 0), Counts(Run(topic, new() { NewTopic = true })));
        Assert.Equal(4, _store.Read(store => store.ReadCounts().Final));
        Assert.Equal((0, 0, 0), Counts(Run(topic)));
    }

    [Fact]
    public void A_position_behind_the_end_of_a_partition_is_refused_and_read_again_from_the_start()
    {
        var topic = kafka.Broker.CreateTopic(1);
        kafka.Broker.Produce(topic, 0, [.. EventLines.Session("S1")]);
        Run(topic);
        MovePosition(topic, 99);
        kafka.Broker.Produce(topic, 0, [.. EventLines.Session("S2")]);
        // As if the broker had been set back to an earlier state.
        var refused = Assert.Throws<EventLogException>(() => Run(topic));
        Assert.Contains("--from-start", refused.Message, StringComparison.Ordinal);
        Rewind(topic);
        Assert.Equal((6, 3, 0), Counts(Run(topic)));
    }

    [Fact]
    public void A_time_far_ahead_of_the_records_own_does_not_move_the_event_clock()
    {
        var topic = kafka.Broker.CreateTopic(1);
        var far = EventLines.Line("started", "FAR", 0, 1000).Replace("2026-", "2199-", StringComparison.Ordinal);
        kafka.Broker.Produce(topic, 0, [EventLines.Session("S")[0], far]);
        Run(topic);
        Assert.Equal(["FAR", "S"], _store.Open());
        Assert.Equal(EventLines.StartNs, _store.Read(store => store.ReadPartitions().Single().ClockNs));
    }

    [Fact]
    public void A_topic_that_is_not_there_is_named_with_the_remedy()
    {
        var refused = Assert.Throws<EventLogException>(() => Run("no-such-topic"));
        Assert.Contains("there is no topic no-such-topic", refused.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<KafkaDraft> Keyed(IEnumerable<string> lines) => lines.Select(line => new KafkaDraft(line, line.Split("\"session_id\":\"")[1].Split('"')[0]));

    private static (long Events, long NewEvents, long DeadLetters) Counts(RunCounters counters) => (counters.Events, counters.NewEvents, counters.DeadLetters);

    private RunCounters Run(string topic, KafkaReadOptions? options = null) => _store.Run(store => KafkaEventLog.Open(
        new KafkaTarget(kafka.Broker.BootstrapServers, topic), KafkaSettings.Read([], null, new Dictionary<string, string>()),
        (options ?? new()) with { Group = "evbilling-" + topic }, store, TimeProvider.System, _notes));

    private void Rewind(string topic) => Write(store => store.Rewind("kafka:" + topic));

    private void MovePosition(string topic, long offset) => Write(store =>
    {
        var batch = new CommitBatch();
        var partition = store.ReadPositions().Single(position => position.Partition.Source == "kafka:" + topic).Partition;
        batch.Advance(partition, new(offset, offset, 0));
        Stores.Batches.Commit(store, batch);
    });

    private void Write(Action<IBillStore> write)
    {
        using var store = Storage.Sqlite.SqliteBillStore.Open(_store.Path, TimeProvider.System);
        store.BeginWriting();
        write(store);
    }

    private bool TryCreate(string topic)
    {
        try
        {
            kafka.Broker.CreateTopicNamed(topic);
            return true;
        }
        catch (CreateTopicsException)
        {
            // The old one is not gone yet.
            return false;
        }
    }

    private static void WaitUntil(Func<bool> happened)
    {
        var until = DateTime.UtcNow.AddSeconds(60);
        while (!happened())
        {
            Assert.True(DateTime.UtcNow < until, "it does not happen");
            Thread.Sleep(200);
        }
    }
}
