using System.CommandLine;
using System.Text.Json;
using EvBilling.Cli.Running;
using EvBilling.Cli.Service;
using EvBilling.Engine;
using EvBilling.Kafka.Reading;

namespace EvBilling.Cli.Verbs;

/// <summary><c>run</c>: events in, bills out.</summary>
internal static class RunVerb
{
    public static Command Create(CancellationToken stop)
    {
        var events = BillingInput.Events("run", "JSON Lines files of charging events (also .gz), - for standard input, or a topic: kafka://HOST:PORT/TOPIC.");
        var input = new BillingInput();
        var store = new Option<string>("--store") { Description = StoreTarget.Description, HelpName = "STORE", Required = true };
        var group = new Option<string>("--group") { Description = "Of a topic: workers of one group share its partitions.", HelpName = "NAME", DefaultValueFactory = _ => new KafkaReadOptions().Group };
        var acceptGap = new Option<bool>("--accept-gap") { Description = "Of a topic: go on although records were deleted before they were read; they are counted." };
        var newTopic = new Option<bool>("--new-topic") { Description = "Of a topic that was made anew under its name: read it from its start." };
        var fromStart = new Option<bool>("--from-start") { Description = "Read the source again from its start; what was billed before changes nothing." };
        var kafka = new KafkaOptions();
        var service = new ServiceCommandOptions();
        var json = new Option<bool>("--json") { Description = "Print a JSON object of what was done as the last line." };
        var command = new Verb(
            "run",
            "Events in, bills out. Run again, it goes on after the last committed event.",
            "evbilling run --events events.jsonl --tariffs tariffs.json --store sqlite:bills.db\n"
            + "evbilling run --events jan.jsonl.gz feb.jsonl.gz --tariffs tariffs.json --locations locations.json --store sqlite:bills.db --json\n"
            + "evbilling run --events kafka://127.0.0.1:9092/charging-events --tariffs tariffs.json --store postgres://evbilling@127.0.0.1/bills --follow --http 127.0.0.1:8080\n"
            + "zcat events.gz | evbilling run --events - --tariffs tariffs.json --default-tariff AC --store sqlite:bills.db")
        {
            events, input.Tariffs, input.Locations, input.DefaultTariff, input.TimeZone, input.Reading, input.CloseAfter, input.MaxSession, input.KeepSessions, store, group, acceptGap, newTopic, fromStart, json,
        };
        kafka.AddTo(command);
        service.AddTo(command);
        command.SetAction(parsed =>
        {
            var serving = service.Read(parsed);
            var options = new RunOptions
            {
                CloseAfter = input.CloseAfter.In(parsed),
                KeepSessions = input.KeepSessions.In(parsed),
                CloseEvery = serving.Follow ? TimeSpan.FromMinutes(1) : null,
            };
            var reading = new KafkaReadOptions
            {
                Group = parsed.GetValue(group)!,
                IsFollowing = serving.Follow,
                AcceptGap = parsed.GetValue(acceptGap),
                NewTopic = parsed.GetValue(newTopic),
            };
            var source = EventSource.Of(parsed.GetValue(events)!, () => kafka.In(parsed), reading);
            var summary = Runner.Run(
                new(source, parsed.GetValue(input.Tariffs)!, parsed.GetValue(input.Locations), parsed.GetValue(store)!, input.Stored(parsed), options)
                {
                    Service = serving,
                    FromStart = parsed.GetValue(fromStart),
                },
                stop);
            if (!serving.Follow)
            {
                Say(summary);
            }
            if (parsed.GetValue(json))
            {
                Console.Out.WriteLine(Json(summary));
            }
            return 0;
        });
        return command;
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

    public static void Say(RunSummary summary)
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
