namespace EvBilling.SystemTests.Servers;

/// <summary>Where the real Kafka is on this machine.</summary>
internal static class KafkaBundle
{
    private static readonly Lazy<(string? Home, string WhyNot)> Found = new(Find);

    /// <inheritdoc cref="Engines.SkipOrFail"/>
    public static string SkipOrFail() => Engines.SkipOrFail("Kafka", Found.Value);

    private static (string? Home, string WhyNot) Find()
    {
        if (!Engines.IsInPath("java"))
        {
            return (null, "Kafka needs java on the PATH, as in Debian's openjdk-17-jre-headless.");
        }
        if (Environment.GetEnvironmentVariable("EVBILLING_TEST_KAFKA") is { Length: > 0 } home)
        {
            return File.Exists(Path.Combine(home, "bin", "kafka-broker")) ? (home, "") : (null, $"EVBILLING_TEST_KAFKA={home} has no bin/kafka-broker.");
        }
        return Engines.Folder is not null
            ? Engines.Unpack("kafka")
            : (null, "There is no Kafka here: EVBILLING_TEST_KAFKA names none, and ../shared/engines is not on this machine.");
    }
}
