using EvBilling.Engine;
using EvBilling.Kafka;
using EvBilling.Kafka.Producing;
using EvBilling.Simulator;
using NodaTime;

namespace EvBilling.Cli.Simulating;

/// <summary>A fleet that is about to be simulated, and where its events go.</summary>
/// <param name="Options">The fleet, from where it goes on.</param>
/// <param name="Output">To be disposed of.</param>
internal sealed record PreparedFleet(SimulationOptions Options, IEventOutput Output);

/// <summary>Prepares a fleet whose events go to a topic or come by the wall clock: makes the topic, finds how far the shard has come.</summary>
internal static class LiveFleet
{
    /// <exception cref="EventLogException">A topic cannot be made, read or written.</exception>
    /// <exception cref="UsageException">The library refuses the settings.</exception>
    public static PreparedFleet IntoTopic(SimulationOptions options, SimulationTarget target, TimeProvider clock, CancellationToken stop)
    {
        var topic = target.Topic!;
        try
        {
            if (KafkaAdmin.CreateTopic(topic, target.Kafka, target.Partitions, compacted: false, KafkaAdmin.Patience))
            {
                CommandRunner.Say($"Topic {topic.Topic} was not there and has been made, with {target.Partitions} partitions.");
            }
            return target.IsLive
                ? OfShard(options, target, clock, ShardOutput.DefaultLease, stop)
                : new(options, new TopicOutput(topic, target.Kafka, stop));
        }
        catch (KafkaSettingsException e)
        {
            throw new UsageException(e.Message);
        }
    }

    /// <summary>A shard that keeps its progress.</summary>
    public static PreparedFleet OfShard(SimulationOptions options, SimulationTarget target, TimeProvider clock, TimeSpan lease, CancellationToken stop)
    {
        var topic = target.Topic!;
        var ledger = ShardLedger.TakeOver(
            KeyedTopic.Open(topic with { Topic = ShardLedger.Topic }, target.Kafka, KafkaAdmin.Patience), ShardKeys.Of(topic.Topic, options), target.Start, clock);
        var progress = ledger.Current;
        Tell(progress, ledger.GoesOn, target.Start);
        var goingOn = options with { Start = progress.FleetStart, NoEnd = true, DeliverFrom = progress.DeliveredUntil, Away = progress.Away };
        return new(goingOn, new ShardOutput(new TopicOutput(topic, target.Kafka, stop), ledger, clock, lease, stop));
    }

    /// <summary>A fleet that nobody keeps the progress of.</summary>
    public static SimulationOptions Begin(SimulationOptions options, Instant? start, TimeProvider clock) =>
        options with { Start = start ?? DefaultStart(Instant.FromDateTimeOffset(clock.GetUtcNow())), NoEnd = true };

    /// <summary>Rounded down to the hour, so that shards that are started together begin together.</summary>
    public static Instant DefaultStart(Instant now) => Instant.FromUnixTimeSeconds(now.ToUnixTimeSeconds() / NodaConstants.SecondsPerHour * NodaConstants.SecondsPerHour);

    private static void Tell(ShardProgress progress, bool goesOn, Instant? asked)
    {
        var away = progress.Away is { } interval ? $", away from {interval.Start} to {interval.End}" : "";
        CommandRunner.Say(goesOn
            ? $"The shard goes on: its fleet began at {progress.FleetStart}, its events are there up to {progress.DeliveredUntil}{away}."
            : $"The shard begins; its fleet began at {progress.FleetStart}.");
        if (asked is { } start && start != progress.FleetStart)
        {
            CommandRunner.Say($"--start {start} is not looked at: in topic {ShardLedger.Topic} this fleet has a start.");
        }
    }
}
