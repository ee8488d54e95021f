using System.CommandLine;
using System.Text;
using System.Text.Json;
using EvBilling.Cli.Simulating;
using EvBilling.Events;
using EvBilling.Kafka;
using EvBilling.Simulator;
using NodaTime;

namespace EvBilling.Cli.Verbs;

/// <summary><c>simulate</c>: a fleet's charging events.</summary>
internal static class SimulateVerb
{
    private const int RateMax = 10_000_000;
    private const int PartitionsMax = 10_000;

    public static Command Create(CancellationToken stop)
    {
        var defaults = new SimulationOptions();
        var stations = new Option<int>("--stations") { Description = "How many charging stations.", HelpName = "N", DefaultValueFactory = _ => defaults.Stations };
        var hours = new Option<int>("--hours") { Description = "How many hours are simulated.", HelpName = "H", DefaultValueFactory = _ => defaults.Hours };
        var seed = new Option<long>("--seed") { Description = "The same seed gives the same bytes.", HelpName = "N", DefaultValueFactory = _ => defaults.Seed };
        var start = new Option<string?>("--start")
        {
            Description = "When it begins [default: 2026-01-05T00:00:00Z; with --live the present hour, or where the shard's progress says].",
            HelpName = "TIME",
        };
        var faults = new Option<string>("--faults")
        {
            Description = "none, or field: duplicates, reordering, late delivery, lost starts and stops, meter resets.",
            HelpName = "none|field",
            DefaultValueFactory = _ => "none",
        };
        faults.AcceptOnlyFromAmong("none", "field");
        var rate = new Option<int?>("--rate") { Description = "Events a second [default: as fast as they are taken].", HelpName = "N" };
        var live = new Option<bool>("--live") { Description = "Time is the wall clock, without an end: an event comes when its time has come." };
        var shards = new Option<int>("--shards") { Description = "Divide the fleet into this many parts ...", HelpName = "S", DefaultValueFactory = _ => 1 };
        var shard = new Option<int?>("--shard") { Description = "... and simulate only this one, from 0.", HelpName = "K" };
        var tariffsTo = new Option<string?>("--tariffs-to") { Description = "Write tariffs that fit, and name them in the events.", HelpName = "FILE" };
        var locationsTo = new Option<string?>("--locations-to") { Description = "Write the fleet's locations.", HelpName = "FILE" };
        var truth = new Option<string?>("--truth") { Description = "Write what really happened, a session a line.", HelpName = "FILE" };
        var to = new Option<string>("--to")
        {
            Description = "A file of JSON Lines, - for standard output, or kafka://HOST:PORT/TOPIC, which is made if it is not there.",
            HelpName = "TARGET",
            Required = true,
        };
        var partitions = new Option<int?>("--partitions") { Description = $"Of a topic that is made [default: {SimulationTarget.DefaultPartitions}].", HelpName = "N" };
        var kafka = new KafkaOptions();
        var json = new Option<bool>("--json") { Description = "Print a JSON object of what was written as the last line." };
        var command = new Verb(
            "simulate",
            "A simulated fleet's charging events, one JSON object a line, in the order in which they arrive.",
            "evbilling simulate --stations 100 --hours 48 --to events.jsonl --tariffs-to tariffs.json --locations-to locations.json\n"
            + "evbilling simulate --stations 10000 --hours 24 --faults field --seed 7 --to - | gzip > events.jsonl.gz\n"
            + "evbilling simulate --stations 5000 --hours 24 --rate 10000 --to kafka://127.0.0.1:9092/charging-events\n"
            + "evbilling simulate --stations 5000 --live --shards 4 --shard 0 --to kafka://127.0.0.1:9092/charging-events")
        {
            stations, hours, seed, start, faults, rate, live, shards, shard, tariffsTo, locationsTo, truth, to, partitions, kafka.Properties, kafka.File, json,
        };
        command.SetAction(parsed =>
        {
            var target = Target(parsed.GetValue(to)!, parsed.GetValue(partitions), kafka, parsed) with
            {
                Rate = Rate(parsed.GetValue(rate)),
                IsLive = parsed.GetValue(live),
                Start = parsed.GetValue(start) is { } text ? Time(text) : null,
            };
            var options = new SimulationOptions
            {
                Stations = parsed.GetValue(stations),
                Hours = parsed.GetValue(hours),
                Seed = parsed.GetValue(seed),
                Start = target.Start ?? defaults.Start,
                Faults = parsed.GetValue(faults) == "field" ? FaultProfile.Field : FaultProfile.None,
                Shards = parsed.GetValue(shards),
                Shard = parsed.GetValue(shard),
                StateTariffs = parsed.GetValue(tariffsTo) is not null,
            };
            if (parsed.GetValue(json) && target.To == "-")
            {
                throw new UsageException("--json and --to - both write to standard output; name a file with --to.");
            }
            if (target.IsLive && parsed.GetResult(hours) is { Implicit: false })
            {
                CommandRunner.Say("--hours is not looked at: with --live the fleet goes on until it is stopped.");
            }
            var files = new SimulationFiles(parsed.GetValue(tariffsTo), parsed.GetValue(locationsTo), parsed.GetValue(truth));
            return Run(options, target, files, parsed.GetValue(json), stop);
        });
        return command;
    }

