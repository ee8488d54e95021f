using EvBilling.Functions;
using EvBilling.Functions.Scaling;
using EvBilling.Functions.Timer;
using NodaTime;
using NodaTime.Text;

namespace EvBilling.SystemTests.Functions;

/// <summary>What schedule and lag ask for, as pure decisions.</summary>
public sealed class ScheduleTests
{
    private static readonly ReplicaBounds Bounds = new(0, 16);
    private static readonly LagBrake Brake = LagBrake.Parse("LAG", "100000:8; 500000:4; 2000000:0", Bounds);

    [Theory]
    [InlineData("2026-11-23T05:59:59Z", 0)] // Monday, 06:59:59 in Berlin
    [InlineData("2026-11-23T06:00:00Z", 8)]
    [InlineData("2026-11-23T17:59:59Z", 8)]
    [InlineData("2026-11-23T18:00:00Z", 0)]
    [InlineData("2026-11-28T09:00:00Z", 2)] // Saturday
    [InlineData("2026-11-28T21:00:00Z", 5)] // Saturday night, over midnight to Sunday 06:00
    [InlineData("2026-11-29T04:59:59Z", 5)]
    [InlineData("2026-11-29T05:00:00Z", 0)]
    [InlineData("2026-07-06T05:00:00Z", 8)] // Monday in summer: 07:00 in Berlin
    public void The_number_is_that_of_the_first_entry_in_force(string at, int replicas) =>
        Assert.Equal(replicas, Parse("Mon-Fri 07:00-19:00 Europe/Berlin 8; Sat 09:00-17:00 Europe/Berlin 2; Sat 22:00-06:00 Europe/Berlin 5; else 0").ReplicasAt(At(at)));

    [Theory]
    // Spring, 2026-03-29: 02:00 to 03:00 does not exist; what lies in it begins or ends with the shift, at 01:00Z.
    [InlineData("Sun 02:30-04:00 Europe/Berlin 3; else 0", "2026-03-29T00:59:59Z", 0)]
    [InlineData("Sun 02:30-04:00 Europe/Berlin 3; else 0", "2026-03-29T01:00:00Z", 3)]
    [InlineData("Sun 02:30-04:00 Europe/Berlin 3; else 0", "2026-03-29T02:00:00Z", 0)]
    [InlineData("Sun 01:00-02:30 Europe/Berlin 3; else 0", "2026-03-29T00:59:59Z", 3)]
    [InlineData("Sun 01:00-02:30 Europe/Berlin 3; else 0", "2026-03-29T01:00:00Z", 0)]
    [InlineData("Sun 02:15-02:45 Europe/Berlin 3; else 0", "2026-03-29T01:00:00Z", 0)]
    // Autumn, 2026-10-25: 02:00 to 03:00 comes twice, from 00:00Z and from 01:00Z; from its first start to its last end without a break.
    [InlineData("Sun 02:30-02:45 Europe/Berlin 3; else 0", "2026-10-25T00:29:59Z", 0)]
    [InlineData("Sun 02:30-02:45 Europe/Berlin 3; else 0", "2026-10-25T00:30:00Z", 3)]
    [InlineData("Sun 02:30-02:45 Europe/Berlin 3; else 0", "2026-10-25T01:00:00Z", 3)]
    [InlineData("Sun 02:30-02:45 Europe/Berlin 3; else 0", "2026-10-25T01:44:59Z", 3)]
    [InlineData("Sun 02:30-02:45 Europe/Berlin 3; else 0", "2026-10-25T01:45:00Z", 0)]
    public void A_shift_of_the_clock_neither_loses_nor_doubles_an_entry(string schedule, string at, int replicas) =>
        Assert.Equal(replicas, Parse(schedule).ReplicasAt(At(at)));

    [Theory]
    [InlineData("Mon-Fri 07:00-19:00 Europe/Berlin 8; else 0", "2026-11-23T12:00:00Z", "2026-11-23T06:00:00Z")]
    [InlineData("Mon-Fri 07:00-19:00 Europe/Berlin 8; else 0", "2026-11-22T12:00:00Z", "2026-11-20T18:00:00Z")]
    [InlineData("Mon 07:00-19:00 Europe/Berlin 8; else 0", "2026-11-30T05:00:00Z", "2026-11-23T18:00:00Z")]
    // Where two entries with the same number meet, nothing changes.
    [InlineData("Mon 07:00-12:00 Europe/Berlin 8; Mon 12:00-19:00 Europe/Berlin 8; else 0", "2026-11-23T12:00:00Z", "2026-11-23T06:00:00Z")]
    [InlineData("daily 00:00-24:00 Europe/Berlin 8; else 0", "2026-11-23T12:00:00Z", null)]
    [InlineData("else 5", "2026-11-23T12:00:00Z", null)]
    public void The_last_change_is_found(string schedule, string at, string? change) =>
        Assert.Equal(change is null ? null : At(change), Parse(schedule).LastChange(At(at)));

