using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace EvBilling.SystemTests.Servers;

/// <summary>A record to write; a null partition is the producer's choice by the key.</summary>
internal sealed record KafkaDraft(string? Value, string? Key = null, int? Partition = null);

/// <summary>A record that was read.</summary>
internal sealed record KafkaRead(int Partition, long Offset, string? Key, string? Value);

/// <summary>What tests do with a broker beside what they test.</summary>
internal static class KafkaTopics
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static int _topics;

    /// <summary>Makes a topic that no other test uses.</summary>
    /// <param name="configuration">NAME=VALUE, such as cleanup.policy=compact.</param>
    /// <returns>Its name.</returns>
    public static string CreateTopic(this KafkaBroker broker, int partitions = 1, params string[] configuration) =>
        broker.CreateTopicNamed($"topic-{Interlocked.Increment(ref _topics)}-{Guid.NewGuid():N}", partitions, configuration);

    /// <summary>Makes the topic of that name; a test that makes one anew deletes it first.</summary>
    public static string CreateTopicNamed(this KafkaBroker broker, string topic, int partitions = 1, params string[] configuration)
    {
        using var admin = broker.Admin();
        var specification = new TopicSpecification
        {
            Name = topic,
            NumPartitions = partitions,
            ReplicationFactor = 1,
            Configs = configuration.Select(setting => setting.Split('=', 2)).ToDictionary(setting => setting[0], setting => setting[1]),
        };
        admin.CreateTopicsAsync([specification]).GetAwaiter().GetResult();
        return topic;
    }

    public static void DeleteTopic(this KafkaBroker broker, string topic)
    {
        using var admin = broker.Admin();
        admin.DeleteTopicsAsync([topic]).GetAwaiter().GetResult();
    }

    /// <summary>Deletes a partition's records before an offset, as the topic's retention does.</summary>
    public static void DeleteBefore(this KafkaBroker broker, string topic, int partition, long offset)
    {
        using var admin = broker.Admin();
        admin.DeleteRecordsAsync([new TopicPartitionOffset(topic, partition, offset)]).GetAwaiter().GetResult();
    }

    /// <summary>Makes a topic under the name of one that was just deleted: the broker forgets that one a moment after it says so.</summary>
    public static void CreateTopicAnew(this KafkaBroker broker, string topic, int partitions)
    {
        var waiting = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                broker.CreateTopicNamed(topic, partitions);
                return;
            }
            catch (CreateTopicsException) when (waiting.Elapsed < Patience)
            {
                Thread.Sleep(100);
            }
        }
    }

    /// <summary>An administrator without any security.</summary>
    public static IAdminClient Admin(this KafkaBroker broker) =>
        new AdminClientBuilder(new AdminClientConfig { BootstrapServers = broker.BootstrapServers }).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();

    /// <summary>Writes values without keys to one partition.</summary>
    public static void Produce(this KafkaBroker broker, string topic, int partition, params string?[] values) =>
        broker.Produce(topic, values.Select(value => new KafkaDraft(value, Partition: partition)));

    /// <summary>Writes records in their order, and waits until the broker has all of them.</summary>
    public static void Produce(this KafkaBroker broker, string topic, IEnumerable<KafkaDraft> records)
    {
        var configuration = new ProducerConfig
        {
            BootstrapServers = broker.BootstrapServers,
            EnableIdempotence = true,
            LingerMs = 5,
            Partitioner = Partitioner.Murmur2Random,
            QueueBufferingMaxMessages = 1_000_000,
        };
        using var producer = new ProducerBuilder<byte[]?, byte[]?>(configuration).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        Error? failure = null;
        foreach (var record in records)
        {
            var message = new Message<byte[]?, byte[]?> { Key = Bytes(record.Key), Value = Bytes(record.Value) };
            producer.Produce(new TopicPartition(topic, record.Partition ?? Partition.Any), message, report => failure ??= report.Error.IsError ? report.Error : null);
        }
        Assert.Equal(0, producer.Flush(Patience));
        Assert.Null(failure);
    }

    /// <summary>All that the topic holds now, in order of partition and offset.</summary>
    public static List<KafkaRead> ReadAll(this KafkaBroker broker, string topic)
    {
        using var admin = broker.Admin();
        var partitions = admin.GetMetadata(topic, Patience).Topics.Single().Partitions;
        var configuration = new ConsumerConfig
        {
            BootstrapServers = broker.BootstrapServers,
            GroupId = "reader-of-all",
            EnableAutoCommit = false,
            EnablePartitionEof = true,
            IsolationLevel = IsolationLevel.ReadCommitted,
        };
        using var consumer = new ConsumerBuilder<byte[]?, byte[]?>(configuration).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        consumer.Assign(partitions.Select(partition => new TopicPartitionOffset(topic, partition.PartitionId, Offset.Beginning)));
        var read = new List<KafkaRead>();
        for (var open = partitions.Count; open > 0;)
        {
            var result = consumer.Consume(Patience);
            Assert.NotNull(result);
            if (result.IsPartitionEOF)
            {
                open--;
            }
            else
            {
                read.Add(new(result.Partition.Value, result.Offset.Value, Text(result.Message.Key), Text(result.Message.Value)));
            }
        }
        return [.. read.OrderBy(record => record.Partition).ThenBy(record => record.Offset)];
    }

    private static byte[]? Bytes(string? text) => text is null ? null : Encoding.UTF8.GetBytes(text);

    private static string? Text(byte[]? bytes) => bytes is null ? null : Encoding.UTF8.GetString(bytes);
}
