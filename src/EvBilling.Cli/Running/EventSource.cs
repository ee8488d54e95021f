using EvBilling.Cli.Service;
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

    /// <summary>Begins to ask what <see cref="Open"/> needs to know, while the store is opened. What goes wrong with it, <see cref="Open"/> throws.</summary>
    public virtual void Ask(ServiceRun service)
    {
    }

    public abstract IEventLog Open(IBillStore store, ServiceRun service);

    /// <summary>Forgets how far it was read.</summary>
    public abstract void Rewind(IBillStore store);

    /// <exception cref="UsageException">It cannot be read, or can never be.</exception>
    public static EventSource Of(string[] events, Func<KafkaSettings> settings, KafkaReadOptions options)
    {
        if (IsTopic(events))
        {
            return new Topic(KafkaOptions.Target("--events", events[0]), settings(), options);
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

    /// <summary>Whether it is a topic; else it is files.</summary>
    /// <exception cref="UsageException">It is a topic and something else.</exception>
    public static bool IsTopic(IReadOnlyList<string> events) => events.Any(KafkaTarget.IsKafka)
        && (events.Count == 1 ? true : throw new UsageException("--events names a topic and something else; give one topic, or files."));

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

        public override IEventLog Open(IBillStore store, ServiceRun service) => FileEventLog.Open(paths, store.ReadPositions(), service.Say);

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
        private Task<TopicFacts>? _asked;

        public override string Name => target.ToString();

        public override void Ask(ServiceRun service) =>
            _asked = Task.Run(() => KafkaAdmin.Describe(target, settings, KafkaAdmin.Patience, service.TopicLog.Reported));

        public override IEventLog Open(IBillStore store, ServiceRun service)
        {
            // What is known serves once: the next attempt comes later.
            var asked = Interlocked.Exchange(ref _asked, null);
            return KafkaEventLog.Open(target, settings, options, store, TimeProvider.System, service.TopicLog, asked?.GetAwaiter().GetResult());
        }

        public override void Rewind(IBillStore store) => store.Rewind(TopicIdentity.SourceOf(target.Topic));
    }
}
