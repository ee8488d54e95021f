using EvBilling.Engine;
using EvBilling.Kafka;
using EvBilling.SystemTests.Servers;

namespace EvBilling.SystemTests.Kafka;

/// <summary>Topics as a real broker describes and makes them.</summary>
public sealed class KafkaAdminTests(SharedKafka kafka)
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(5);

    [Fact]
    public void A_topic_is_described_with_ids_and_the_ends_of_each_partition()
    {
        var target = new KafkaTarget(kafka.Broker.BootstrapServers, kafka.Broker.CreateTopic(partitions: 12));
        kafka.Broker.Produce(target.Topic, 10, "a", "b", "c");
        var facts = KafkaAdmin.Describe(target, KafkaSettings.None, KafkaAdmin.Patience);
        Assert.Equal(Enumerable.Range(0, 12).Select(number => new PartitionFacts(number, 0, number == 10 ? 3 : 0)), facts.Partitions);
        Assert.NotEmpty(facts.ClusterId);
        Assert.NotEqual(target.Topic, facts.TopicId);
        Assert.Equal(facts.Incarnation, KafkaAdmin.Describe(target, KafkaSettings.None, KafkaAdmin.Patience).Incarnation);
    }

    [Fact]
    public async Task Records_that_were_deleted_move_the_low_end()
    {
        var target = new KafkaTarget(kafka.Broker.BootstrapServers, kafka.Broker.CreateTopic());
        kafka.Broker.Produce(target.Topic, 0, "a", "b", "c");
        using (var admin = kafka.Broker.Admin())
        {
            await admin.DeleteRecordsAsync([new(target.Topic, 0, 2)]);
        }
        Assert.Equal([new(0, 2, 3)], KafkaAdmin.Describe(target, KafkaSettings.None, KafkaAdmin.Patience).Partitions);
    }

    [Fact]
    public void A_topic_that_is_deleted_and_made_anew_is_another()
    {
        var target = new KafkaTarget(kafka.Broker.BootstrapServers, kafka.Broker.CreateTopic());
        var first = KafkaAdmin.Describe(target, KafkaSettings.None, KafkaAdmin.Patience);
        kafka.Broker.DeleteTopic(target.Topic);
        Assert.True(KafkaAdmin.CreateTopic(target, KafkaSettings.None, 1, compacted: false, KafkaAdmin.Patience));
        var second = KafkaAdmin.Describe(target, KafkaSettings.None, KafkaAdmin.Patience);
        Assert.Equal(first.ClusterId, second.ClusterId);
        Assert.NotEqual(first.Incarnation, second.Incarnation);
    }

    [Fact]
    public async Task A_topic_is_made_once_and_one_that_is_there_stays_as_it_is()
    {
        var target = new KafkaTarget(kafka.Broker.BootstrapServers, $"made-{Guid.NewGuid():N}");
        Assert.True(KafkaAdmin.CreateTopic(target, KafkaSettings.None, 3, compacted: true, KafkaAdmin.Patience));
        Assert.False(KafkaAdmin.CreateTopic(target, KafkaSettings.None, 5, compacted: false, KafkaAdmin.Patience));
        Assert.Equal(3, KafkaAdmin.Describe(target, KafkaSettings.None, KafkaAdmin.Patience).Partitions.Count);
        using var admin = kafka.Broker.Admin();
        var configuration = (await admin.DescribeConfigsAsync([new() { Type = Confluent.Kafka.Admin.ResourceType.Topic, Name = target.Topic }])).Single();
        Assert.Equal("compact", configuration.Entries["cleanup.policy"].Value);
    }

    [Fact]
    public void Several_that_make_the_same_topic_at_once_make_one()
    {
        var target = new KafkaTarget(kafka.Broker.BootstrapServers, $"made-{Guid.NewGuid():N}");
        var made = new bool[6];
        Parallel.For(0, made.Length, i => made[i] = KafkaAdmin.CreateTopic(target, KafkaSettings.None, 1, compacted: false, KafkaAdmin.Patience));
        Assert.Single(made, isMade => isMade);
    }

    [Fact]
    public void A_topic_that_is_not_there_is_said_and_not_made()
    {
        var target = new KafkaTarget(kafka.Broker.BootstrapServers, $"missing-{Guid.NewGuid():N}");
        for (var i = 0; i < 2; i++)
        {
            var message = Assert.Throws<EventLogException>(() => KafkaAdmin.Describe(target, KafkaSettings.None, KafkaAdmin.Patience)).Message;
            Assert.Equal($"{target}: there is no topic {target.Topic} (or no right to see it); make it, or name another.", message);
        }
    }

    [Fact]
    public void A_topic_with_a_wrong_number_of_partitions_is_refused_by_the_broker_in_a_sentence()
    {
        var target = new KafkaTarget(kafka.Broker.BootstrapServers, $"wrong-{Guid.NewGuid():N}");
        Assert.Contains("refuses a topic like that", Assert.Throws<EventLogException>(() => KafkaAdmin.CreateTopic(target, KafkaSettings.None, 0, compacted: false, Short)).Message);
    }

    [Fact]
    public void A_broker_that_is_not_there_is_said()
    {
        var target = new KafkaTarget($"127.0.0.1:{FreePorts.Next()}", "topic");
        var message = Assert.Throws<EventLogException>(() => KafkaAdmin.Describe(target, KafkaSettings.None, TimeSpan.FromSeconds(1))).Message;
        Assert.StartsWith($"{target}: no broker answers (", message);
        Assert.Contains("Connection refused", message);
    }

    [Fact]
    public void A_host_that_nobody_knows_is_said()
    {
        var target = new KafkaTarget("no-such-host.invalid:9092", "topic");
        var message = Assert.Throws<EventLogException>(() => KafkaAdmin.Describe(target, KafkaSettings.None, TimeSpan.FromSeconds(2))).Message;
        Assert.StartsWith($"{target}: no broker answers (", message);
        Assert.Contains("no-such-host.invalid", message);
    }
}
