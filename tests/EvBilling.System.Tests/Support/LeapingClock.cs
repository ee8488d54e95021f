namespace EvBilling.SystemTests.Support;

/// <summary>Every look at it finds an hour gone.</summary>
internal sealed class LeapingClock : TimeProvider
{
    private long _hours;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Interlocked.Increment(ref _hours) * TimeSpan.TicksPerHour;
}
