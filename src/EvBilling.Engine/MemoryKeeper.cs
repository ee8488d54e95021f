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

    /// <summary>Collects where there is enough garbage: the young first, which is quick and mostly enough.</summary>
    public void Collect()
    {
        var garbageBytesMax = Math.Max(heapBytesTarget - _liveBytes, GarbageBytesMin);
        if (GC.GetTotalMemory(false) - _liveBytes <= garbageBytesMax)
        {
            return;
        }
        GC.Collect(1, GCCollectionMode.Forced, blocking: true);
        if (GC.GetTotalMemory(false) - _liveBytes <= garbageBytesMax / 2)
        {
            return;
        }
        CollectAll(isCompacting: false);
        // What large arrays leave behind is seldom used again by smaller ones.
        if (GC.GetGCMemoryInfo(GCKind.FullBlocking).FragmentedBytes > heapBytesTarget / GapsShare)
        {
            GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
            CollectAll(isCompacting: true);
        }
    }

    private void CollectAll(bool isCompacting)
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, isCompacting);
        _liveBytes = GC.GetTotalMemory(false);
    }
}
