using System.Runtime.ExceptionServices;
using Confluent.Kafka;
using EvBilling.Engine;
using EvBilling.Events;

namespace EvBilling.Kafka.Reading;

/// <summary>
/// A topic as an event log, shared by the workers of a group. How far it is read is the store's to know: a partition is claimed there when it is assigned,
/// and what was read of it is committed there before it is given up.
/// </summary>
public sealed class KafkaEventLog : IEventLog
{
    private const int BlockRecordsMax = 1024;
    private const int BlockBytesMax = 256 * 1024;
    private static readonly TimeSpan IdleMax = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LeavesWithin = TimeSpan.FromSeconds(2);

    private readonly KafkaTarget _target;
    private readonly KafkaSettings _settings;
    private readonly KafkaReadOptions _options;
    private readonly IBillStore _store;
    private readonly ITopicListener _listener;
    private readonly TopicIdentity _topic;
    private readonly TopicWatch _watch;
    private readonly TopicEnd? _end;
    private readonly RecordTextDeserializer _texts = new();
    private readonly IConsumer<Ignore, RecordText> _consumer;
    private readonly Dictionary<int, PartitionCursor> _cursors = [];
    private readonly EventBuffer _pendingText = new(4096);
    private readonly Lock _polling = new();
    private (int Partition, LogRecord? Record, long Offset)? _pending;
    private ExceptionDispatchInfo? _failure;

    private KafkaEventLog(
        KafkaTarget target, KafkaSettings settings, KafkaReadOptions options, IBillStore store, TimeProvider time, ITopicListener listener, TopicFacts? described)
    {
        (_target, _settings, _options, _store, _listener) = (target, settings, options, store, listener);
        var positions = store.ReadPositions();
        // Only what is described after the positions were read cannot be behind what other workers have read.
        var facts = described is not null && TopicIdentity.Of(target, described).FindBeyond(positions, described) is null
            ? described
            : KafkaAdmin.Describe(target, settings, KafkaAdmin.Patience, listener.Reported);
        _topic = TopicIdentity.Of(target, facts);
        _topic.Check(positions, options.NewTopic);
        if (_topic.FindBeyond(positions, facts) is { } beyond)
        {
            throw Lost(beyond, facts.EndOf(beyond.Partition.Partition));
        }
        _end = options.IsFollowing ? null : new TopicEnd(_topic, facts, store, time, listener);
        _watch = new TopicWatch(target, settings, _topic, time, listener.Reported);
        var builder = new ConsumerBuilder<Ignore, RecordText>(Configuration(settings))
            .SetValueDeserializer(_texts)
            .SetPartitionsAssignedHandler((_, partitions) => Guard(() => Assign(partitions), Ignored(partitions)))
            .SetPartitionsRevokedHandler((_, partitions) => { Guard(() => Revoke([.. partitions.Select(partition => partition.Partition.Value)]), false); })
            .SetPartitionsLostHandler((_, _) => Fail(new EventLogException(
                $"The group {options.Group} took this worker for dead, since it did not answer for a while; it starts again from what is committed.", isTransient: true)));
        settings.Attach(builder, listener.Reported, _watch.Take);
        try
        {
            _consumer = builder.Build();
            if (_end?.IsReached(_cursors) != true)
            {
                _consumer.Subscribe(target.Topic);
            }
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            throw new KafkaSettingsException($"The Kafka library refuses its settings ({settings.Scrub(e.Message).TrimEnd('.')}); mend or leave out what it names.");
        }
    }

    public long? TotalBytes => null;

    public long ReadBytes => 0;

    public IReadOnlyList<LogPartition> Partitions => [];

    public bool IsReachable => _watch.IsReachable;

    public Action<IReadOnlyList<LogPartition>>? GivingUp { get; set; }

    /// <summary>Joins the group; partitions come with the first polls.</summary>
    /// <param name="listener">Is told what becomes of partitions.</param>
    /// <param name="described">The topic as it was a moment ago, where it was asked for while the store was opened; null = it is asked for now.</param>
    /// <exception cref="EventLogException">The topic cannot be reached, or is not the one that the store has read.</exception>
    public static KafkaEventLog Open(
        KafkaTarget target, KafkaSettings settings, KafkaReadOptions options, IBillStore store, TimeProvider time, ITopicListener listener, TopicFacts? described = null) =>
        new(target, settings, options, store, time, listener, described);

