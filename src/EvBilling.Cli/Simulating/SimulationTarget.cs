using EvBilling.Kafka;

namespace EvBilling.Cli.Simulating;

/// <summary>Where events go and when.</summary>
internal sealed record SimulationTarget
{
    public const int DefaultPartitions = 8;

    /// <summary>A file, - for standard output; for a topic the text that named it.</summary>
    public required string To { get; init; }

    /// <summary>The topic; null = a file or standard output.</summary>
    public KafkaTarget? Topic { get; init; }

    /// <summary>How Kafka is reached.</summary>
    public KafkaSettings Kafka { get; init; } = KafkaSettings.None;

    /// <summary>Of the topic, if it is made now.</summary>
    public int Partitions { get; init; } = DefaultPartitions;

    /// <summary>Events a second; null = as fast as they are taken.</summary>
    public int? Rate { get; init; }

    /// <summary>Whether events come by the wall clock, without an end.</summary>
    public bool IsLive { get; init; }

    /// <summary>The start that was asked for; null = none was.</summary>
    public NodaTime.Instant? Start { get; init; }

    /// <summary>Whether events are written at once, as fast as can be, into lines.</summary>
    public bool IsPlain => Topic is null && Rate is null && !IsLive;
}
