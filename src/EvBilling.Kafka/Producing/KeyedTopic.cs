using Confluent.Kafka;
using EvBilling.Engine;

namespace EvBilling.Kafka.Producing;

/// <summary>A record of a <see cref="KeyedTopic"/>.</summary>
/// <param name="Partition">Records of one key are in one partition, in the order in which they were written.</param>
/// <param name="Offset">Its place there.</param>
/// <param name="Key">Empty if it has none.</param>
/// <param name="Value">Empty if it has none: its key was deleted.</param>
public sealed record KeyedRecord(int Partition, long Offset, string Key, string Value);

/// <summary>
/// A compacted topic of a few keys that is read from its beginning and written to: what its writers know of each other. Calls come from one thread.
/// </summary>
public sealed class KeyedTopic : IDisposable
{
    private const string Group = "evbilling-progress";
    private static readonly TimeSpan StepMax = TimeSpan.FromMilliseconds(100);

    private readonly KafkaTarget _target;
    private readonly KafkaSettings _settings;
    private readonly KafkaErrorWatch _watch = new();
    private readonly IProducer<string, string> _producer;
    private readonly IConsumer<string, string> _consumer;
    private readonly Dictionary<int, long> _next = [];

    private KeyedTopic(KafkaTarget target, KafkaSettings settings)
    {
        _target = target;
        _settings = settings;
        var writing = new ProducerBuilder<string, string>(settings.Producer(target.BootstrapServers));
        settings.Attach(writing, _ => { }, _watch.Note);
        // It joins no group, but the library wants a name.
        var reading = new ConsumerBuilder<string, string>(settings.Consumer(target.BootstrapServers, Group));
        settings.Attach(reading, _ => { }, _watch.Note);
        _producer = writing.Build();
        _consumer = reading.Build();
    }

    /// <summary>Opens it, and makes it with one partition if it is not there.</summary>
    /// <param name="timeout">How long brokers may take for each answer.</param>
    /// <exception cref="EventLogException">It is not there and cannot be made, or not be read.</exception>
    public static KeyedTopic Open(KafkaTarget target, KafkaSettings settings, TimeSpan timeout)
    {
        var isNew = KafkaAdmin.CreateTopic(target, settings, partitions: 1, compacted: true, timeout);
        var facts = Describe(target, settings, timeout, isNew);
        var topic = new KeyedTopic(target, settings);
        foreach (var partition in facts.Partitions)
        {
            topic._next[partition.Partition] = 0;
        }
        topic._consumer.Assign(facts.Partitions.Select(partition => new TopicPartitionOffset(target.Topic, partition.Partition, Offset.Beginning)));
        return topic;
    }

    /// <summary>Reads on to what is the end at the time of the call.</summary>
    /// <returns>What was not read before.</returns>
    /// <exception cref="EventLogException">It cannot be read.</exception>
    public List<KeyedRecord> ReadToEnd(TimeSpan timeout)
    {
        var ends = Guarded(() => _next.Keys.ToDictionary(
            partition => partition, partition => _consumer.QueryWatermarkOffsets(new(_target.Topic, partition), timeout).High.Value));
        return ReadUntil(() => ends.All(end => _next[end.Key] >= end.Value), timeout);
    }

    /// <summary>Reads on until a record that was written is read too.</summary>
    /// <returns>What was not read before, that record included.</returns>
    /// <exception cref="EventLogException">It cannot be read.</exception>
    public List<KeyedRecord> ReadThrough(KeyedRecord written, TimeSpan timeout) => ReadUntil(() => _next[written.Partition] > written.Offset, timeout);

    /// <summary>Reads what has come, without waiting.</summary>
    /// <returns>What was not read before.</returns>
    /// <exception cref="EventLogException">It cannot be read.</exception>
    public List<KeyedRecord> ReadNew()
    {
        var read = new List<KeyedRecord>();
        while (Guarded(() => _consumer.Consume(TimeSpan.Zero)) is { } result)
        {
            Take(result, read);
        }
        return read;
    }

    /// <summary>Writes a record.</summary>
    /// <returns>It, with its place, once the broker has it; the task fails with an <see cref="EventLogException"/> if it does not take it.</returns>
    public async Task<KeyedRecord> WriteAsync(string key, string value)
    {
        try
        {
            var result = await _producer.ProduceAsync(_target.Topic, new() { Key = key, Value = value }).ConfigureAwait(false);
            return new(result.Partition.Value, result.Offset.Value, key, value);
        }
        catch (KafkaException e)
        {
            throw Explained(e);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _producer.Dispose();
        _consumer.Dispose();
    }

    // A broker may take a moment to hear of what another has just made.
    private static TopicFacts Describe(KafkaTarget target, KafkaSettings settings, TimeSpan timeout, bool isNew)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                return KafkaAdmin.Describe(target, settings, timeout);
            }
            catch (EventLogException e) when (isNew && IsUnknown(e) && TimeProvider.System.GetElapsedTime(began) < timeout)
            {
                Thread.Sleep(StepMax);
            }
        }
    }

    private static bool IsUnknown(EventLogException e) =>
        e.InnerException is KafkaException { Error.Code: ErrorCode.UnknownTopicOrPart or ErrorCode.LeaderNotAvailable };

    private List<KeyedRecord> ReadUntil(Func<bool> isThere, TimeSpan timeout)
    {
        var read = new List<KeyedRecord>();
        var began = TimeProvider.System.GetTimestamp();
        while (!isThere())
        {
            if (Guarded(() => _consumer.Consume(StepMax)) is { } result)
            {
                Take(result, read);
            }
            else if (TimeProvider.System.GetElapsedTime(began) > timeout)
            {
                throw Explained(new KafkaException(ErrorCode.Local_TimedOut));
            }
        }
        return read;
    }

    private void Take(ConsumeResult<string, string> result, List<KeyedRecord> read)
    {
        _next[result.Partition.Value] = result.IsPartitionEOF ? result.Offset.Value : result.Offset.Value + 1;
        if (!result.IsPartitionEOF)
        {
            read.Add(new(result.Partition.Value, result.Offset.Value, result.Message.Key ?? "", result.Message.Value ?? ""));
        }
    }

    private T Guarded<T>(Func<T> ask)
    {
        try
        {
            return ask();
        }
        catch (KafkaException e)
        {
            throw Explained(e);
        }
    }

    private EventLogException Explained(KafkaException e)
    {
        var cause = _watch.MostTelling(e.Error);
        return new(KafkaErrors.Explain(cause, _target, _settings), e, KafkaErrors.IsUnreachable(cause.Code));
    }
}
