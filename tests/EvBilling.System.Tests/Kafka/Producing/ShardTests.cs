using System.Diagnostics;
using EvBilling.Cli.Simulating;
using EvBilling.Engine;
using EvBilling.Simulator;
using EvBilling.SystemTests.Servers;
using EvBilling.SystemTests.Support;
using NodaTime;

namespace EvBilling.SystemTests.Kafka.Producing;

/// <summary>A shard that goes on after itself, on a real broker and a fast clock.</summary>
public sealed class ShardTests(SharedKafka kafka)
{
    /// <summary>An hour in about 0.4 s.</summary>
    private const int Factor = 10_000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly Instant Start = Instant.FromUtc(2026, 3, 2, 6, 0);

    [Fact]
    public void Scaled_to_0_and_back_nothing_is_lost_or_comes_again_but_of_the_last_second_and_what_the_absence_delayed_states_offline()
    {
        var (topic, options, clock) = NewFleet(FaultProfile.None);
        RunFor(topic, options, clock, TimeSpan.FromHours(4), isKilled: false);
        var stopped = Progress(topic);
        clock.PutForward(TimeSpan.FromHours(9));
        RunFor(topic, options, clock, TimeSpan.FromHours(4), isKilled: false);

        var records = kafka.Broker.ReadAll(topic);
        var away = Progress(topic).Select(progress => progress.Away).Distinct().Single(interval => interval is not null)!.Value;
        var fleet = new UndisturbedFleet(options);
        var offline = fleet.AssertDelivered(records, Progress(topic)[^1].DeliveredUntil);
        // Times are whole seconds: of the one in which it was stopped some events may have gone, and come again.
        var arrivals = fleet.Events.ToDictionary(e => e.Line, e => e.ArrivesAt);
        var again = records.GroupBy(record => record.Value!).Where(copies => copies.Count() > 1).ToList();
        Assert.All(again, copies => Assert.Equal((stopped[^1].DeliveredUntil, 2), (arrivals[copies.Key], copies.Count())));
        Assert.Equal(stopped[^1].LiveUntil, away.Start);
        // It begins with the next whole second, and ends with the last.
        Assert.True(away.Duration > Duration.FromHours(9) - Duration.FromSeconds(2), away.ToString());
        Assert.NotEmpty(offline);
        Assert.Equal(fleet.Events.Where(e => away.Contains(e.ArrivesAt)).Select(e => e.ArrivesAt).Order(), offline.Select(e => e.ArrivesAt).Order());
    }

    [Theory]
    [InlineData(FaultProfile.None)]
    [InlineData(FaultProfile.Field)]
    public void Killed_again_and_again_a_shard_loses_nothing_and_repeats_only_the_same_bytes(FaultProfile faults)
    {
        var (topic, options, clock) = NewFleet(faults);
        var random = new Random(20261123);
        for (var life = 0; life < 6; life++)
        {
            RunFor(topic, options, clock, TimeSpan.FromMinutes(random.Next(20, 150)), isKilled: true);
            clock.PutForward(TimeSpan.FromMinutes(random.Next(0, 240)));
        }
        RunFor(topic, options, clock, TimeSpan.FromHours(2), isKilled: false);

        Assert.NotEmpty(new UndisturbedFleet(options).AssertDelivered(kafka.Broker.ReadAll(topic), Progress(topic)[^1].DeliveredUntil));
    }

    [Fact]
    public void Of_two_processes_of_a_shard_the_first_ends_and_nothing_of_it_differs_from_what_the_second_sends()
    {
        var (topic, options, clock) = NewFleet(FaultProfile.None);
        using var first = LiveShard.Start(kafka.Broker, topic, options, clock);
        clock.Run(TimeSpan.FromHours(3));
        using var second = LiveShard.Start(kafka.Broker, topic, options, clock);
        Assert.Contains("taken over", Assert.IsType<EventLogException>(first.EndsWith(clock)).Message, StringComparison.Ordinal);
        clock.Run(TimeSpan.FromHours(3));
        second.Stop();

        new UndisturbedFleet(options).AssertDelivered(kafka.Broker.ReadAll(topic), Progress(topic)[^1].DeliveredUntil);
    }

