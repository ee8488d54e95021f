namespace EvBilling.Kafka;

/// <summary>A topic as the broker describes it.</summary>
/// <param name="ClusterId">The cluster's own id; of a namespace of Event Hubs its host.</param>
/// <param name="TopicId">The topic's own id, another one when it is deleted and made anew; its name where brokers give none, as those of Event Hubs.</param>
/// <param name="Partitions">In order of number.</param>
public sealed record TopicFacts(string ClusterId, string TopicId, IReadOnlyList<PartitionFacts> Partitions)
{
    /// <summary>What tells this topic from another of the same name.</summary>
    public string Incarnation => $"{ClusterId}/{TopicId}";

    /// <summary>The offset after a partition's last record; the greatest number where there is no such partition: nothing lies behind that.</summary>
    public long EndOf(int partition) => Partitions.FirstOrDefault(facts => facts.Partition == partition)?.EndOffset ?? long.MaxValue;
}

/// <summary>What a partition holds.</summary>
/// <param name="Partition">Its number, from 0.</param>
/// <param name="LowOffset">Of the first record that is still there, or would be.</param>
/// <param name="EndOffset">The one after the last record that can be read: those of open transactions cannot yet.</param>
public sealed record PartitionFacts(int Partition, long LowOffset, long EndOffset);
