using EvBilling.Engine;

namespace EvBilling.Kafka.Reading;

/// <summary>Is told, on the thread that reads, what becomes of a topic's partitions.</summary>
public interface ITopicListener
{
    /// <summary>They are read here from now on.</summary>
    void Claimed(IReadOnlyList<LogPartition> partitions);

    /// <summary>They are read here no more: they go to another worker, or the log is closed.</summary>
    void GivenUp(IReadOnlyList<LogPartition> partitions);

    /// <summary>Reading goes on behind records that were gone, since that is accepted.</summary>
    void Skipped(RetentionGap gap);

    /// <summary>The end of these is waited for, but the group's member that has them commits nothing to this store.</summary>
    void Stalled(IReadOnlyList<LogPartition> partitions);

    /// <summary>The Kafka library reports something.</summary>
    void Reported(KafkaLogLine line);
}
