using System.Runtime;

namespace EvBilling.Engine;

/// <summary>
/// Collects what sessions and bills leave behind. They live for some batches, so that they end among the oldest objects, which the runtime itself would
/// collect only when the machine's memory runs short.
/// </summary>
internal sealed class MemoryKeeper(long heapBytesTarget)
{
    // Collecting costs time by what lives, so that little garbage is never worth it.
    private const long GarbageBytesMin = 16 << 20;

    // Of the target: as much may lie unused between what lives.
    private const int GapsShare = 5;

    private long _liveBytes;

    /// <summary>Collects where there is enough garbage.</summary>
    public void Collect()
    {
        if (GC.GetTotalMemory(false) - _liveBytes > Math.Max(heapBytesTarget - _liveBytes, GarbageBytesMin))
        {
            Collect(isCompacting: false);
            // What large arrays leave behind is seldom used again by smaller ones.
            if (GC.GetGCMemoryInfo(GCKind.FullBlocking).FragmentedBytes > heapBytesTarget / GapsShare)
            {
                GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
                Collect(isCompacting: true);
            }
        }
    }

    private void Collect(bool isCompacting)
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, isCompacting);
        _liveBytes = GC.GetTotalMemory(false);
    }
}
