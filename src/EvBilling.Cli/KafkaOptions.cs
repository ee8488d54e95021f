using System.CommandLine;
using EvBilling.Engine;
using EvBilling.Kafka;

namespace EvBilling.Cli;

/// <summary>The options of every verb that reaches Kafka: how its brokers are to be reached.</summary>
internal sealed class KafkaOptions
{
    public Option<string[]> Properties { get; } = new("--kafka")
    {
        Description = "A setting for Kafka, as librdkafka names it, such as security.protocol=SASL_SSL; may be repeated. No secrets.",
        HelpName = "NAME=VALUE",
    };

    public Option<string?> File { get; } = new("--kafka-config") { Description = "A file of such settings, one a line; secrets go here or into the environment.", HelpName = "FILE" };

    public void AddTo(Command command)
    {
        command.Options.Add(Properties);
        command.Options.Add(File);
    }

    /// <summary>Whether one of them is given.</summary>
    public bool AreGiven(ParseResult parsed) => parsed.GetValue(Properties) is { Length: > 0 } || parsed.GetValue(File) is not null;

    /// <summary>The settings; wrong ones are wrong use.</summary>
    public KafkaSettings In(ParseResult parsed)
    {
        try
        {
            return KafkaSettings.Read(parsed.GetValue(Properties) ?? [], parsed.GetValue(File), ProcessEnvironment.Read());
        }
        catch (KafkaSettingsException e)
        {
            throw new UsageException(e.Message);
        }
    }

    /// <summary>A target's text; a wrong one is wrong use.</summary>
    public static KafkaTarget Target(string option, string text)
    {
        try
        {
            return KafkaTarget.Parse(text);
        }
        catch (KafkaTargetException e)
        {
            throw new UsageException($"{option}: {e.Message}");
        }
    }
}
