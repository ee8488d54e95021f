using System.Globalization;
using System.Text;
using System.Text.Json;
using EvBilling.Cli.Service;
using EvBilling.Engine;
using EvBilling.Kafka;
using EvBilling.Kafka.Reading;

namespace EvBilling.Cli.Sparking;

/// <summary>All that the job is told.</summary>
/// <param name="Topic">Null = files are read.</param>
/// <param name="Checkpoint">Null = the batch form.</param>
internal sealed record SparkPlan(
    string Master, KafkaTarget? Topic, KafkaSettings Settings, string TariffsPath, string? LocationsPath, string Store, StoredOptions Stored, TimeSpan KeepSessions, string? Checkpoint)
{
    private const int PollRecordsMax = 50_000;
    private const int FetchBytesMax = 4 << 20;

    /// <summary>What is read once by the batch form, where it is no topic; all of one format.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>The batch form: all that there is, from its start.</summary>
    public bool Reprocess { get; init; }

    /// <summary>Whether and where metrics are served, under the names that a worker's have.</summary>
    public ServiceOptions Service { get; init; } = ServiceOptions.Ending();

    /// <summary>The job ends with its standard input, which whoever submits it keeps open.</summary>
    public bool EndsWithInput { get; init; } = true;

    /// <summary>End with what there is now.</summary>
    public bool AvailableNow { get; init; }

    /// <summary>How often a batch begins.</summary>
    public TimeSpan Trigger { get; init; } = TimeSpan.FromSeconds(5);

    public long? MaxOffsetsPerTrigger { get; init; }

    /// <summary>The store as the job names it; null = as it is named here.</summary>
    public string? JobStore { get; init; }

    /// <summary>No secret stands in the properties, but the name of the environment variable that has it where the job runs.</summary>
    public bool SecretReferences { get; init; }

    /// <summary>NAME=VALUE for spark-submit's --conf.</summary>
    public IReadOnlyList<string> SparkConf { get; init; } = [];

    /// <summary>The file of Java properties that the job reads.</summary>
    /// <param name="kernel">The kernel's configuration.</param>
    /// <param name="positions">How far the store has the topic's partitions.</param>
    public string Properties(string kernel, TopicFacts? facts, IReadOnlyList<LogPosition> positions)
    {
        var text = new StringBuilder();
        void Add(string name, string value) => text.Append(Escaped(name, isName: true)).Append('=').Append(Escaped(value, isName: false)).Append('\n');
        Add("kernel", kernel);
        Add("reprocess", Reprocess ? "true" : "false");
        if (Checkpoint is not null)
        {
            Add("checkpoint", Checkpoint);
        }
        Add("ends-with-input", EndsWithInput ? "true" : "false");
        Add("available-now", AvailableNow ? "true" : "false");
        Add("trigger", string.Create(CultureInfo.InvariantCulture, $"{(long)Trigger.TotalMilliseconds} milliseconds"));
        if (Topic is null || facts is null)
        {
            Add("files", string.Join('\n', Files));
            return text.ToString();
        }
        Add("source.kafka.bootstrap.servers", Topic.BootstrapServers);
        Add("source.subscribe", Topic.Topic);
        Add("source.startingOffsets", Reprocess ? "earliest" : StartingOffsets(Topic.Topic, facts, positions));
        // What is gone before it was read is said, not jumped over.
        Add("source.failOnDataLoss", "true");
        if (MaxOffsetsPerTrigger is { } max)
        {
            Add("source.maxOffsetsPerTrigger", max.ToString(CultureInfo.InvariantCulture));
        }
        // Where records come as Spark's rows, Spark seeks for each poll, which throws away what was fetched ahead, and asks the broker for both ends: so a poll is to take all that is fetched.
        Add("source.kafka.max.poll.records", PollRecordsMax.ToString(CultureInfo.InvariantCulture));
        Add("source.kafka.max.partition.fetch.bytes", FetchBytesMax.ToString(CultureInfo.InvariantCulture));
        var client = Settings.ForJava(Topic.BootstrapServers, SecretReferences);
        foreach (var (name, value) in client.Properties)
        {
            Add("source.kafka." + name, value);
        }
        Add("secrets", string.Join(',', client.SecretVariables));
        return text.ToString();
    }

    // For a new checkpoint: what the store has is not read again.
    private static string StartingOffsets(string topic, TopicFacts facts, IReadOnlyList<LogPosition> positions) => JsonObjectText.Of(writer =>
    {
        writer.WritePropertyName(topic);
        writer.WriteStartObject();
        foreach (var partition in facts.Partitions)
        {
            var stored = positions.FirstOrDefault(position => position.Partition.Partition == partition.Partition)?.NextOffset;
            writer.WriteNumber(partition.Partition.ToString(CultureInfo.InvariantCulture), stored ?? partition.LowOffset);
        }
        writer.WriteEndObject();
    });

    private static string Escaped(string text, bool isName)
    {
        var escaped = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var character = text[i];
            _ = character switch
            {
                '\\' => escaped.Append("\\\\"),
                '\n' => escaped.Append("\\n"),
                '\r' => escaped.Append("\\r"),
                '\t' => escaped.Append("\\t"),
                ' ' when isName || i == 0 => escaped.Append("\\ "),
                ':' or '=' or '#' or '!' when isName => escaped.Append('\\').Append(character),
                _ => escaped.Append(character),
            };
        }
        return escaped.ToString();
    }
}
