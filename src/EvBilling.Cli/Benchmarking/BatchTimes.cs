namespace EvBilling.Cli.Benchmarking;

/// <summary>Times of one operation: the mean of each of many batches, in nanoseconds.</summary>
internal sealed record BatchTimes(long Median, long Min, long Max)
{
    private const int Batches = 21;
    private const long BatchNs = 60_000_000;
    private const long WarmUpNs = 1_500_000_000;

    /// <summary>Runs the operation until it is compiled at its best, then measures it.</summary>
    public static BatchTimes Of(Action operation, CancellationToken stop)
    {
        var warm = ThreadClock.Ns();
        var count = 0L;
        while (ThreadClock.Ns() - warm < WarmUpNs)
        {
            for (var i = 0; i < 64; i++)
            {
                operation();
            }
            count += 64;
            stop.ThrowIfCancellationRequested();
        }
        var perBatch = (int)Math.Clamp(count * BatchNs / WarmUpNs, 16, int.MaxValue);
        var times = new long[Batches];
        for (var batch = 0; batch < Batches; batch++)
        {
            stop.ThrowIfCancellationRequested();
            var begin = ThreadClock.Ns();
            for (var i = 0; i < perBatch; i++)
            {
                operation();
            }
            times[batch] = (ThreadClock.Ns() - begin) / perBatch;
        }
        Array.Sort(times);
        return new(times[Batches / 2], times[0], times[^1]);
    }
}
