using EvBilling.Engine;

namespace EvBilling.Kafka.Reading;

/// <summary>How far a partition that this worker has was polled.</summary>
internal sealed class PartitionCursor(LogPartition partition)
{
    public LogPartition Partition { get; } = partition;

    /// <summary>-1 = from the start, which is not known yet.</summary>
    public long NextOffset { get; set; } = -1;

    /// <summary>Where it ends, as far as is known; -1 = not known.</summary>
    public long EndOffset { get; set; } = -1;
}
