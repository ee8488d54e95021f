using Confluent.Kafka;
using EvBilling.Engine;

namespace EvBilling.Kafka.Producing;

/// <summary>
/// Writes records to a topic, each once and those of one key in order. Memory is bounded: <see cref="Write"/> waits for room. A record counts as written when the
/// broker has acknowledged it; one that it refuses ends the writing. Calls come from one thread.
/// </summary>
public sealed class TopicWriter : IDisposable
{
    private const int QueueKibibytes = 32 * 1024;
    private const int LingerMs = 10;
    private static readonly TimeSpan RoomEvery = TimeSpan.FromMilliseconds(2);

    private readonly KafkaTarget _target;
    private readonly KafkaSettings _settings;
    private readonly KafkaErrorWatch _watch = new();
    private readonly IProducer<byte[], byte[]> _producer;
    private readonly TopicPartition _anywhere;
    private readonly Message<byte[], byte[]> _message = new();
    private readonly ExactArrays _keys = new();
    private readonly ExactArrays _values = new();
    private WriteMark _open;
    private long _acknowledged;
    private Error? _refused;

    /// <summary>Makes a writer; no broker is asked yet.</summary>
    /// <param name="log">Gets the library's lines, from any thread; null = nobody asks.</param>
    /// <exception cref="KafkaSettingsException">The library refuses the settings.</exception>
    public TopicWriter(KafkaTarget target, KafkaSettings settings, Action<KafkaLogLine>? log = null)
    {
        _target = target;
        _settings = settings;
        _anywhere = new(target.Topic, Partition.Any);
        _open = new(Settle, before: null);
        var config = settings.Producer(target.BootstrapServers);
        config.QueueBufferingMaxKbytes ??= QueueKibibytes;
        config.LingerMs ??= LingerMs;
        // A topic that is deleted under the writer is an error to be told, not one to be made anew with other partitions.
        config.AllowAutoCreateTopics ??= false;
        // Only the error is looked at; what else a report may carry would be copied for nobody.
        config.DeliveryReportFields = "none";
        _producer = ProducerOf(config, log);
    }

    /// <summary>Records handed over.</summary>
    public long Written { get; private set; }

    /// <summary>Records that the broker has acknowledged.</summary>
    public long Acknowledged => Volatile.Read(ref _acknowledged);

    /// <summary>Hands a record over; its spans hold only until the call returns.</summary>
    /// <returns>False if it was cancelled while it waited for room; the record is then not written.</returns>
    /// <exception cref="EventLogException">The broker has refused this record or one before.</exception>
    public bool Write(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, CancellationToken cancellation)
    {
        ThrowIfRefused();
        // The library copies both before the call returns, so that the arrays serve again.
        _message.Key = _keys.Of(key);
        _message.Value = _values.Of(value);
        while (true)
        {
            _open.Add();
            try
            {
                _producer.Produce(_anywhere, _message, _open.Handler);
                Written++;
                return true;
            }
            catch (ProduceException<byte[], byte[]> e) when (e.Error.Code == ErrorCode.Local_QueueFull)
            {
                _open.Remove();
                ThrowIfRefused();
                if (cancellation.WaitHandle.WaitOne(RoomEvery))
                {
                    return false;
                }
            }
            catch (KafkaException e)
            {
                _open.Remove();
                throw Explained(e.Error);
            }
        }
    }

    /// <summary>A mark behind all that was written so far, which tells when all of it is acknowledged.</summary>
    public WriteMark Mark()
    {
        var mark = _open;
        _open = new(Settle, mark);
        mark.Close();
        return mark;
    }

    /// <summary>Waits until all is acknowledged that was written.</summary>
    /// <returns>False if it is not, after that time or at the cancellation.</returns>
    /// <exception cref="EventLogException">The broker has refused a record.</exception>
    public bool Flush(TimeSpan timeout, CancellationToken cancellation)
    {
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(timeout);
            _producer.Flush(limit.Token);
        }
        catch (OperationCanceledException)
        {
            // What is acknowledged by now is counted below.
        }
        ThrowIfRefused();
        return Acknowledged == Written;
    }

    /// <summary>Throws if the broker has refused a record.</summary>
    /// <exception cref="EventLogException">It has.</exception>
    public void ThrowIfRefused()
    {
        if (Volatile.Read(ref _refused) is { } error)
        {
            throw Explained(error);
        }
    }

    /// <summary>The error that says why records are not acknowledged, in a sentence; null if none is known.</summary>
    public string? Trouble => _watch.Cause is { } cause ? KafkaErrors.Explain(cause, _target, _settings) : null;

    /// <summary>Gives up what is not acknowledged; <see cref="Flush"/> comes before it.</summary>
    public void Dispose() => _producer.Dispose();

    private IProducer<byte[], byte[]> ProducerOf(ProducerConfig config, Action<KafkaLogLine>? log)
    {
        var builder = new ProducerBuilder<byte[], byte[]>(config);
        _settings.Attach(builder, log ?? (_ => { }), _watch.Note);
        try
        {
            return builder.Build();
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            throw new KafkaSettingsException($"The Kafka library refuses its settings ({_settings.Scrub(e.Message).TrimEnd('.')}); mend or leave out what it names.");
        }
    }

    private void Settle(Error error)
    {
        if (error.IsError)
        {
            Interlocked.CompareExchange(ref _refused, error, null);
            return;
        }
        if (Interlocked.Increment(ref _acknowledged) == 1 || _watch.Cause is not null)
        {
            _watch.Forget();
        }
    }

    private EventLogException Explained(Error error)
    {
        var cause = _watch.MostTelling(error);
        return new(KafkaErrors.Explain(cause, _target, _settings), new KafkaException(error), KafkaErrors.IsUnreachable(cause.Code));
    }
}
