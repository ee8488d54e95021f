namespace EvBilling.Kafka.Reading;

/// <summary>How a topic is read.</summary>
public sealed record KafkaReadOptions
{
    /// <summary>Workers of one group share the topic's partitions.</summary>
    public string Group { get; init; } = "evbilling";

    /// <summary>The topic has no end: wait for more.</summary>
    public bool IsFollowing { get; init; }

    /// <summary>Go on although records were deleted before they were read.</summary>
    public bool AcceptGap { get; init; }

    /// <summary>Read a topic that has the name, but not the id, of the one that was read before.</summary>
    public bool NewTopic { get; init; }
}
