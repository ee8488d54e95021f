using EvBilling.Cli.Running;

namespace EvBilling.Cli.Sparking;

/// <summary>The files that the batch form reads.</summary>
internal static class SparkFiles
{
    private const string Parquet = ".parquet";

    /// <returns>None where a topic is named.</returns>
    /// <exception cref="UsageException">They cannot be read, or not together.</exception>
    public static IReadOnlyList<string> Of(IReadOnlyList<string> sources, bool isReprocessed)
    {
        if (EventSource.IsTopic(sources))
        {
            return [];
        }
        if (!isReprocessed)
        {
            throw new UsageException($"--events {sources[0]} is no topic; give kafka://HOST:PORT/TOPIC, or --reprocess, which reads files too.");
        }
        if (sources.FirstOrDefault(source => source.EndsWith(".avro", StringComparison.OrdinalIgnoreCase)) is { } avro)
        {
            throw new UsageException($"--events {avro} is Avro, as Event Hubs Capture writes it, which is not supported; read the hub itself, or have it captured as Parquet.");
        }
        if (sources.Any(IsParquet) && !sources.All(IsParquet))
        {
            throw new UsageException("--events names .parquet and other files; give those of one kind at a time.");
        }
        foreach (var source in sources.Where(source => !source.Contains("://", StringComparison.Ordinal) && !source.Contains('*', StringComparison.Ordinal)))
        {
            if (!File.Exists(source) && !Directory.Exists(source))
            {
                throw new UsageException($"--events {source}: there is no such file or folder here.");
            }
        }
        return [.. sources.Select(source => source.Contains("://", StringComparison.Ordinal) ? source : Path.GetFullPath(source))];
    }

    private static bool IsParquet(string source) => source.EndsWith(Parquet, StringComparison.OrdinalIgnoreCase);
}
