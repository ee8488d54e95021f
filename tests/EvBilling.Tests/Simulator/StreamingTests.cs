using CsCheck;
using EvBilling.Simulator;
using NodaTime;

namespace EvBilling.Tests.Simulator;

public sealed class StreamingTests
{
    [Fact]
    public void The_merge_holds_at_most_one_entry_a_station_however_long_the_run()
    {
        Assert.InRange(Run(500, 24, FaultProfile.None).QueuedMax, 400, 500);
        Assert.Equal(500, Run(500, 240, FaultProfile.None).QueuedMax);
    }

    [Fact]
    public void Delayed_events_grow_with_stations_and_not_with_time()
    {
        Assert.InRange(Run(500, 24, FaultProfile.Field).QueuedMax, 500, 1_000);
        Assert.InRange(Run(500, 480, FaultProfile.Field).QueuedMax, 500, 1_000);
    }

    [Fact]
    public void An_event_allocates_nothing()
    {
        var simulation = new FleetSimulation(new SimulationOptions { Stations = 100, Hours = 168 });
        simulation.WriteEvents(Stream.Null, cancellation: TestContext.Current.CancellationToken);
        long before = GC.GetAllocatedBytesForCurrentThread();
        var summary = simulation.WriteEvents(Stream.Null, cancellation: TestContext.Current.CancellationToken);
        long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(bytes < 700 * 1024, $"{bytes} bytes");
        Assert.True(summary.Events > 50_000);
    }

    [Fact]
    public void A_sink_gets_the_lines_of_the_file_in_order_of_arrival_with_their_session_ids()
    {
        var options = new SimulationOptions { Faults = FaultProfile.Field };
        var sink = new Collector(int.MaxValue, new CancellationTokenSource());
        new FleetSimulation(options).Run(sink, cancellation: TestContext.Current.CancellationToken);
        var fleet = SeenFleet.Run(options);
        Assert.Equal(fleet.Events.Select(e => (e.Line, e.SessionId)), sink.Taken.Select(taken => (taken.Line, taken.SessionId)));
        Assert.True(sink.Taken.Zip(sink.Taken.Skip(1)).All(pair => pair.First.At <= pair.Second.At));
        Assert.All(fleet.Events.Zip(sink.Taken), pair => Assert.True(pair.First.At <= pair.Second.At));
    }

    [Fact]
    public void A_cancelled_run_stops_after_the_event_in_hand_and_says_so()
    {
        using var source = new CancellationTokenSource();
        var sink = new Collector(10, source);
        var summary = new FleetSimulation(new SimulationOptions()).Run(sink, cancellation: source.Token);
        Assert.True(summary.Cancelled);
        Assert.Equal((10, 10L), (sink.Taken.Count, summary.Events));
    }

    [Fact]
    public void Progress_never_goes_back_and_ends_at_the_whole()
    {
        var seen = new List<(long Events, int PerMille)>();
        var summary = new FleetSimulation(new SimulationOptions { Stations = 300, Hours = 168 }).WriteEvents(
            Stream.Null, (events, done) => seen.Add((events, done)), cancellation: TestContext.Current.CancellationToken);
        Assert.True(seen.Count > 2);
        Assert.Equal((summary.Events, 1_000), seen[^1]);
        Assert.Equal(seen.Order(), seen);
    }

    [Fact]
    public void The_queue_gives_its_keys_in_order() =>
        Gen.Select(Gen.Long[0, 1L << 48].Array[1, 200], Gen.Long[0, 1L << 20].Array[0, 200]).Sample((keys, later) =>
        {
            var queue = new StationQueue(keys.Length);
            var expected = new PriorityQueue<long, long>();
            foreach (long key in keys)
            {
                queue.Add(key);
                expected.Enqueue(key, key);
            }

            foreach (long wait in later)
            {
                long key = expected.Dequeue();
                Assert.Equal(key, queue.Least);
                queue.ReplaceLeast(key + wait);
                expected.Enqueue(key + wait, key + wait);
            }

            while (expected.TryDequeue(out long key, out _))
            {
                Assert.Equal(key, queue.Least);
                queue.RemoveLeast();
            }

            Assert.Equal(long.MaxValue, queue.Least);
        });

    [Fact]
    public void Summer_time_is_that_of_the_time_zone_database()
    {
        var zone = DateTimeZoneProviders.Tzdb["Europe/Amsterdam"];
        Gen.Long[Instant.FromUtc(2000, 1, 1, 0, 0).ToUnixTimeSeconds(), Instant.FromUtc(2037, 1, 1, 0, 0).ToUnixTimeSeconds()].Sample(unixS =>
            SummerTime.IsInForce(unixS) == (zone.GetUtcOffset(Instant.FromUnixTimeSeconds(unixS)) == Offset.FromHours(2)));
    }

    private static SimulationSummary Run(int stations, int hours, FaultProfile faults) =>
        new FleetSimulation(new SimulationOptions { Stations = stations, Hours = hours, Faults = faults }).WriteEvents(Stream.Null);

    private sealed class Collector(int stopAfter, CancellationTokenSource source) : IEventSink
    {
        public List<(string Line, string SessionId, Instant At)> Taken { get; } = [];

        public void Accept(in SimulatedEvent simulated)
        {
            Taken.Add((System.Text.Encoding.UTF8.GetString(simulated.Json), System.Text.Encoding.UTF8.GetString(simulated.SessionId), simulated.ArrivesAt));
            if (Taken.Count == stopAfter)
            {
                source.Cancel();
            }
        }
    }
}
