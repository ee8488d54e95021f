using CsCheck;
using EvBilling.Cli.Simulating;

namespace EvBilling.Tests.Simulating;

/// <summary>Events at a fixed rate, on a clock that the test turns.</summary>
public sealed class PaceTests
{
    private const long NsPerSecond = 1_000_000_000;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7_919)]
    [InlineData(50_000)]
    public void Each_event_has_its_moment_so_that_the_rate_is_exact_however_long_it_lasts(int rate)
    {
        var pace = new Pace(rate);
        long now = 17;
        for (long at = 0; at < 5L * rate; at++)
        {
            now += Math.Max(0, pace.WaitNs(now));
            Assert.Equal(17 + (at * NsPerSecond / rate), now);
            pace.Count();
        }
    }

    [Fact]
    public void A_small_delay_is_made_up_for_and_of_a_stall_only_100_ms()
    {
        Assert.Equal(50, EventsAtOnceAfter(stallNs: 49_000_000, rate: 1_000));
        Assert.Equal(101, EventsAtOnceAfter(stallNs: 100_000_000, rate: 1_000));
        Assert.Equal(101, EventsAtOnceAfter(stallNs: 3600 * NsPerSecond, rate: 1_000));
    }

    [Fact]
    public void In_no_stretch_of_time_are_there_more_events_than_the_rate_allows_and_100_ms_of_it() =>
        Gen.Select(Gen.Int[1, 5_000], Gen.Long[0, 400_000_000].Array[1, 60]).Sample((rate, pauses) =>
        {
            var pace = new Pace(rate);
            var times = new List<long>();
            long now = 0;
            foreach (long pause in pauses)
            {
                now += pause;
                for (int at = 0; at < 20; at++)
                {
                    now += Math.Max(0, pace.WaitNs(now));
                    times.Add(now);
                    pace.Count();
                }
            }

            long burst = (rate * Pace.CatchUpNsMax / NsPerSecond) + 2;
            for (int first = 0; first < times.Count; first += 7)
            {
                for (int last = first; last < times.Count; last += 5)
                {
                    Assert.True(last - first <= burst + ((times[last] - times[first]) * rate / NsPerSecond));
                }
            }
        });

    private static int EventsAtOnceAfter(long stallNs, int rate)
    {
        var pace = new Pace(rate);
        _ = pace.WaitNs(0);
        int events = 0;
        while (pace.WaitNs(stallNs) <= 0)
        {
            pace.Count();
            events++;
        }

        return events;
    }
}
