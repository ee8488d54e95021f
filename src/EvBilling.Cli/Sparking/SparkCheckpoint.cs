using System.Globalization;
using System.Text.Json;
using EvBilling.Engine;

namespace EvBilling.Cli.Sparking;

/// <summary>Spark's own notes of how far it has read, as far as they can be looked at: those in a folder of this machine.</summary>
internal static class SparkCheckpoint
{
    /// <summary>Sees that a checkpoint goes with the topic and with the store.</summary>
    /// <param name="positions">How far the store has the topic's partitions.</param>
    /// <exception cref="UsageException">It does not.</exception>
    public static void Check(string folder, string topic, IReadOnlyList<LogPosition> positions)
    {
        if (PathOf(folder) is not { } path || !Directory.Exists(path) || !Directory.EnumerateFileSystemEntries(path).Any())
        {
            return;
        }
        var (offsets, commits) = (Path.Combine(path, "offsets"), Path.Combine(path, "commits"));
        if (!Directory.Exists(offsets))
        {
            throw new UsageException($"--checkpoint {folder} is a folder with other things in it, and no checkpoint of Spark's; give an empty folder, or one that is not there.");
        }
        if (Newest(commits) is not { } batch || Offsets(Path.Combine(offsets, batch)) is not { } read)
        {
            return;
        }
        using (read)
        {
            if (!read.RootElement.TryGetProperty(topic, out var partitions))
            {
                throw new UsageException($"--checkpoint {folder} is that of another topic; give each topic a checkpoint of its own.");
            }
            foreach (var partition in partitions.EnumerateObject())
            {
                // Markers of transactions are records that nobody gets, so that the store may be behind; but something it must have.
                var isKnown = positions.Any(position => position.NextOffset > 0 && position.Partition.Partition.ToString(CultureInfo.InvariantCulture) == partition.Name);
                if (!isKnown && partition.Value.GetInt64() > 0)
                {
                    throw new UsageException(
                        $"--checkpoint {folder} says that partition {partition.Name} of {topic} was read up to {partition.Value.GetInt64()}, and this store has nothing of it: "
                        + "it is that of another store. Give a new folder; what this store has read is not read again.");
                }
            }
        }
    }

    private static string? PathOf(string folder) =>
        folder.StartsWith("file:", StringComparison.Ordinal) ? new Uri(folder).LocalPath : folder.Contains("://", StringComparison.Ordinal) ? null : folder;

    private static string? Newest(string folder) => !Directory.Exists(folder) ? null
        : Directory.EnumerateFiles(folder).Select(Path.GetFileName).Where(name => long.TryParse(name, out _)).MaxBy(name => long.Parse(name!, CultureInfo.InvariantCulture));

    // "v1", metadata, then the offsets of each source.
    private static JsonDocument? Offsets(string file)
    {
        if (!File.Exists(file))
        {
            return null;
        }
        try
        {
            return JsonDocument.Parse(File.ReadLines(file).ElementAtOrDefault(2) ?? "");
        }
        catch (JsonException)
        {
            throw new UsageException($"{file} cannot be read, so that the checkpoint is not whole; give a new folder: what the store has read is not read again.");
        }
    }
}