    [Theory]
    // Ticks around the change at 06:00Z.
    [InlineData("2026-11-23T05:58:00Z", "2026-11-23T05:59:00Z", 3, 3)]
    [InlineData("2026-11-23T05:59:00Z", "2026-11-23T06:00:00Z", 3, 8)]
    [InlineData("2026-11-23T06:00:00Z", "2026-11-23T06:01:00Z", 3, 3)]
    // Fired a second early, and a second late: the change belongs to that tick alone.
    [InlineData("2026-11-23T05:59:00Z", "2026-11-23T05:59:59Z", 3, 8)]
    [InlineData("2026-11-23T05:59:59Z", "2026-11-23T06:01:00Z", 3, 3)]
    [InlineData("2026-11-23T06:00:01Z", "2026-11-23T06:01:00Z", 3, 3)]
    [InlineData("9999-12-31T23:59:59Z", "2026-11-23T06:01:00Z", 3, 3)]
    // Past due: the present thing, of all changes that were missed.
    [InlineData("2026-11-20T06:00:00Z", "2026-11-23T18:30:00Z", 3, 0)]
    // A timer that has never fired, and a host that does not say.
    [InlineData("0001-01-01T00:00:00Z", "2026-11-23T12:00:00Z", 3, 8)]
    [InlineData(null, "2026-11-23T12:00:00Z", 3, 8)]
    public void The_schedule_acts_when_it_has_changed_since_the_last_tick_and_else_leaves_the_number_alone(string? last, string now, int desired, int replicas) =>
        Assert.Equal(replicas, new TimerDecision(Parse("Mon-Fri 07:00-19:00 Europe/Berlin 8; else 0"), null, last is null ? null : At(last), At(now), null).For(desired).Replicas);

    [Theory]
    [InlineData(12, 0, 12)]
    [InlineData(12, 99_999, 12)]
    [InlineData(12, 100_000, 8)]
    [InlineData(12, 700_000, 4)]
    [InlineData(12, 5_000_000, 0)]
    [InlineData(3, 700_000, 3)] // Below the step already.
    [InlineData(8, 60_000, 8)] // Not released before the half.
    [InlineData(8, 49_999, 16)]
    [InlineData(4, 240_000, 8)] // Step by step.
    [InlineData(0, 10, 16)]
    [InlineData(5, 10, 5)] // Set by hand: no number of the brake's.
    public void The_brake_holds_the_fleet_while_the_lag_is_large_and_releases_what_it_has_held(int desired, long lag, int replicas)
    {
        var now = At("2026-11-23T12:00:00Z");
        Assert.Equal(replicas, new TimerDecision(Parse("else 16"), Brake, now - Duration.FromMinutes(1), now, lag).For(desired).Replicas);
    }

    [Fact]
    public void A_schedule_s_change_under_lag_is_held_back_and_without_a_known_lag_it_is_not()
    {
        var (last, now) = (At("2026-11-23T05:59:30Z"), At("2026-11-23T06:00:30Z"));
        var schedule = Parse("Mon-Fri 07:00-19:00 Europe/Berlin 12; else 0");
        Assert.Equal(4, new TimerDecision(schedule, Brake, last, now, 600_000).For(0).Replicas);
        Assert.Equal(12, new TimerDecision(schedule, Brake, last, now, null).For(0).Replicas);
        Assert.True(new TimerDecision(schedule, Brake, now, now + Duration.FromMinutes(1), null).HasNothingToSay);
    }

    [Theory]
    [InlineData("# TYPE evbilling_partition_lag_records gauge\nevbilling_partition_lag_records{partition=\"0\"} 5\nevbilling_partition_lag_records{partition=\"1\"} 1.2e3 1700000000\n", 1205L)]
    [InlineData("# TYPE evbilling_partition_lag_records gauge\n", 0L)]
    [InlineData("evbilling_partition_lag_records 7\r\n", 7L)]
    [InlineData("evbilling_partition_lag_records_total 7\n", null)]
    [InlineData("evbilling_partition_lag_records{partition=\"0\"} NaN\n", null)]
    [InlineData("<html>", null)]
    [InlineData("", null)]
    public void The_lag_is_read_from_metrics(string metrics, long? lag) => Assert.Equal(lag, LagText.Sum(metrics));

    [Theory]
    [InlineData("2026-11-24T07:00:00Z", "2026-11-24T07:00:00Z")]
    [InlineData("2026-11-24T07:00:00.1234567+01:00", "2026-11-24T06:00:00.1234567Z")]
    [InlineData("2026-11-24T07:00:00", "2026-11-24T07:00:00Z")]
    public void The_host_s_dates_are_read_with_an_offset_or_as_UTC(string last, string instant) =>
        Assert.Equal(
            InstantPattern.ExtendedIso.Parse(instant).Value,
            TimerPayload.Parse(System.Text.Encoding.UTF8.GetBytes($$$"""{"Data":{"timer":{"ScheduleStatus":{"Last":"{{{last}}}"},"IsPastDue":true}},"Metadata":{}}""")).Last);

    [Fact]
    public async Task Others_that_never_leave_the_set_alone_are_a_conflict_after_a_bounded_number_of_attempts()
    {
        var target = new AlwaysInConflict();
        var refused = await Assert.ThrowsAsync<RefusalException>(() => new Scaler(target, TimeProvider.System, new Random(1)).Scale(_ => 5, false, TestContext.Current.CancellationToken));
        Assert.Equal((Refusal.Conflict, Scaler.AttemptsMax), (refused.Refusal, target.Attempts));
    }

    private static Schedule Parse(string text) => ScheduleText.Parse("SCHEDULE", text, Bounds);

    private static Instant At(string text) => InstantPattern.General.Parse(text).Value;

    private sealed class AlwaysInConflict : IScaleTarget
    {
        public string Set => "a-set";

        public int Attempts { get; private set; }

        public Task<ScaleState> Read(CancellationToken cancellation) => Task.FromResult(new ScaleState(1, 1, "1"));

        public Task<bool> TryWrite(string resourceVersion, int replicas, bool dryRun, CancellationToken cancellation)
        {
            Attempts++;
            return Task.FromResult(false);
        }
    }
}