    [Fact]
    public void A_process_that_was_stopped_and_wakes_up_after_another_has_gone_on_sends_nothing_that_differs()
    {
        var (topic, options, clock) = NewFleet(FaultProfile.None);
        var zombies = new HeldClock(clock);
        using var zombie = LiveShard.Start(kafka.Broker, topic, options, zombies);
        clock.Run(TimeSpan.FromHours(3));
        zombies.Hold();
        clock.PutForward(TimeSpan.FromHours(8));
        using var successor = LiveShard.Start(kafka.Broker, topic, options, clock);
        CatchUp(topic, clock);
        zombies.LetGo();
        Assert.IsType<EventLogException>(zombie.EndsWith(clock));
        clock.Run(TimeSpan.FromHours(1));
        successor.Stop();

        Assert.NotEmpty(new UndisturbedFleet(options).AssertDelivered(kafka.Broker.ReadAll(topic), Progress(topic)[^1].DeliveredUntil));
    }

    [Fact]
    public void The_shards_of_a_fleet_together_are_the_fleet_though_each_has_its_own_progress()
    {
        var (topic, options, clock) = NewFleet(FaultProfile.None);
        RunFor(topic, options with { Shards = 2, Shard = 0 }, clock, TimeSpan.FromHours(3), isKilled: false);
        RunFor(topic, options with { Shards = 2, Shard = 1 }, clock, TimeSpan.FromHours(3), isKilled: false);

        var until = Progress(topic).GroupBy(progress => progress.Run).Min(run => run.Max(progress => progress.DeliveredUntil));
        new UndisturbedFleet(options).AssertDelivered(kafka.Broker.ReadAll(topic), until);
    }

    [Fact]
    public void A_shard_that_begins_later_takes_the_start_that_its_fleet_has()
    {
        var (topic, options, clock) = NewFleet(FaultProfile.None);
        RunFor(topic, options with { Shards = 2, Shard = 0 }, clock, TimeSpan.FromHours(1), isKilled: false);
        RunFor(topic, options with { Shards = 2, Shard = 1, Start = Start + Duration.FromHours(1) }, clock, TimeSpan.FromHours(1), isKilled: false);
        Assert.All(Progress(topic), progress => Assert.Equal(Start, progress.FleetStart));
    }

    [Fact]
    public void A_record_that_is_no_progress_is_named()
    {
        var (topic, options, clock) = NewFleet(FaultProfile.None);
        RunFor(topic, options, clock, TimeSpan.FromMinutes(10), isKilled: false);
        kafka.Broker.Produce(ShardLedger.Topic, [new KafkaDraft("garbage", ShardKeys.Of(topic, options).Shard)]);
        using var next = LiveShard.Start(kafka.Broker, topic, options, clock);
        var refused = Assert.IsType<EventLogException>(next.EndsWith(clock));
        Assert.Contains("is no progress of a shard", refused.Message, StringComparison.Ordinal);
    }

    private (string Topic, SimulationOptions Options, FastClock Clock) NewFleet(FaultProfile faults) => (
        kafka.Broker.CreateTopic(partitions: 4),
        new SimulationOptions { Stations = 300, Seed = 11, Start = Start, Hours = 48, Faults = faults },
        new FastClock(Start.ToDateTimeOffset(), Factor));

    private void RunFor(string topic, SimulationOptions options, FastClock clock, TimeSpan time, bool isKilled)
    {
        using var shard = LiveShard.Start(kafka.Broker, topic, options, clock);
        clock.Run(time);
        if (isKilled)
        {
            shard.Kill();
            return;
        }
        CatchUp(topic, clock);
        shard.Stop();
    }

    /// <summary>Until live events are allowed again.</summary>
    private void CatchUp(string topic, FastClock clock)
    {
        var waiting = Stopwatch.StartNew();
        while (Progress(topic)[^1].LiveUntil.ToDateTimeOffset() <= clock.GetUtcNow())
        {
            Assert.True(waiting.Elapsed < Patience, "it does not catch up");
            clock.Run(TimeSpan.FromMinutes(5));
        }
    }

    private List<ShardProgress> Progress(string topic) =>
    [
        .. kafka.Broker.ReadAll(ShardLedger.Topic).Where(record => record.Key!.StartsWith(topic + "/", StringComparison.Ordinal)).Select(record => ShardProgressJson.Read(record.Value!)),
    ];
}
