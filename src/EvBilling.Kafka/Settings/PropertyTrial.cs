using Confluent.Kafka;

namespace EvBilling.Kafka.Settings;

/// <summary>Lets librdkafka itself judge properties: unknown names, wrong values, certificates that cannot be read. No broker is asked.</summary>
internal static class PropertyTrial
{
    /// <exception cref="KafkaSettingsException">It refuses them.</exception>
    public static void Run(ConsumerConfig consumer, ProducerConfig producer, IReadOnlyDictionary<string, SetProperty> properties, Func<string, string> scrub)
    {
        try
        {
            WithoutBroker(consumer);
            WithoutBroker(producer);
            new ConsumerBuilder<Ignore, Ignore>(consumer).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build().Dispose();
            new ProducerBuilder<Null, Null>(producer).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build().Dispose();
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or KafkaException)
        {
            throw new KafkaSettingsException(Sentence(scrub(e.Message).TrimEnd('.'), properties));
        }
    }

    private static void WithoutBroker(ClientConfig config)
    {
        config.BootstrapServers = null;
        if (config.SaslMechanism == SaslMechanism.OAuthBearer)
        {
            // Else librdkafka might ask for a token at once.
            config.SecurityProtocol = config.SecurityProtocol == SecurityProtocol.SaslSsl ? SecurityProtocol.Ssl : SecurityProtocol.Plaintext;
        }
    }

    private static string Sentence(string problem, IReadOnlyDictionary<string, SetProperty> properties)
    {
        // The longest: a message on ssl.key.password is none on ssl.key.
        var named = properties.Values.Where(property => problem.Contains(property.Name, StringComparison.Ordinal)).MaxBy(property => property.Name.Length);
        if (named is null)
        {
            return $"The Kafka library refuses its settings ({problem}); mend or leave out what it names.";
        }
        return problem.StartsWith("No such configuration property", StringComparison.Ordinal)
            ? $"{named.Name} ({named.Origin}): librdkafka has no such property; its CONFIGURATION.md lists all."
            : $"{named.Name} ({named.Origin}) cannot be used ({problem}); mend its value or leave it out.";
    }
}
