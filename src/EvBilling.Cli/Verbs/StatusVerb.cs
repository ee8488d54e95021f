using System.CommandLine;
using EvBilling.Cli.Status;
using EvBilling.Engine;
using EvBilling.Kafka;
using EvBilling.Storage.Files;

namespace EvBilling.Cli.Verbs;

/// <summary><c>status</c>: how far a store is, and what waits.</summary>
internal static class StatusVerb
{
    /// <param name="topicEnds">Asks a topic where it ends; null = this program cannot.</param>
    public static Command Create(ReadTopicEnds? topicEnds = null)
    {
        var store = new Option<string>("--store") { Description = StoreTarget.Description, HelpName = "STORE", Required = true };
        var events = new Option<string[]>("--events")
        {
            Description = "Where these end now: the files or the topic that the store is filled from.",
            HelpName = "SOURCE...",
            AllowMultipleArgumentsPerToken = true,
        };
        var json = new Option<bool>("--json") { Description = "Print one JSON object." };
        var command = new Verb(
            "status",
            "How far a store is: positions, what waits, sessions, bills, dead letters.",
            "evbilling status --store sqlite:bills.db\n"
            + "evbilling status --store sqlite:bills.db --events events.jsonl\n"
            + "evbilling status --store sqlite:bills.db --json | jq .lag")
        {
            store, events, json,
        };
        command.SetAction(parsed =>
        {
            using var opened = StoreTarget.OpenToRead(parsed.GetValue(store)!);
            var states = opened.ReadPartitions();
            var report = StatusReport.Of(opened, states, Live(parsed.GetValue(events) ?? [], states, topicEnds));
            if (parsed.GetValue(json))
            {
                Console.Out.WriteLine(StatusJson.Of(report));
            }
            else
            {
                foreach (var line in StatusText.Lines(report))
                {
                    Console.Out.WriteLine(line);
                }
            }
            return 0;
        });
        return command;
    }

    private static IReadOnlyList<LiveEnd> Live(string[] sources, IReadOnlyList<PartitionState> states, ReadTopicEnds? topicEnds)
    {
        var topics = sources.Where(KafkaTarget.IsKafka).ToList();
        if (topics.Count > 0 && topicEnds is null)
        {
            throw new UsageException($"--events {topics[0]}: status cannot ask topics here; leave --events out to see the ends as they were last seen.");
        }
        var files = sources.Except(topics).Distinct().ToList();
        if (files.Contains("-"))
        {
            throw new UsageException("--events - (standard input) has no end that could be asked for; name files or a topic.");
        }
        return
        [
            .. LookAt(files, [.. states.Select(state => state.Position)]).Select(file => new LiveEnd(file.Position.Partition, 0, file.EndOffset)),
            .. topics.Distinct().SelectMany(topic => topicEnds!(topic)),
        ];
    }

    private static IReadOnlyList<(LogPosition Position, long? EndOffset)> LookAt(IReadOnlyList<string> files, IReadOnlyList<LogPosition> positions)
    {
        try
        {
            return FileEventLog.LookAt(files, positions);
        }
        catch (EventLogException e)
        {
            throw new UsageException(e.Message);
        }
    }
}
