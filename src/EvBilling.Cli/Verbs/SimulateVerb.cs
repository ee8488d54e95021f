using System.CommandLine;
using System.Text;
using System.Text.Json;
using EvBilling.Events;
using EvBilling.Simulator;
using NodaTime;

namespace EvBilling.Cli.Verbs;

/// <summary><c>simulate</c>: a fleet's charging events.</summary>
internal static class SimulateVerb
{
    public static Command Create(CancellationToken stop)
    {
        var defaults = new SimulationOptions();
        var stations = new Option<int>("--stations") { Description = "How many charging stations.", HelpName = "N", DefaultValueFactory = _ => defaults.Stations };
        var hours = new Option<int>("--hours") { Description = "How many hours are simulated.", HelpName = "H", DefaultValueFactory = _ => defaults.Hours };
        var seed = new Option<long>("--seed") { Description = "The same seed gives the same bytes.", HelpName = "N", DefaultValueFactory = _ => defaults.Seed };
        var start = new Option<string>("--start") { Description = "When it begins.", HelpName = "TIME", DefaultValueFactory = _ => "2026-01-05T00:00:00Z" };
        var faults = new Option<string>("--faults")
        {
            Description = "none, or field: duplicates, reordering, late delivery, lost starts and stops, meter resets.",
            HelpName = "none|field",
            DefaultValueFactory = _ => "none",
        };
        faults.AcceptOnlyFromAmong("none", "field");
        var shards = new Option<int>("--shards") { Description = "Divide the fleet into this many parts ...", HelpName = "S", DefaultValueFactory = _ => 1 };
        var shard = new Option<int?>("--shard") { Description = "... and simulate only this one, from 0.", HelpName = "K" };
        var tariffsTo = new Option<string?>("--tariffs-to") { Description = "Write tariffs that fit, and name them in the events.", HelpName = "FILE" };
        var locationsTo = new Option<string?>("--locations-to") { Description = "Write the fleet's locations.", HelpName = "FILE" };
        var truth = new Option<string?>("--truth") { Description = "Write what really happened, a session a line.", HelpName = "FILE" };
        var to = new Option<string>("--to") { Description = "A file of JSON Lines, or - for standard output.", HelpName = "TARGET", Required = true };
        var json = new Option<bool>("--json") { Description = "Print a JSON object of what was written as the last line." };
        var command = new Verb(
            "simulate",
            "A simulated fleet's charging events, one JSON object a line, in the order in which they arrive.",
            "evbilling simulate --stations 100 --hours 48 --to events.jsonl --tariffs-to tariffs.json --locations-to locations.json\n"
            + "evbilling simulate --stations 10000 --hours 24 --faults field --seed 7 --to - | gzip > events.jsonl.gz")
        {
            stations, hours, seed, start, faults, shards, shard, tariffsTo, locationsTo, truth, to, json,
        };
        command.SetAction(parsed =>
        {
            var options = new SimulationOptions
            {
                Stations = parsed.GetValue(stations),
                Hours = parsed.GetValue(hours),
                Seed = parsed.GetValue(seed),
                Start = Time(parsed.GetValue(start)!),
                Faults = parsed.GetValue(faults) == "field" ? FaultProfile.Field : FaultProfile.None,
                Shards = parsed.GetValue(shards),
                Shard = parsed.GetValue(shard),
                StateTariffs = parsed.GetValue(tariffsTo) is not null,
            };
            if (parsed.GetValue(json) && parsed.GetValue(to) == "-")
            {
                throw new UsageException("--json and --to - both write to standard output; name a file with --to.");
            }
            var summary = Simulate(options, parsed.GetValue(to)!, parsed.GetValue(tariffsTo), parsed.GetValue(locationsTo), parsed.GetValue(truth), stop);
            Console.Error.WriteLine(
                $"{(summary.Cancelled ? "Stopped" : "Done")}: {summary.Events:N0} events of {summary.Sessions:N0} sessions, {summary.SessionsEnded:N0} of them ended.");
            if (parsed.GetValue(json))
            {
                Console.Out.WriteLine(Json(summary));
            }
            return 0;
        });
        return command;
    }

    /// <summary>Writes a fleet's events and what belongs to them.</summary>
    public static SimulationSummary Simulate(SimulationOptions options, string to, string? tariffsTo, string? locationsTo, string? truthTo, CancellationToken stop)
    {
        var fleet = Create(options);
        if (tariffsTo is not null)
        {
            Write(tariffsTo, "--tariffs-to", stream => stream.Write(fleet.TariffsJson()));
        }
        if (locationsTo is not null)
        {
            Write(locationsTo, "--locations-to", stream => fleet.WriteLocations(stream));
        }
        SimulationSummary? summary = null;
        long written = 0;
        var perMille = 0;
        void Count(long events, int share)
        {
            Volatile.Write(ref written, events);
            Volatile.Write(ref perMille, share);
        }
        using (new ProgressLine("simulate").Show(() => $"{Volatile.Read(ref written):N0} events, {Volatile.Read(ref perMille) / 10.0:N1} % of the time"))
        {
            void Events(Stream? truth)
            {
                if (to == "-")
                {
                    using var output = Console.OpenStandardOutput();
                    summary = fleet.WriteEvents(output, Count, truth, stop);
                }
                else
                {
                    Write(to, "--to", stream => summary = fleet.WriteEvents(stream, Count, truth, stop));
                }
            }
            if (truthTo is null)
            {
                Events(null);
            }
            else
            {
                Write(truthTo, "--truth", Events);
            }
        }
        return summary!;
    }

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

    private static FleetSimulation Create(SimulationOptions options)
    {
        try
        {
            return new FleetSimulation(options);
        }
        catch (SimulationOptionsException e)
        {
            throw new UsageException("--" + e.Message);
        }
    }

    private static Instant Time(string text) => Rfc3339.TryParse(Encoding.UTF8.GetBytes(text), out var unixNs, out var inRange) && inRange
        ? Instant.FromUnixTimeTicks(unixNs / 100)
        : throw new UsageException($"--start {text} is no RFC 3339 time from 1970 to 2261; give one such as 2026-01-05T00:00:00Z.");

    private static void Write(string path, string option, Action<Stream> write)
    {
        FileStream file;
        try
        {
            file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, 1 << 16);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{option} {path} cannot be written ({e.Message.TrimEnd('.')}).");
        }
        using (file)
        {
            write(file);
        }
    }
}
