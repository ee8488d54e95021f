namespace EvBilling.SystemTests.Servers;

/// <summary>Where the real Kafka is on this machine.</summary>
internal static class KafkaBundle
{
    private static readonly Lazy<(string? Home, string WhyNot)> Found = new(Find);

    /// <summary>Its home folder. A test is skipped, with the reason, on a machine without it; but not where the folder of engines is there on CI.</summary>
    public static string SkipOrFail()
    {
        var (home, whyNot) = Found.Value;
        if (home is null && Environment.GetEnvironmentVariable("CI") == "true" && Engines.Folder is not null)
        {
            Assert.Fail($"On CI, with the engines there, tests on Kafka run: {whyNot}");
        }
        Assert.SkipWhen(home is null, whyNot);
        return home!;
    }

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
