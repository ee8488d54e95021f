using EvBilling.Engine;
using EvBilling.Kafka;
using EvBilling.Kafka.Reading;

namespace EvBilling.SystemTests.Kafka;

/// <summary>Notes down what becomes of a topic's partitions.</summary>
internal sealed class TopicNotes : ITopicListener
{
    public List<string> Gaps { get; } = [];

    /// <summary>Numbers of partitions that were claimed (+) and given up (-).</summary>
    public List<string> Moves { get; } = [];

    public void Claimed(IReadOnlyList<LogPartition> partitions) => Moves.AddRange(partitions.Select(partition => $"+{partition.Partition}"));

    public void GivenUp(IReadOnlyList<LogPartition> partitions) => Moves.AddRange(partitions.Select(partition => $"-{partition.Partition}"));

    public void Skipped(RetentionGap gap) => Gaps.Add(gap.ToString());

    public void Stalled(IReadOnlyList<LogPartition> partitions) => Moves.AddRange(partitions.Select(partition => $"?{partition.Partition}"));

    public void Reported(KafkaLogLine line)
    {
        // What the library says is no part of what is tested.
    }
}
