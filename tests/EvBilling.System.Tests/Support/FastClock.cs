namespace EvBilling.SystemTests.Support;

/// <summary>A clock that stands still until a test lets it run, and then runs faster than time.</summary>
internal sealed class FastClock(DateTimeOffset start, int factor) : TimeProvider
{
    private readonly Lock _lock = new();
    private long _ticks;
    private long _runsSince;
    private bool _runs;

    public override DateTimeOffset GetUtcNow() => start.AddTicks(Ticks());

    public override long GetTimestamp() => Ticks();

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        System.CreateTimer(callback, state, dueTime / factor, period < TimeSpan.Zero ? period : period / factor);

    public void PutForward(TimeSpan time)
    {
        lock (_lock)
        {
            _ticks += time.Ticks;
        }
    }

    /// <summary>Runs for that much of its own time.</summary>
    public void Run(TimeSpan time)
    {
        lock (_lock)
        {
            _runsSince = System.GetTimestamp();
            _runs = true;
        }
        Thread.Sleep(time / factor);
        lock (_lock)
        {
            _ticks = Ticks();
            _runs = false;
        }
    }

    private long Ticks()
    {
        lock (_lock)
        {
            return _ticks + (_runs ? System.GetElapsedTime(_runsSince).Ticks * factor : 0);
        }
    }
}

/// <summary>Another's clock; who looks at it while it is held is as if stopped.</summary>
internal sealed class HeldClock(TimeProvider clock) : TimeProvider
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(1);

    private volatile bool _isHeld;

    public override long TimestampFrequency => clock.TimestampFrequency;

    public override DateTimeOffset GetUtcNow()
    {
        Wait();
        return clock.GetUtcNow();
    }

    public override long GetTimestamp()
    {
        Wait();
        return clock.GetTimestamp();
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => clock.CreateTimer(callback, state, dueTime, period);

    public void Hold() => _isHeld = true;

    public void LetGo() => _isHeld = false;

    private void Wait()
    {
        while (_isHeld)
        {
            Thread.Sleep(LookEvery);
        }
    }
}
