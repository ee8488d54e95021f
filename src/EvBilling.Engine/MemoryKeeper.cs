using System.Runtime;

namespace EvBilling.Engine;

/// <summary>
/// Collects what sessions and bills leave behind. They live for some batches, so that they end among the oldest objects, which the runtime itself would
/// collect only when the machine's memory runs short. The heap is the process's: all who work in one share one of these, from any thread.
/// </summary>
/// <param name="heapBytesTarget">How large the heap is to be kept, in bytes, as far as what lives allows it.</param>
/// <param name="garbageBytesMin">Less is never collected, since that costs time by what lives.</param>
public sealed class MemoryKeeper(long heapBytesTarget, long garbageBytesMin = 16 << 20)
{
    // Of the target: as much may lie unused between what lives.
    private const int GapsShare = 5;

    private readonly Lock _collecting = new();
    private long _liveBytes;

    /// <summary>Collects where there is enough garbage, and nobody is at it.</summary>
    internal void Collect()
    {
        if (!IsDue() || !_collecting.TryEnter())
        {
            return;
        }
        try
        {
            // Another thread may have been quicker.
            if (IsDue())
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
        finally
        {
            _collecting.Exit();
        }
    }

    private bool IsDue()
    {
        var live = Volatile.Read(ref _liveBytes);
        return GC.GetTotalMemory(false) - live > Math.Max(heapBytesTarget - live, garbageBytesMin);
    }

    private void Collect(bool isCompacting)
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, isCompacting);
        Volatile.Write(ref _liveBytes, GC.GetTotalMemory(false));
    }
}
