using System.CommandLine;
using EvBilling.Cli.Status;
using EvBilling.Engine;
using EvBilling.Kafka;
using EvBilling.Kafka.Reading;
using EvBilling.Storage.Files;

namespace EvBilling.Cli.Verbs;

/// <summary><c>status</c>: how far a store is, and what waits.</summary>
internal static class StatusVerb
{
    public static Command Create()
    {
        var kafka = new KafkaOptions();
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
            + "evbilling status --store sqlite:bills.db --json | jq .bills")
        {
            store, events, json,
        };
        kafka.AddTo(command);
        command.SetAction(parsed =>
        {
            using var opened = StoreTarget.OpenToRead(parsed.GetValue(store)!);
            var states = opened.ReadPartitions();
            var report = StatusReport.Of(opened, states, Live(parsed.GetValue(events) ?? [], states, source => TopicEnds(source, kafka.In(parsed))));
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

    private static IReadOnlyList<LiveEnd> Live(string[] sources, IReadOnlyList<PartitionState> states, Func<string, IEnumerable<LiveEnd>> topicEnds)
    {
        var topics = sources.Where(KafkaTarget.IsKafka).ToList();
        var files = sources.Except(topics).Distinct().ToList();
        if (files.Contains("-"))
        {
            throw new UsageException("--events - (standard input) has no end that could be asked for; name files or a topic.");
        }
        return
        [
            .. LookAt(files, [.. states.Select(state => state.Position)]).Select(file => new LiveEnd(file.Position.Partition, 0, file.EndOffset)),
            .. topics.Distinct().SelectMany(topicEnds),
        ];
    }

    private static IEnumerable<LiveEnd> TopicEnds(string source, KafkaSettings settings)
    {
        var target = KafkaOptions.Target("--events", source);
        var facts = KafkaAdmin.Describe(target, settings, KafkaAdmin.Patience);
        var topic = TopicIdentity.Of(target, facts);
        return facts.Partitions.Select(partition => new LiveEnd(topic.Partition(partition.Partition), partition.LowOffset, partition.EndOffset));
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