    /// <summary>Writes a fleet's events into a file, and what belongs to them.</summary>
    public static SimulationSummary Simulate(SimulationOptions options, string to, string? tariffsTo, string? locationsTo, string? truthTo, CancellationToken stop) =>
        new SimulationJob(new SimulationTarget { To = to }, new(tariffsTo, locationsTo, truthTo), TimeProvider.System, stop).Run(options);

    public static string Json(SimulationSummary summary) => JsonObjectText.Of(writer => WriteMembers(writer, summary));

    public static void WriteMembers(Utf8JsonWriter writer, SimulationSummary summary)
    {
        writer.WriteNumber("events", summary.Events);
        writer.WriteNumber("bytes", summary.Bytes);
        writer.WriteNumber("sessions", summary.Sessions);
        writer.WriteNumber("sessions_ended", summary.SessionsEnded);
        writer.WriteNumber("duplicates", summary.Duplicates);
        writer.WriteNumber("late", summary.Late);
        writer.WriteNumber("reordered", summary.Reordered);
        writer.WriteNumber("lost_stops", summary.LostStops);
        writer.WriteNumber("lost_starts", summary.LostStarts);
        writer.WriteNumber("lost_updates", summary.LostUpdates);
        writer.WriteNumber("meter_resets", summary.MeterResets);
    }

    private static int Run(SimulationOptions options, SimulationTarget target, SimulationFiles files, bool json, CancellationToken stop)
    {
        SimulationSummary summary;
        try
        {
            summary = new SimulationJob(target, files, TimeProvider.System, stop).Run(options);
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("Stopped before the first event.");
            summary = new SimulationSummary { Cancelled = true };
        }
        // A shard that goes on has worked out all sessions since its fleet began; what it delivers now is of some of them.
        var sessions = target.IsLive ? "" : $" of {summary.Sessions:N0} sessions, {summary.SessionsEnded:N0} of them ended";
        Console.Error.WriteLine($"{(summary.Cancelled ? "Stopped" : "Done")}: {summary.Events:N0} events{sessions}.");
        if (json)
        {
            Console.Out.WriteLine(Json(summary));
        }
        return 0;
    }

    private static SimulationTarget Target(string to, int? partitions, KafkaOptions kafka, ParseResult parsed)
    {
        if (!KafkaTarget.IsKafka(to))
        {
            return partitions is null && !kafka.AreGiven(parsed)
                ? new SimulationTarget { To = to }
                : throw new UsageException($"--to {to} is no topic, so that --partitions, --kafka and --kafka-config say nothing; leave them out, or give --to kafka://HOST:PORT/TOPIC.");
        }
        if (partitions is < 1 or > PartitionsMax)
        {
            throw new UsageException($"--partitions is {partitions}; give a number from 1 to {PartitionsMax}.");
        }
        var topic = KafkaOptions.Target("--to", to);
        if (topic.Topic == ShardLedger.Topic)
        {
            throw new UsageException($"--to {to} is the topic of shards' progress; give another for events.");
        }
        return new SimulationTarget { To = to, Topic = topic, Kafka = kafka.In(parsed), Partitions = partitions ?? SimulationTarget.DefaultPartitions };
    }

    private static int? Rate(int? rate) => rate is < 1 or > RateMax
        ? throw new UsageException($"--rate is {rate}; give events a second from 1 to {RateMax}.")
        : rate;

    private static Instant Time(string text) => Rfc3339.TryParse(Encoding.UTF8.GetBytes(text), out var unixNs, out var inRange) && inRange
        ? Instant.FromUnixTimeTicks(unixNs / 100)
        : throw new UsageException($"--start {text} is no RFC 3339 time from 1970 to 2261; give one such as 2026-01-05T00:00:00Z.");
}
