using System.Globalization;

namespace EvBilling.Kafka;

/// <summary>A topic and where to ask for it, as <c>kafka://HOST:PORT/TOPIC</c> names it.</summary>
/// <param name="BootstrapServers">HOST:PORT of the brokers that are asked first, separated by commas.</param>
/// <param name="Topic">The topic's name.</param>
public sealed record KafkaTarget(string BootstrapServers, string Topic)
{
    /// <summary>Where brokers listen if nothing else is said.</summary>
    public const int DefaultPort = 9092;

    private const string Scheme = "kafka://";
    private const string Example = "give kafka://HOST:PORT/TOPIC, as in kafka://127.0.0.1:9092/charging-events";
    private const int TopicLengthMax = 249;
    private const int PortMax = 65535;

    /// <summary>Whether the text is meant as a target in Kafka, well formed or not.</summary>
    public static bool IsKafka(string text) => text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads <c>kafka://HOST:PORT/TOPIC</c> or, with several brokers to ask, <c>kafka://H1:P1,H2:P2/TOPIC</c>. The port is 9092 if there is none.</summary>
    /// <exception cref="KafkaTargetException">It is no such text, or it holds a user name or password.</exception>
    public static KafkaTarget Parse(string text)
    {
        if (!IsKafka(text))
        {
            throw new KafkaTargetException($"{text} is no topic in Kafka; {Example}.");
        }
        var rest = text[Scheme.Length..];
        if (rest.LastIndexOf('@') is var at and >= 0)
        {
            // What stands before the @ may be a secret, and is not repeated.
            throw new KafkaTargetException(
                $"{Scheme}...@{rest[(at + 1)..]} holds a user or password, which others on the machine could read: put sasl.username into a file for --kafka-config, "
                + "and the password there too or into the environment variable EVBILLING_KAFKA_SASL_PASSWORD.");
        }
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || slash == rest.Length - 1)
        {
            throw new KafkaTargetException($"{text} names no topic; {Example}.");
        }
        var brokers = rest[..slash].Split(',');
        return new(string.Join(',', brokers.Select(broker => Broker(broker, text))), CheckTopic(rest[(slash + 1)..]));
    }

    /// <summary>The target as <see cref="Parse"/> reads it.</summary>
    public override string ToString() => $"{Scheme}{BootstrapServers}/{Topic}";

    /// <summary>Kafka's own rules for a topic's name.</summary>
    /// <returns>The name.</returns>
    /// <exception cref="KafkaTargetException">It breaks them.</exception>
    public static string CheckTopic(string topic)
    {
        var isGood = topic.Length is > 0 and <= TopicLengthMax && topic is not ("." or "..")
            && topic.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-');
        return isGood
            ? topic
            : throw new KafkaTargetException($"\"{topic}\" cannot be a topic's name: that is 1 to {TopicLengthMax} letters a-z and A-Z, digits, '.', '_' and '-', and not '.' or '..'.");
    }

    private static string Broker(string text, string target)
    {
        // An IPv6 address stands in brackets, so that its colons are none of the port's.
        var colon = text.LastIndexOf(':');
        var hasPort = colon >= 0 && !text.EndsWith(']');
        var host = hasPort ? text[..colon] : text;
        var isBracketed = host.StartsWith('[') && host.EndsWith(']');
        if (host.Length == 0 || host.Any(char.IsWhiteSpace) || (!isBracketed && host.Contains(':', StringComparison.Ordinal)))
        {
            throw new KafkaTargetException($"{target} has a broker without a host (\"{text}\"); {Example}.");
        }
        if (!hasPort)
        {
            return $"{host}:{DefaultPort}";
        }
        var isPort = int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= PortMax;
        return isPort ? $"{host}:{port}" : throw new KafkaTargetException($"{target} has a broker whose port is no number from 1 to {PortMax} (\"{text}\"); {Example}.");
    }
}

/// <summary>A text is no target in Kafka. The message says why and how to mend it.</summary>
public sealed class KafkaTargetException(string message) : FormatException(message);
