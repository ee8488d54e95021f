namespace EvBilling.Engine;

/// <summary>Partitions that go to another worker: what was read of them is committed first.</summary>
internal sealed class Handover(IReadOnlyList<LogPartition> partitions)
{
    public IReadOnlyList<LogPartition> Partitions { get; } = partitions;

    public ManualResetEventSlim Done { get; } = new();
}
