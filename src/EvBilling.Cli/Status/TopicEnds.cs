using EvBilling.Engine;
using EvBilling.Kafka;
using EvBilling.Kafka.Reading;

namespace EvBilling.Cli.Status;

/// <summary>Asks a topic where its partitions reach.</summary>
internal static class TopicEnds
{
    /// <exception cref="EventLogException">It cannot be described: no broker, no right, no topic.</exception>
    public static IReadOnlyList<LiveEnd> Read(KafkaTarget target, KafkaSettings settings)
    {
        var facts = KafkaAdmin.Describe(target, settings, KafkaAdmin.Patience);
        var topic = new TopicIdentity(target.Topic, facts.ClusterId, facts.TopicId);
        return [.. facts.Partitions.Select(partition => new LiveEnd(topic.Partition(partition.Partition), partition.LowOffset, partition.EndOffset))];
    }
}
