namespace EvBilling.Cli.Simulating;

/// <summary>
/// A fixed rate of events: exact on average, since each event has its moment, counted from the first. Who falls behind by more than 100 ms, for the output or the
/// machine stalled, loses that time, so that no burst follows. Pure: the caller looks at the clock.
/// </summary>
internal sealed class Pace(int eventsPerSecond)
{
    /// <summary>The most that is made up for at full speed.</summary>
    public const long CatchUpNsMax = 100_000_000;

    private const long NsPerSecond = 1_000_000_000;

    private bool _isUnderWay;
    private long _secondBeganNs;
    private int _inSecond;

    /// <summary>How long the next event has to wait, in ns; not above 0 = it may go now.</summary>
    /// <param name="nowNs">A monotonic clock.</param>
    public long WaitNs(long nowNs)
    {
        if (!_isUnderWay)
        {
            _isUnderWay = true;
            _secondBeganNs = nowNs;
        }
        var waitNs = _secondBeganNs + (_inSecond * NsPerSecond / eventsPerSecond) - nowNs;
        if (waitNs < -CatchUpNsMax)
        {
            _secondBeganNs += -CatchUpNsMax - waitNs;
            waitNs = -CatchUpNsMax;
        }
        return waitNs;
    }

    /// <summary>An event has gone.</summary>
    public void Count()
    {
        if (++_inSecond == eventsPerSecond)
        {
            _inSecond = 0;
            _secondBeganNs += NsPerSecond;
        }
    }
}
