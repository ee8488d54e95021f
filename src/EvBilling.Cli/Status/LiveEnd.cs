using EvBilling.Engine;

namespace EvBilling.Cli.Status;

/// <summary>Where a partition reaches now, as the log itself says.</summary>
/// <param name="BeginOffset">The first record that is still there.</param>
/// <param name="EndOffset">Where the next record will be; null = only reading it all would tell.</param>
internal sealed record LiveEnd(LogPartition Partition, long BeginOffset, long? EndOffset);
