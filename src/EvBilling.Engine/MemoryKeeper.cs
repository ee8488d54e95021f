namespace EvBilling.Engine;

/// <summary>
/// Collects what sessions and bills leave behind. They live for some batches, so that they end among the oldest objects, which the runtime itself would
/// collect only when the machine's memory runs short.
/// </summary>
internal sealed class MemoryKeeper(long heapBytesTarget)
{
    // Collecting costs time by what lives, so that little garbage is never worth it; and much more than a share of the target is not waited for either.
    private const long GarbageBytesMin = 16 << 20;

    private readonly long _garbageBytesMax = Math.Max(GarbageBytesMin, heapBytesTarget * 3 / 8);
    private long _liveBytes;

    public void Collect()
    {
        if (GC.GetTotalMemory(false) - _liveBytes > Math.Clamp(heapBytesTarget - _liveBytes, GarbageBytesMin, _garbageBytesMax))
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: false);
            _liveBytes = GC.GetTotalMemory(false);
        }
    }
}
