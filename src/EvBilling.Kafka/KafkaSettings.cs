using Confluent.Kafka;

namespace EvBilling.Kafka;

/// <summary>How brokers are reached: properties of librdkafka and a few of our own.</summary>
public sealed class KafkaSettings
{
    private readonly Dictionary<string, string> _properties;

    private KafkaSettings(Dictionary<string, string> properties) => _properties = properties;

    /// <summary>Reads settings; options win over the environment, that over the file.</summary>
    /// <param name="properties">NAME=VALUE of <c>--kafka</c>.</param>
    /// <param name="propertiesFile">The file of <c>--kafka-config</c>: lines of NAME=VALUE; null = none.</param>
    /// <param name="environment">EVBILLING_KAFKA_SASL_PASSWORD is sasl.password, and so on.</param>
    /// <exception cref="KafkaSettingsException">A setting cannot be used.</exception>
    public static KafkaSettings Read(IReadOnlyList<string> properties, string? propertiesFile, IReadOnlyDictionary<string, string> environment)
    {
        var read = new Dictionary<string, string>();
        foreach (var line in propertiesFile is null ? properties : File.ReadLines(propertiesFile).Concat(properties))
        {
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            read[line[..equals]] = line[(equals + 1)..];
        }
        return new(read);
    }

    /// <summary>Settings of a consumer that takes part in a group.</summary>
    public ConsumerConfig Consumer(string bootstrapServers, string group) => new(new Dictionary<string, string>(_properties))
    {
        BootstrapServers = bootstrapServers,
        GroupId = group,
        EnableAutoCommit = false,
        EnableAutoOffsetStore = false,
        AutoOffsetReset = AutoOffsetReset.Error,
        EnablePartitionEof = true,
        IsolationLevel = IsolationLevel.ReadCommitted,
        PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky,
        SessionTimeoutMs = 6000,
        HeartbeatIntervalMs = 2000,
    };

    public ProducerConfig Producer(string bootstrapServers) => new(new Dictionary<string, string>(_properties))
    {
        BootstrapServers = bootstrapServers,
        EnableIdempotence = true,
        Acks = Acks.All,
        Partitioner = Partitioner.Murmur2Random,
    };

    public AdminClientConfig Admin(string bootstrapServers) => new(new Dictionary<string, string>(_properties)) { BootstrapServers = bootstrapServers };

    /// <summary>Sets the handlers of logs, errors and tokens, which a builder takes once.</summary>
    public void Attach<TKey, TValue>(ConsumerBuilder<TKey, TValue> builder, Action<KafkaLogLine> log, Action<Error>? onError = null)
    {
        builder.SetLogHandler((_, line) => log(new(line.Level, line.Facility, Scrub(line.Message))));
        builder.SetErrorHandler((_, error) => onError?.Invoke(error));
    }

    /// <inheritdoc cref="Attach{TKey,TValue}(ConsumerBuilder{TKey,TValue},Action{KafkaLogLine},Action{Error})"/>
    public void Attach<TKey, TValue>(ProducerBuilder<TKey, TValue> builder, Action<KafkaLogLine> log, Action<Error>? onError = null)
    {
        builder.SetLogHandler((_, line) => log(new(line.Level, line.Facility, Scrub(line.Message))));
        builder.SetErrorHandler((_, error) => onError?.Invoke(error));
    }

    /// <inheritdoc cref="Attach{TKey,TValue}(ConsumerBuilder{TKey,TValue},Action{KafkaLogLine},Action{Error})"/>
    public void Attach(AdminClientBuilder builder, Action<KafkaLogLine> log, Action<Error>? onError = null)
    {
        builder.SetLogHandler((_, line) => log(new(line.Level, line.Facility, Scrub(line.Message))));
        builder.SetErrorHandler((_, error) => onError?.Invoke(error));
    }

    /// <summary>The text without the secrets of these settings.</summary>
    public string Scrub(string text) => _properties.Where(property => property.Key.EndsWith("password", StringComparison.Ordinal) && property.Value.Length > 0)
        .Aggregate(text, (scrubbed, property) => scrubbed.Replace(property.Value, "***", StringComparison.Ordinal));
}