    public bool Poll(RecordBlock block, CancellationToken cancellation)
    {
        lock (_polling)
        {
            if (cancellation.IsCancellationRequested)
            {
                return false;
            }
            block.Clear();
            _watch.Check();
            TakePending(block);
            while (!cancellation.IsCancellationRequested && !IsFull(block))
            {
                _texts.To = block.Buffer;
                var result = Consume(block.Records.Count == 0 ? IdleMax : TimeSpan.Zero, block);
                _failure?.Throw();
                if (result is null)
                {
                    break;
                }
                if (!Take(result, block))
                {
                    break;
                }
            }
            Finish(block);
            return !block.IsEmpty || _options.IsFollowing || !_end!.IsReached(_cursors);
        }
    }

    public void Dispose()
    {
        _watch.Dispose();
        // Leaving the group takes as long as a rebalance that is under way; it goes on aside rather than hold up the end of the program.
        var leaving = new Thread(Leave) { Name = "leave group", IsBackground = true };
        leaving.Start();
        leaving.Join(LeavesWithin);
    }

    // Once a poll in hand has ended: two threads at once are not for the library.
    private void Leave()
    {
        lock (_polling)
        {
            try
            {
                _consumer.Close();
            }
            catch (KafkaException)
            {
                // The broker is away: the group finds out by itself.
            }
            _consumer.Dispose();
        }
    }

    private static bool IsFull(RecordBlock block) => block.HasAdvanced || block.Records.Count >= BlockRecordsMax || block.Buffer.Length >= BlockBytesMax;

    private ConsumerConfig Configuration(KafkaSettings settings)
    {
        var configuration = settings.Consumer(_target.BootstrapServers, _options.Group);
        configuration.ConsumeResultFields = "timestamp";
        return configuration;
    }

    private ConsumeResult<Ignore, RecordText>? Consume(TimeSpan patience, RecordBlock block)
    {
        try
        {
            _filling = block;
            return _consumer.Consume(patience);
        }
        catch (KafkaException e)
        {
            throw Explained(e);
        }
        finally
        {
            _filling = null;
        }
    }

    // The block that a rebalance may take records out of.
    private RecordBlock? _filling;

    /// <returns>False if the block is to be given away.</returns>
    private bool Take(ConsumeResult<Ignore, RecordText> result, RecordBlock block)
    {
        var number = result.Partition.Value;
        if (!_cursors.TryGetValue(number, out var cursor))
        {
            // Fetched before the partition was given up.
            return true;
        }
        var offset = result.Offset.Value;
        if (result.IsPartitionEOF)
        {
            if (cursor.NextOffset == offset && cursor.EndOffset == offset)
            {
                return true;
            }
            if (block.Records.Count > 0)
            {
                _pending = (number, null, offset);
                return false;
            }
            Advance(block, cursor, offset);
            return false;
        }
        var value = result.Message.Value;
        var record = new LogRecord(value.Text, offset, value.Length, result.Message.Timestamp.UnixTimestampMs);
        if (block.Records.Count > 0 && block.Partition != cursor.Partition)
        {
            _pendingText.Clear();
            _pending = (number, record with { Text = _pendingText.Append(value.Text.In(block.Buffer.Bytes)) }, offset);
            return false;
        }
        Add(block, cursor, record);
        return true;
    }

    private void TakePending(RecordBlock block)
    {
        if (_pending is not { } pending)
        {
            return;
        }
        _pending = null;
        var cursor = _cursors[pending.Partition];
        if (pending.Record is { } record)
        {
            Add(block, cursor, record with { Text = block.Buffer.Append(record.Text.In(_pendingText.Bytes)) });
        }
        else
        {
            Advance(block, cursor, pending.Offset);
        }
    }

    private static void Add(RecordBlock block, PartitionCursor cursor, in LogRecord record)
    {
        block.Partition = cursor.Partition;
        block.Records.Add(record);
        cursor.NextOffset = record.Offset + 1;
    }

