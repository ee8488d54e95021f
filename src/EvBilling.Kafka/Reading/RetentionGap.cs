using EvBilling.Engine;

namespace EvBilling.Kafka.Reading;

/// <summary>Records that were deleted before they were read.</summary>
public sealed record RetentionGap(LogPartition Partition, long From, long To)
{
    public long Records => To - From;

    public override string ToString() =>
        $"{Partition.Source} partition {Partition.Partition}: the records {From} to {To - 1} ({Records}) were deleted before they were read, by the topic's retention or by hand.";

    public EventLogException Refused() => new(
        $"{this} Their events are missing from bills unless they come again. Lengthen the topic's retention; then give --accept-gap to go on behind the gap, which is counted in the store.");
}
