using CsCheck;
using EvBilling.Simulator;
using NodaTime;

namespace EvBilling.Tests.Simulator;

/// <summary>What a shard states so that another process can go on after it.</summary>
public sealed class ShardProgressTests
{
    private const int LeaseS = 10;

    private static readonly Instant Start = Instant.FromUtc(2026, 3, 1, 0, 0);

    [Fact]
    public void A_fleet_that_begins_delivers_what_has_happened_since_its_start_as_if_it_had_been_watched()
    {
        var progress = ShardProgress.Begin(Start, At(3600), "a");
        Assert.Equal((Start, At(3600), null), (progress.DeliveredUntil, progress.LiveUntil, progress.Away));
    }

    [Fact]
    public void After_a_clean_stop_the_absence_begins_where_sending_has_ended()
    {
        var stopped = ShardProgress.Begin(Start, At(10), "a").Advance(At(9), At(20)).Stop(At(12), At(11));
        var resumed = stopped.Resume(At(100), "b");
        Assert.Equal((At(12), new Interval(At(12), At(100)), 2L), (resumed.DeliveredUntil, resumed.Away, resumed.Epoch));
    }

    [Fact]
    public void After_a_kill_the_absence_begins_where_live_events_were_allowed_to_and_what_may_have_been_sent_comes_again_unchanged()
    {
        var resumed = ShardProgress.Begin(Start, At(0), "a").Advance(At(9), At(20)).Resume(At(100), "b");
        Assert.Equal((At(9), new Interval(At(20), At(100))), (resumed.DeliveredUntil, resumed.Away));
    }

    [Fact]
    public void Whoever_is_back_before_live_events_were_no_longer_allowed_was_not_away() =>
        Assert.Null(ShardProgress.Begin(Start, At(0), "a").Advance(At(9), At(20)).Resume(At(19), "b").Away);

    [Fact]
    public void An_absence_while_an_absence_is_delivered_is_one_with_it()
    {
        var back = ShardProgress.Begin(Start, At(20), "a").Resume(At(100), "b").Advance(At(50), At(110));
        Assert.Equal((new Interval(At(20), At(100)), At(100)), (back.Away, back.LiveUntil));
        Assert.Equal((new Interval(At(20), At(300)), At(50)), (back.Resume(At(300), "c").Away, back.DeliveredUntil));
    }

    [Fact]
    public void What_is_written_is_read()
    {
        var progress = ShardProgress.Begin(Start, At(20), "a").Advance(At(9), At(20));
        Assert.Equal(progress, ShardProgressJson.Read(ShardProgressJson.Write(progress)));
        var away = progress.Resume(At(100), "b");
        Assert.NotNull(away.Away);
        Assert.Equal(away, ShardProgressJson.Read(ShardProgressJson.Write(away)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"fleet_start":"today","delivered_until":"2026-03-01T00:00:00Z","live_until":"2026-03-01T00:00:00Z","epoch":1,"run":"a"}""")]
    [InlineData("""{"fleet_start":7,"delivered_until":"2026-03-01T00:00:00Z","live_until":"2026-03-01T00:00:00Z","epoch":1,"run":"a"}""")]
    public void What_is_no_progress_is_refused(string json) => Assert.Throws<FormatException>(() => ShardProgressJson.Read(json));

    /// <summary>An event arrives each second. Processes are killed and stopped whenever it hurts; none may send one event in two ways, and none may be left out.</summary>
    [Fact]
    public void However_often_a_shard_is_killed_each_event_is_sent_and_always_as_the_same_bytes() =>
        Gen.Select(Gen.Int[0, 40], Gen.Int[0, 60], Gen.Int[0, 3], Gen.Bool).Array[1, 12].Sample(lives =>
        {
            var sent = new Dictionary<int, bool>();
            ShardProgress? stated = null;
            int now = 5;
            foreach (var (workS, gapS, perS, isClean) in lives)
            {
                var mine = stated?.Resume(At(now), "r") ?? ShardProgress.Begin(Start, At(now), "r");
                stated = mine;
                var next = Seconds(mine.DeliveredUntil);
                for (int end = now + workS; now < end; now++)
                {
                    for (int events = 0; events < 1 + perS && next <= now; events++)
                    {
                        if (At(next) >= stated.LiveUntil)
                        {
                            stated = stated.Advance(At(next), At(now + LeaseS));
                        }

                        Assert.True(At(next) < stated.LiveUntil);
                        bool offline = mine.Away is { } away && away.Contains(At(next));
                        Assert.True(!sent.TryGetValue(next, out bool before) || before == offline, $"event {next} was sent in two ways");
                        sent[next++] = offline;
                    }

                    // Acknowledged is what was sent up to some seconds ago.
                    stated = now % 3 == 0 ? stated.Advance(At(Math.Max(0, next - 2)), At(now + LeaseS)) : stated;
                }

                Assert.All(Enumerable.Range(0, Seconds(stated.DeliveredUntil)), second => Assert.Contains(second, sent.Keys));
                stated = isClean ? stated.Stop(At(next), Instant.Max(At(next), mine.LiveUntil)) : stated;
                now += gapS;
            }
        });

    private static Instant At(int second) => Start + Duration.FromSeconds(second);

    private static int Seconds(Instant instant) => (int)(instant - Start).TotalSeconds;
}
