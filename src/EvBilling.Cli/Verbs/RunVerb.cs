using System.CommandLine;
using System.Text.Json;
using EvBilling.Engine;
using EvBilling.Locations;
using EvBilling.Storage.Files;

namespace EvBilling.Cli.Verbs;

/// <summary><c>run</c>: events in, bills out.</summary>
internal static class RunVerb
{
    public static Command Create(CancellationToken stop)
    {
        var events = new Option<string[]>("--events")
        {
            Description = "JSON Lines files of charging events (also .gz), or - for standard input.",
            HelpName = "FILE...",
            Required = true,
            AllowMultipleArgumentsPerToken = true,
        };
        // An option that is misspelt after the files would else be taken for one of them.
        events.Validators.Add(result =>
        {
            if (result.Tokens.FirstOrDefault(token => token.Value.StartsWith("--", StringComparison.Ordinal)) is { } token)
            {
                result.AddError($"{token.Value} is no option of run");
            }
        });
        var tariffs = new Option<string>("--tariffs") { Description = "OCPI tariffs: one, a list, an OCPI answer, or one a line.", HelpName = "FILE", Required = true };
        var locations = new Option<string?>("--locations") { Description = "OCPI locations, likewise: their tariffs, greatest powers and time zones.", HelpName = "FILE" };
        var defaultTariff = new Option<string?>("--default-tariff") { Description = "The tariff of a session that has none by itself, its connector or its location.", HelpName = "ID" };
        var timeZone = new Option<string?>("--timezone") { Description = "The zone of locations that state none, such as Europe/Amsterdam.", HelpName = "ZONE" };
        var closeAfter = new DurationOption("--close-after", "Close a session without an end when its last event is this much older than the newest of all.", "24h");
        var maxSession = new DurationOption("--max-session", "A longer session is held.", "31d");
        var keepSessions = new DurationOption("--keep-sessions", "Keep a session's events this long after they last changed; 0 = for ever. Bills are always kept.", "400d");
        var store = new Option<string>("--store") { Description = StoreTarget.Description, HelpName = "STORE", Required = true };
        var json = new Option<bool>("--json") { Description = "Print a JSON object of what was done as the last line." };
        var command = new Verb(
            "run",
            "Events in, bills out. Run again, it goes on after the last committed event.",
            "evbilling run --events events.jsonl --tariffs tariffs.json --store sqlite:bills.db\n"
            + "evbilling run --events jan.jsonl.gz feb.jsonl.gz --tariffs tariffs.json --locations locations.json --store sqlite:bills.db --json\n"
            + "zcat events.gz | evbilling run --events - --tariffs tariffs.json --default-tariff AC --store sqlite:bills.db")
        {
            events, tariffs, locations, defaultTariff, timeZone, closeAfter, maxSession, keepSessions, store, json,
        };
        command.SetAction(parsed =>
        {
            var stored = new StoredOptions(
                parsed.GetValue(defaultTariff), parsed.GetValue(timeZone), (long)maxSession.In(parsed).TotalSeconds, (long)closeAfter.In(parsed).TotalSeconds);
            var options = new RunOptions { CloseAfter = closeAfter.In(parsed), KeepSessions = keepSessions.In(parsed) };
            var summary = Run(
                parsed.GetValue(events)!, parsed.GetValue(tariffs)!, parsed.GetValue(locations), parsed.GetValue(store)!, stored, options, stop);
            Say(summary);
            if (parsed.GetValue(json))
            {
                Console.Out.WriteLine(Json(summary));
            }
            return 0;
        });
        return command;
    }

    /// <summary>The whole of it: checks everything that can be wrong before anything is written.</summary>
    public static RunSummary Run(
        string[] events, string tariffsPath, string? locationsPath, string target, StoredOptions stored, RunOptions options, CancellationToken stop)
    {
        if (stored.TimeZoneId is { } zone && TimeZoneChooser.FindZone(zone) is null)
        {
            throw new UsageException($"--timezone {zone} is no IANA time zone; give one such as Europe/Amsterdam.");
        }
        CheckEvents(events);
        var path = StoreTarget.PathOf(target);
        var tariffs = TariffFiles.ReadTariffs(tariffsPath);
        var locations = TariffFiles.ReadLocations(locationsPath);
        using var store = StoreTarget.Open("sqlite:" + path);
        store.BeginWriting();
        store.Register(tariffs, locations, stored);
        var job = new BillingJob(store, stored, options);
        if (stored.DefaultTariffId is { } id && job.Tariffs.All(tariff => tariff.Entry.Id != id))
        {
            CommandRunner.Say($"--default-tariff {id} is in no tariff file, so sessions without another tariff are held (UnknownTariff).");
        }
        using var log = FileEventLog.Open(events, store.ReadPositions(), CommandRunner.Say);
        store.Claim(log.Partitions);
        return job.Run(log, new ProgressLine("run"), stop);
    }

    public static string Json(RunSummary summary) => JsonObjectText.Of(writer => WriteMembers(writer, summary));

    public static void WriteMembers(Utf8JsonWriter writer, RunSummary summary)
    {
        writer.WriteNumber("events", summary.Events);
        writer.WriteNumber("new_events", summary.NewEvents);
        writer.WriteNumber("duplicates", summary.Duplicates);
        writer.WriteNumber("dead_letters", summary.DeadLetters);
        writer.WriteNumber("sessions", summary.Sessions);
        writer.WriteNumber("bills", summary.Bills);
        writer.WriteNumber("bills_open", summary.BillsOpen);
        writer.WriteNumber("bills_held", summary.BillsHeld);
        writer.WriteNumber("versions_written", summary.VersionsWritten);
        writer.WriteNumber("seconds", summary.Seconds);
    }

    private static void CheckEvents(string[] events)
    {
        try
        {
            FileEventLog.Check(events);
        }
        catch (EventLogException e)
        {
            throw new UsageException(e.Message);
        }
        if (events.Count(path => path == "-") > 1)
        {
            throw new UsageException("--events names - (standard input) twice; it can be read only once.");
        }
    }

    private static void Say(RunSummary summary)
    {
        var rate = summary.Seconds > 0 ? summary.Events / summary.Seconds : 0;
        Console.Error.WriteLine(
            $"{(summary.Finished ? "Done" : "Stopped; run again to go on")}: {summary.Events:N0} events in {summary.Seconds:N1} s ({rate:N0}/s): {summary.NewEvents:N0} new, "
            + $"{summary.Duplicates:N0} duplicates, {summary.DeadLetters:N0} refused.");
        Console.Error.WriteLine(
            $"The store holds {summary.Sessions:N0} sessions: {summary.Bills:N0} final bills, {summary.BillsHeld:N0} held, {summary.BillsOpen:N0} open; "
            + $"{summary.VersionsWritten:N0} versions were written now.");
    }
}
