namespace EvBilling.Kafka.Settings;

/// <summary>What clients are set to unless the user says otherwise; <see cref="PropertyRules"/> says of which he may not.</summary>
internal static class ClientDefaults
{
    /// <summary>Azure drops connections without a word that were idle for 4 minutes, so that they are kept alive, and given up before that.</summary>
    public static readonly Dictionary<string, string> All = new()
    {
        ["client.id"] = "evbilling",
        ["socket.keepalive.enable"] = "true",
        ["connections.max.idle.ms"] = "180000",
        ["metadata.max.age.ms"] = "180000",
        // Between a broker's restart and the next attempt: soon enough for a follower, and not a storm.
        ["reconnect.backoff.ms"] = "100",
        ["reconnect.backoff.max.ms"] = "2000",
        // An idle connection that the broker closes is no news.
        ["log.connection.close"] = "false",
    };

    /// <summary>Lives for a few questions. A connection that is closed meanwhile is often all that tells of a wrong security.protocol.</summary>
    public static readonly Dictionary<string, string> Admin = new() { ["log.connection.close"] = "true" };

    public static readonly Dictionary<string, string> Consumer = new()
    {
        ["enable.auto.commit"] = "false",
        ["enable.auto.offset.store"] = "false",
        ["auto.offset.reset"] = "error",
        ["isolation.level"] = "read_committed",
        ["enable.partition.eof"] = "true",
        // Its default of a second would idle a fast reader whenever its queue was full once.
        ["fetch.queue.backoff.ms"] = "2",
        ["queued.max.messages.kbytes"] = "32768",
        // At a high rate each answer is to hold many records: answers of a few cost broker and reader more than the records in them. At a low rate this is all that they wait.
        ["fetch.min.bytes"] = "65536",
        ["fetch.wait.max.ms"] = "50",
    };

    /// <summary>A lost worker's partitions are taken over within seconds. The newer group protocol (group.protocol=consumer) leaves these to the broker and refuses them.</summary>
    public static readonly Dictionary<string, string> ClassicGroup = new()
    {
        ["session.timeout.ms"] = "6000",
        ["heartbeat.interval.ms"] = "500",
        ["partition.assignment.strategy"] = "cooperative-sticky",
    };

    public static readonly Dictionary<string, string> Producer = new()
    {
        ["enable.idempotence"] = "true",
        ["acks"] = "all",
        ["partitioner"] = "murmur2_random",
        // Its default of 5 makes several times the requests at rates of a fleet.
        ["linger.ms"] = "20",
    };

    /// <summary>Event Hubs may take 20 s for an answer, and recommends this.</summary>
    public static readonly Dictionary<string, string> EventHubsProducer = new() { ["request.timeout.ms"] = "60000" };
}
