using System.Text;
using EvBilling.Cli.Simulating;
using EvBilling.Engine;
using EvBilling.Kafka;
using EvBilling.Kafka.Producing;
using EvBilling.Simulator;
using EvBilling.SystemTests.Servers;

namespace EvBilling.SystemTests.Kafka.Producing;

/// <summary>Events into a topic of a real broker.</summary>
public sealed class TopicWriterTests(SharedKafka kafka)
{
    private const int Partitions = 8;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Values that Apache Kafka's own tests have.</summary>
    [Theory]
    [InlineData("21", -973932308)]
    [InlineData("foobar", -790332482)]
    [InlineData("a-little-bit-long-string", -985981536)]
    [InlineData("a-little-bit-longer-string", -1486304829)]
    [InlineData("abc", 479470107)]
    public void The_hash_that_partitions_are_compared_with_is_that_of_the_Java_client(string text, int hash) => Assert.Equal(hash, Murmur2(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Each_event_is_there_once_under_its_session_in_order_in_the_partition_that_the_Java_client_would_choose()
    {
        var topic = kafka.Broker.CreateTopic(Partitions);
        var options = new SimulationOptions { Stations = 300, Hours = 12, Faults = FaultProfile.Field };
        using (var output = new TopicOutput(Target(topic), KafkaSettings.None, CancellationToken.None))
        {
            var summary = new FleetSimulation(options).Run(new TimedSink(output, null, isLive: false, TimeProvider.System, CancellationToken.None), cancellation: TestContext.Current.CancellationToken);
            output.Finish(isStopped: false);
            Assert.Equal(summary.Events, output.Events);
        }
        var records = kafka.Broker.ReadAll(topic);
        var fleet = new UndisturbedFleet(options);
        Assert.Equal(fleet.Events.Select(e => e.Line).Order(StringComparer.Ordinal), records.Select(record => record.Value!).Order(StringComparer.Ordinal));
        Assert.All(records, record => Assert.Equal((Murmur2(Encoding.UTF8.GetBytes(record.Key!)) & int.MaxValue) % Partitions, record.Partition));
        var bySession = fleet.Events.ToLookup(e => e.SessionId, e => e.Line);
        Assert.All(records.GroupBy(record => record.Key!), session => Assert.Equal(bySession[session.Key], session.Select(record => record.Value!)));
        Assert.Equal(Partitions, records.Select(record => record.Partition).Distinct().Count());
    }

    [Fact]
    public void What_is_not_acknowledged_is_not_counted_and_a_mark_tells_when_all_before_it_is()
    {
        var topic = kafka.Broker.CreateTopic(2);
        using var writer = new TopicWriter(Target(topic), KafkaSettings.Read(["linger.ms=300"], null, new Dictionary<string, string>()));
        Assert.True(writer.Write("k"u8, "first"u8, CancellationToken.None));
        var mark = writer.Mark();
        Assert.Equal((1L, 0L, false), (writer.Written, writer.Acknowledged, mark.IsAcknowledged));
        Assert.True(writer.Flush(Patience, CancellationToken.None));
        Assert.Equal((1L, true), (writer.Acknowledged, mark.IsAcknowledged));
        Assert.True(writer.Write("k"u8, "second"u8, CancellationToken.None));
        var later = writer.Mark();
        Assert.Equal((true, false), (mark.IsAcknowledged, later.IsAcknowledged));
        Assert.True(writer.Flush(Patience, CancellationToken.None));
        Assert.True(later.IsAcknowledged);
    }

    [Fact]
    public void A_full_queue_makes_the_writer_wait_and_loses_nothing()
    {
        var topic = kafka.Broker.CreateTopic(2);
        var settings = KafkaSettings.Read(["queue.buffering.max.messages=50", "linger.ms=20"], null, new Dictionary<string, string>());
        using (var writer = new TopicWriter(Target(topic), settings))
        {
            for (var at = 0; at < 2_000; at++)
            {
                Assert.True(writer.Write(Encoding.UTF8.GetBytes($"k{at % 7}"), Encoding.UTF8.GetBytes($"{at}"), CancellationToken.None));
            }
            Assert.True(writer.Flush(Patience, CancellationToken.None));
        }
        var records = kafka.Broker.ReadAll(topic);
        Assert.Equal(Enumerable.Range(0, 2_000).Select(at => $"{at}").Order(), records.Select(record => record.Value!).Order());
        Assert.All(records.GroupBy(record => record.Key), session => Assert.Equal(session.Select(r => int.Parse(r.Value!)).Order(), session.Select(r => int.Parse(r.Value!))));
    }

    [Fact]
    public void A_writer_without_room_gives_way_to_a_cancellation()
    {
        var topic = kafka.Broker.CreateTopic();
        var settings = KafkaSettings.Read(["queue.buffering.max.messages=1", "linger.ms=60000"], null, new Dictionary<string, string>());
        using var writer = new TopicWriter(Target(topic), settings);
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        Assert.True(writer.Write("k"u8, "first"u8, stop.Token));
        Assert.False(writer.Write("k"u8, "second"u8, stop.Token));
        Assert.Equal(1, writer.Written);
    }

    [Fact]
    public void A_record_that_the_broker_refuses_ends_the_writing_with_a_sentence()
    {
        var topic = kafka.Broker.CreateTopic(1, "max.message.bytes=300");
        using var writer = new TopicWriter(Target(topic), KafkaSettings.None);
        Assert.True(writer.Write("k"u8, new byte[1_000], CancellationToken.None));
        var mark = writer.Mark();
        var refused = Assert.Throws<EventLogException>(() => writer.Flush(Patience, CancellationToken.None));
        Assert.Contains("a record is larger than the broker", refused.Message, StringComparison.Ordinal);
        Assert.Throws<EventLogException>(() => writer.Write("k"u8, "x"u8, CancellationToken.None));
        Assert.Equal((0L, false), (writer.Acknowledged, mark.IsAcknowledged));
    }

    [Fact]
    public void A_topic_that_is_deleted_meanwhile_is_not_made_anew_but_ends_the_writing()
    {
        var topic = kafka.Broker.CreateTopic(2);
        var settings = KafkaSettings.Read(["topic.metadata.propagation.max.ms=500", "topic.metadata.refresh.interval.ms=500", "message.timeout.ms=4000"], null, new Dictionary<string, string>());
        using var writer = new TopicWriter(Target(topic), settings);
        Assert.True(writer.Write("k"u8, "first"u8, CancellationToken.None));
        Assert.True(writer.Flush(Patience, CancellationToken.None));
        kafka.Broker.DeleteTopic(topic);
        var refused = Assert.Throws<EventLogException>(() =>
        {
            for (var at = 0; at < 1_000; at++)
            {
                Assert.True(writer.Write("k"u8, "x"u8, CancellationToken.None));
                Thread.Sleep(20);
            }
        });
        Assert.Contains(topic, refused.Message, StringComparison.Ordinal);
    }

    private KafkaTarget Target(string topic) => new(kafka.Broker.BootstrapServers, topic);

    /// <summary>MurmurHash2 of 32 bits with the seed of Apache Kafka's Java client.</summary>
    private static int Murmur2(ReadOnlySpan<byte> data)
    {
        const uint Multiplier = 0x5bd1e995;
        const int Shift = 24;
        unchecked
        {
            var hash = 0x9747b28c ^ (uint)data.Length;
            for (; data.Length >= 4; data = data[4..])
            {
                var word = System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(data) * Multiplier;
                hash = (hash * Multiplier) ^ ((word ^ (word >> Shift)) * Multiplier);
            }
            if (data.Length > 0)
            {
                for (var at = data.Length - 1; at >= 0; at--)
                {
                    hash ^= (uint)data[at] << (8 * at);
                }
                hash *= Multiplier;
            }
            hash = (hash ^ (hash >> 13)) * Multiplier;
            return (int)(hash ^ (hash >> 15));
        }
    }
}
