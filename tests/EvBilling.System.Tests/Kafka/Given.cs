using EvBilling.Kafka;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Kafka;

/// <summary>Settings as a user states them.</summary>
internal static class Given
{
    public static readonly IReadOnlyDictionary<string, string> NoEnvironment = new Dictionary<string, string>();

    /// <summary>With these lines in the file of <c>--kafka-config</c>.</summary>
    public static KafkaSettings File(params string[] lines)
    {
        using var folder = new TemporaryFolder();
        return KafkaSettings.Read([], folder.Write("kafka.properties", string.Join('\n', lines)), NoEnvironment);
    }

    /// <summary>With these of <c>--kafka</c>.</summary>
    public static KafkaSettings Options(params string[] options) => KafkaSettings.Read(options, null, NoEnvironment);

    /// <summary>With NAME=VALUE in the environment, after the prefix.</summary>
    public static Dictionary<string, string> Environment(params string[] variables) =>
        variables.Select(variable => variable.Split('=', 2)).ToDictionary(variable => "EVBILLING_KAFKA_" + variable[0], variable => variable[1]);
}
