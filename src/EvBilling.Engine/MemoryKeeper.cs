namespace EvBilling.Engine;

/// <summary>
/// Collects what sessions and bills leave behind. They live for some batches, so that they end among the oldest objects, which the runtime itself would
/// collect only when the machine's memory runs short.
/// </summary>
internal sealed class MemoryKeeper(long garbageBytesMax)
{
    private long _liveBytes;

    public void Collect()
    {
        if (GC.GetTotalMemory(false) - _liveBytes > garbageBytesMax)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: false);
            _liveBytes = GC.GetTotalMemory(false);
        }
    }
}
