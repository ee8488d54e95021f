namespace EvBilling.Engine;

/// <summary>How far this run is with a partition.</summary>
internal sealed class PartitionTrack(long beginOffset)
{
    // Records that are worked off well within a second: with no more than that waiting, short batches do no harm.
    private const long BacklogRecordsMin = 50_000;

    // A producer's clock may be ahead of the log's by as much; what is further ahead says nothing of the time.
    private const long ClockAheadNsMax = 3_600L * 1_000_000_000;

    /// <summary>What is read first: all before it is committed.</summary>
    public long BeginOffset { get; } = beginOffset;

    public long NextOffset { get; private set; }

    /// <summary>-1 = not known.</summary>
    public long EndOffset { get; private set; } = -1;

    /// <summary>The newest time of its events; 0 = none yet.</summary>
    public long ClockNs { get; private set; }

    public bool IsCaughtUp => EndOffset >= 0 && NextOffset >= EndOffset;

    public PartitionProgress Progress => new(NextOffset, EndOffset, ClockNs);

    public long Lag => EndOffset < 0 ? 0 : Math.Max(0, EndOffset - NextOffset);

    /// <summary>Whether so little waits that batches may be short; false where that is not known.</summary>
    public static bool IsNearEnd(IEnumerable<PartitionTrack> tracks)
    {
        var lag = 0L;
        foreach (var track in tracks)
        {
            if (track.EndOffset < 0)
            {
                return false;
            }
            lag += track.Lag;
        }
        return lag <= BacklogRecordsMin;
    }

    public void Advance(long nextOffset, long endOffset)
    {
        NextOffset = nextOffset;
        EndOffset = endOffset;
    }

    /// <summary>An event's time counts for the clock, unless it is far ahead of when the log says that it was written.</summary>
    public bool Clock(long eventTimeNs, long writtenAtUnixMs)
    {
        if (writtenAtUnixMs > 0 && eventTimeNs > (writtenAtUnixMs * 1_000_000) + ClockAheadNsMax)
        {
            return false;
        }
        ClockNs = Math.Max(ClockNs, eventTimeNs);
        return true;
    }
}
