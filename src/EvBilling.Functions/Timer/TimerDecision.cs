using NodaTime;
using NodaTime.Text;

namespace EvBilling.Functions.Timer;

/// <summary>
/// What a tick of the timer asks for. The schedule acts only when its number has changed since the last tick, so that a number set by hand holds until the schedule's next
/// change; the brake acts at every tick.
/// </summary>
internal sealed class TimerDecision
{
    /// <summary>The host may fire a little early, and may keep the planned time or the real one: what changes within this has changed, and belongs to this tick and not to the next.</summary>
    private static readonly Duration Early = Duration.FromSeconds(2);

    private readonly int _planned;
    private readonly Instant? _changedAt;
    private readonly bool _scheduleActs;
    private readonly LagBrake? _brake;
    private readonly long? _lagRecords;

    /// <param name="last">The tick before; null = not known, and then the schedule acts.</param>
    /// <param name="lagRecords">Null = not known, and then the brake neither holds nor releases.</param>
    public TimerDecision(Schedule schedule, LagBrake? brake, Instant? last, Instant now, long? lagRecords)
    {
        _planned = schedule.ReplicasAt(now + Early);
        _changedAt = schedule.LastChange(now + Early);
        _scheduleActs = last is null || last < NodaConstants.UnixEpoch || (_changedAt is { } changedAt && changedAt - Early > last);
        (_brake, _lagRecords) = (brake, lagRecords);
    }

    /// <summary>Whether the cluster need be asked at all.</summary>
    public bool HasNothingToSay => !_scheduleActs && (_brake is null || _lagRecords is null);

    /// <summary>The replicas to ask for, where so many are asked for.</summary>
    /// <returns>And why, for the log.</returns>
    public (int Replicas, string Why) For(int desired)
    {
        var (replicas, why) = _scheduleActs ? (_planned, ScheduleReason()) : (desired, "nothing has changed");
        if (_brake is null || _lagRecords is not { } lag)
        {
            return (replicas, why);
        }
        if (!_scheduleActs && desired < _planned && _brake.Releases(desired, lag))
        {
            (replicas, why) = (_planned, $"the lag is {lag} records, back to the schedule");
        }
        return _brake.MostAt(lag) is var most && most < replicas ? (most, $"the lag is {lag} records") : (replicas, why);
    }

    private string ScheduleReason() => _changedAt is { } at ? $"the schedule since {InstantPattern.General.Format(at)}" : "the schedule, always";
}
