using System.Collections;
using System.CommandLine;
using EvBilling.Kafka;

namespace EvBilling.Cli;

/// <summary>How a verb reaches Kafka: options that every such verb has.</summary>
internal sealed class KafkaCommandOptions
{
    private readonly Option<string[]> _properties = new("--kafka")
    {
        Description = "A property of librdkafka, such as security.protocol=SASL_SSL; may be given several times. Secrets go into a file or the environment.",
        HelpName = "NAME=VALUE",
    };

    private readonly Option<string?> _file = new("--kafka-config")
    {
        Description = "A file of such properties, one a line; secrets may stand in it. EVBILLING_KAFKA_SASL_PASSWORD and so on in the environment win over it.",
        HelpName = "FILE",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_properties);
        command.Options.Add(_file);
    }

    /// <exception cref="UsageException">A setting cannot be used.</exception>
    public KafkaSettings Read(ParseResult parsed)
    {
        try
        {
            return KafkaSettings.Read(parsed.GetValue(_properties) ?? [], parsed.GetValue(_file), ProcessEnvironment.Read());
        }
        catch (KafkaSettingsException e)
        {
            throw new UsageException(e.Message);
        }
    }

    /// <summary>Reads <c>kafka://HOST:PORT/TOPIC</c>.</summary>
    /// <exception cref="UsageException">It is no such text.</exception>
    public static KafkaTarget Target(string option, string text)
    {
        try
        {
            return KafkaTarget.Parse(text);
        }
        catch (KafkaTargetException e)
        {
            throw new UsageException($"{option} {e.Message}");
        }
    }
}

/// <summary>The environment of this process.</summary>
internal static class ProcessEnvironment
{
    public static IReadOnlyDictionary<string, string> Read() =>
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? "", StringComparer.Ordinal);
}
