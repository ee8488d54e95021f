using System.Globalization;
using System.Text.Json;
using EvBilling.Engine;
using EvBilling.Spark;

namespace EvBilling.Cli.Sparking;

/// <summary>What the job has said of itself so far, also for a worker's counters.</summary>
internal sealed class SparkFigures(RunCounters counters, TimeProvider time)
{
    private readonly Dictionary<string, long> _figures = new(StringComparer.Ordinal);

    public string Sentence { get; private set; } = "";

    private long Of(string name) => _figures.GetValueOrDefault(name);

    /// <param name="json">An object of numbers, those since the job's start; committed and ends are Spark's offsets by topic and partition.</param>
    public void Take(string json)
    {
        using var document = JsonDocument.Parse(json);
        Count(document.RootElement);
        Follow(document.RootElement);
        var done = $"{counters.Events:N0} events, {counters.VersionsWritten:N0} bills written, {counters.DeadLetters:N0} refused";
        Sentence = _figures.ContainsKey("rows")
            ? $"spark: batch {Of("batch")}: {Of("rows"):N0} events, {Of("rows_per_second"):N0}/s, {Of("lag_max"):N0} behind at most{(Of("as_rows") == 1 ? ", as Spark's rows" : "")}; in all {done}"
            : $"spark: {done}";
    }

    /// <param name="json">An object of numbers, those of all that the job has done.</param>
    public void TakeEnd(string json)
    {
        using var document = JsonDocument.Parse(json);
        Count(document.RootElement);
    }

    private void Count(JsonElement json)
    {
        var before = new Dictionary<string, long>(_figures, StringComparer.Ordinal);
        foreach (var member in json.EnumerateObject().Where(member => member.Value.ValueKind == JsonValueKind.Number))
        {
            _figures[member.Name] = member.Value.GetInt64();
        }
        long Since(string name) => Of(name) - before.GetValueOrDefault(name);
        counters.AddElsewhere(
            Since("events"), Since("new_events"), Since("duplicates"),
            [.. _figures.Keys.Where(name => name.StartsWith(KernelFigures.DeadLetterPrefix, StringComparison.Ordinal)).Select(name => (name[KernelFigures.DeadLetterPrefix.Length..], Since(name)))],
            Since("versions_written"), TimeSpan.FromMilliseconds(Of("took_ms")), time.GetUtcNow(), time.GetTimestamp());
    }

    /// <summary>It has nothing to do.</summary>
    public void TakeIdle() => counters.AliveElsewhere(time.GetTimestamp());

    private void Follow(JsonElement json)
    {
        if (!json.TryGetProperty("committed", out var committed) || committed.ValueKind != JsonValueKind.Object)
        {
            return;
        }
        foreach (var topic in committed.EnumerateObject())
        {
            foreach (var partition in topic.Value.EnumerateObject())
            {
                var end = json.TryGetProperty("ends", out var ends) && ends.ValueKind == JsonValueKind.Object && ends.TryGetProperty(topic.Name, out var ofTopic)
                    && ofTopic.TryGetProperty(partition.Name, out var stated) ? stated.GetInt64() : -1;
                counters.FollowElsewhere(new LogPartition(topic.Name, "", int.Parse(partition.Name, CultureInfo.InvariantCulture)), partition.Value.GetInt64(), end);
            }
        }
    }
}
