using System.Text.Json;

namespace EvBilling.Cli.Sparking;

/// <summary>How much the batch form reads.</summary>
/// <param name="Records">Null = not known before they are read.</param>
/// <param name="Bytes">As they lie there, compressed or not; null = they are elsewhere.</param>
internal sealed record SparkInput(long? Records, long? Bytes)
{
    /// <param name="files">Files and folders; null = the size is not known of all that is named.</param>
    public static SparkInput Of(IReadOnlyList<string> files)
    {
        var sizes = files.Select(Size).ToList();
        return new(null, sizes.Contains(null) ? null : sizes.Sum());
    }

    private static long? Size(string path) => File.Exists(path) ? new FileInfo(path).Length
        : Directory.Exists(path) ? new DirectoryInfo(path).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length)
        : null;
}

/// <summary>How far the batch form is, told now and then while it reads.</summary>
internal sealed class SparkReading(SparkInput input, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private long _toldRecords;
    private long _toldAt = time.GetTimestamp();

    /// <param name="json">What was read so far: records_read, bytes_read.</param>
    /// <returns>A sentence; null = nothing new to tell yet.</returns>
    public string? Take(string json)
    {
        using var document = JsonDocument.Parse(json);
        var (records, bytes) = (document.RootElement.GetProperty("records_read").GetInt64(), document.RootElement.GetProperty("bytes_read").GetInt64());
        var (now, since) = (time.GetTimestamp(), time.GetElapsedTime(_toldAt));
        if (records <= _toldRecords || since < Pause)
        {
            return null;
        }
        var rate = (records - _toldRecords) / since.TotalSeconds;
        (_toldRecords, _toldAt) = (records, now);
        var share = input.Records is > 0 and var all ? (double)records / all : input.Bytes is > 0 and var size ? (double)bytes / size : (double?)null;
        return $"spark: {records:N0} records read{(share is { } part ? $" ({Math.Min(Math.Floor(part * 100), 100):N0} %)" : "")}, {rate:N0}/s";
    }
}
