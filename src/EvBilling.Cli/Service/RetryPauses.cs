namespace EvBilling.Cli.Service;

/// <summary>Growing pauses between attempts: 1 s, 2 s, 4 s, ... 30 s, each up to a quarter shorter, so that workers that failed together do not come back together.</summary>
internal sealed class RetryPauses(Random random)
{
    private const double ShorterMax = 0.25;
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private TimeSpan _next = First;

    public TimeSpan Next()
    {
        var pause = _next;
        _next = TimeSpan.FromTicks(Math.Min(_next.Ticks * 2, Longest.Ticks));
        return pause * (1 - (ShorterMax * random.NextDouble()));
    }

    public void Reset() => _next = First;
}
