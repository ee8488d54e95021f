using EvBilling.Engine;
using EvBilling.Kafka;
using EvBilling.Kafka.Reading;
using EvBilling.Storage.Files;

namespace EvBilling.Cli.Running;

/// <summary>What <c>--events</c> names: files, or a topic.</summary>
internal abstract class EventSource
{
    /// <summary>For a person.</summary>
    public abstract string Name { get; }

    public abstract IEventLog Open(IBillStore store, Action<string> say);

    /// <summary>Forgets how far it was read.</summary>
    public abstract void Rewind(IBillStore store);

    /// <exception cref="UsageException">It cannot be read, or can never be.</exception>
    public static EventSource Of(string[] events, Func<KafkaSettings> settings, KafkaReadOptions options)
    {
        if (events.Any(KafkaTarget.IsKafka))
        {
            return events.Length == 1
                ? new Topic(KafkaOptions.Target("--events", events[0]), settings(), options)
                : throw new UsageException("--events names a topic and something else; give one topic, or files.");
        }
        if (options.IsFollowing)
        {
            throw new UsageException("--follow is for a topic, as in --events kafka://127.0.0.1:9092/charging-events; a run over files ends with them, and run again it goes on.");
        }
        return OfFiles(events);
    }

    /// <exception cref="UsageException">One of them cannot be read.</exception>
    public static EventSource OfFiles(string[] paths)
    {
        CheckFiles(paths);
        return new EventFiles(paths);
    }

    private static void CheckFiles(string[] events)
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

    private sealed class EventFiles(string[] paths) : EventSource
    {
        public override string Name => string.Join(' ', paths);

        public override IEventLog Open(IBillStore store, Action<string> say) => FileEventLog.Open(paths, store.ReadPositions(), say);

        public override void Rewind(IBillStore store)
        {
            foreach (var path in paths.Where(path => path != "-"))
            {
                store.Rewind(Path.GetFullPath(path));
            }
        }
    }

    private sealed class Topic(KafkaTarget target, KafkaSettings settings, KafkaReadOptions options) : EventSource
    {
        public override string Name => target.ToString();

        public override IEventLog Open(IBillStore store, Action<string> say) => KafkaEventLog.Open(target, settings, options, store, TimeProvider.System, say);

        public override void Rewind(IBillStore store) => store.Rewind(TopicIdentity.SourceOf(target.Topic));
    }
}
