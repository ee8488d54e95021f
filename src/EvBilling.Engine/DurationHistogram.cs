namespace EvBilling.Engine;

/// <summary>How many durations fell below each of some bounds. Written by one thread, read by others.</summary>
public sealed class DurationHistogram
{
    private static readonly double[] BoundsS =
        [0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.5, 2, 3, 5, 10, 30, 60, 300, 3600];

    private readonly long[] _counts = new long[BoundsS.Length + 1];
    private long _sumTicks;

    /// <summary>Upper bounds, inclusive, in seconds; one more count holds what is beyond the last.</summary>
    public static IReadOnlyList<double> UpperBoundsS => BoundsS;

    public TimeSpan Sum => TimeSpan.FromTicks(Volatile.Read(ref _sumTicks));

    /// <summary>A count for each bound and one for what is beyond; not summed up.</summary>
    public long[] Counts()
    {
        var counts = new long[_counts.Length];
        for (var i = 0; i < counts.Length; i++)
        {
            counts[i] = Volatile.Read(ref _counts[i]);
        }
        return counts;
    }

    internal void Add(TimeSpan duration)
    {
        var at = Array.BinarySearch(BoundsS, duration.TotalSeconds);
        at = at < 0 ? ~at : at;
        Volatile.Write(ref _counts[at], _counts[at] + 1);
        Volatile.Write(ref _sumTicks, _sumTicks + duration.Ticks);
    }
}
