using EvBilling.Simulator;
using NodaTime;

namespace EvBilling.Cli.Simulating;

/// <summary>Hands events to an output when their time has come: by a rate, by the wall clock, or both. Not for several threads.</summary>
/// <param name="output">Takes them.</param>
/// <param name="pace">The rate; null = none.</param>
/// <param name="isLive">Whether an event waits until the clock shows its time of arrival.</param>
/// <param name="clock">Both clocks: the wall's, and a monotonic one.</param>
/// <param name="stop">Ends a wait; the event that waited is not handed over.</param>
internal sealed class TimedSink(IEventOutput output, Pace? pace, bool isLive, TimeProvider clock, CancellationToken stop) : IEventSink
{
    private const long NsPerSecond = 1_000_000_000;
    private const long NsPerMs = 1_000_000;

    private static readonly TimeSpan IdleEvery = TimeSpan.FromSeconds(1);

    /// <summary>Of the event last handed over, in UTF-8 with a line end each.</summary>
    public long Bytes { get; private set; }

    public void Accept(in SimulatedEvent simulated)
    {
        if (isLive)
        {
            WaitForArrival(simulated.ArrivesAt);
        }
        if (pace is not null)
        {
            WaitForTurn(pace, simulated.ArrivesAt);
        }
        if (!stop.IsCancellationRequested)
        {
            output.Write(simulated);
            Bytes += simulated.Json.Length + 1;
        }
    }

    private void WaitForArrival(Instant arrivesAt)
    {
        var arrives = arrivesAt.ToDateTimeOffset();
        while (!stop.IsCancellationRequested && arrives - clock.GetUtcNow() is var left && left > TimeSpan.Zero)
        {
            output.Idle(arrivesAt);
            Sleep(left < IdleEvery ? left : IdleEvery);
        }
    }

    private void WaitForTurn(Pace rate, Instant arrivesAt)
    {
        // Sleeping takes a millisecond at least, so that what is due within one goes now.
        while (!stop.IsCancellationRequested && rate.WaitNs(NowNs()) is var leftNs && leftNs >= NsPerMs)
        {
            output.Idle(arrivesAt);
            var left = TimeSpan.FromMilliseconds(leftNs / NsPerMs);
            Sleep(left < IdleEvery ? left : IdleEvery);
        }
        rate.Count();
    }

    private long NowNs() => (long)((Int128)clock.GetTimestamp() * NsPerSecond / clock.TimestampFrequency);

    private void Sleep(TimeSpan time)
    {
        try
        {
            Task.Delay(time, clock, stop).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            // The caller looks.
        }
    }
}