    // What lies between is no record: a transaction's marks, or what compaction took away.
    private static void Advance(RecordBlock block, PartitionCursor cursor, long endOffset)
    {
        block.Partition = cursor.Partition;
        block.HasAdvanced = true;
        cursor.NextOffset = cursor.EndOffset = endOffset;
    }

    private void Finish(RecordBlock block)
    {
        if (block.IsEmpty)
        {
            return;
        }
        var cursor = _cursors[block.Partition.Partition];
        if (!block.HasAdvanced)
        {
            var known = _consumer.GetWatermarkOffsets(new TopicPartition(_target.Topic, block.Partition.Partition)).High.Value;
            cursor.EndOffset = Math.Max(known, cursor.NextOffset);
        }
        block.NextOffset = cursor.NextOffset;
        block.EndOffset = cursor.EndOffset;
    }

    private List<TopicPartitionOffset> Assign(List<TopicPartition> partitions)
    {
        var claimed = _store.Claim([.. partitions.Select(partition => _topic.Partition(partition.Partition.Value))]).ToDictionary(position => position.Partition, position => position.NextOffset);
        var offsets = new List<TopicPartitionOffset>();
        foreach (var partition in partitions)
        {
            var cursor = new PartitionCursor(_topic.Partition(partition.Partition.Value));
            if (claimed.TryGetValue(cursor.Partition, out var next))
            {
                cursor.NextOffset = CheckBounds(partition, cursor.Partition, next);
            }
            _cursors[partition.Partition.Value] = cursor;
            offsets.Add(new(partition, cursor.NextOffset < 0 ? Offset.Beginning : cursor.NextOffset));
        }
        _listener.Claimed([.. partitions.Select(partition => _topic.Partition(partition.Partition.Value))]);
        return offsets;
    }

    private long CheckBounds(TopicPartition topicPartition, LogPartition partition, long next)
    {
        var bounds = _consumer.QueryWatermarkOffsets(topicPartition, KafkaAdmin.Patience);
        if (next < bounds.Low.Value)
        {
            var gap = new RetentionGap(partition, next, bounds.Low.Value);
            if (!_options.AcceptGap)
            {
                throw gap.Refused();
            }
            _store.SkipGap(partition, gap.To, gap.Records);
            _listener.Skipped(gap);
            return gap.To;
        }
        return next <= bounds.High.Value ? next : throw Lost(new(partition, next), bounds.High.Value);
    }

    private static EventLogException Lost(LogPosition position, long end) => new(
        $"{position.Partition.Source} partition {position.Partition.Partition} ends at {end}, although it was read up to {position.NextOffset}: the broker has lost records. "
        + "Give --from-start to read what it has from the start; events that come again change nothing.");

    // After a failure, which ends the run: the library wants an answer for each partition.
    private static List<TopicPartitionOffset> Ignored(List<TopicPartition> partitions) => [.. partitions.Select(partition => new TopicPartitionOffset(partition, Offset.End))];

    private bool Revoke(List<int> numbers)
    {
        var gone = numbers.Where(_cursors.ContainsKey).Select(number => _cursors[number].Partition).ToList();
        // What is not handed over yet is for the next worker to read.
        if (_filling is { Records.Count: > 0 } block && gone.Contains(block.Partition))
        {
            block.Clear();
        }
        if (_pending is { } pending && numbers.Contains(pending.Partition))
        {
            _pending = null;
        }
        foreach (var number in numbers)
        {
            _cursors.Remove(number);
        }
        GivingUp?.Invoke(gone);
        _listener.GivenUp(gone);
        return true;
    }

    // An exception must not pass through the library's own code.
    private T Guard<T>(Func<T> handle, T otherwise)
    {
        try
        {
            return handle();
        }
        catch (KafkaException e)
        {
            Fail(Explained(e));
        }
        catch (Exception e)
        {
            Fail(e);
        }
        return otherwise;
    }

    // Whether it is for ever, opening anew will tell: it asks for the topic again.
    private EventLogException Explained(KafkaException e) => new(KafkaErrors.Explain(_watch.MostTelling(e.Error), _target, _settings), e, isTransient: true);

    private void Fail(Exception e) => _failure ??= ExceptionDispatchInfo.Capture(e);
}
