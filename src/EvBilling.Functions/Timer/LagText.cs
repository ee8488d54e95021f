using System.Globalization;

namespace EvBilling.Functions.Timer;

/// <summary>Finds the lag in what a worker's /metrics says, in Prometheus' text format.</summary>
internal static class LagText
{
    public const string Metric = "evbilling_partition_lag_records";

    /// <summary>The sum over the worker's partitions.</summary>
    /// <returns>Null if the text does not know the metric at all; 0 for a worker that reads no partition.</returns>
    public static long? Sum(string metrics)
    {
        long? sum = null;
        foreach (var line in metrics.AsSpan().EnumerateLines())
        {
            if (line.StartsWith($"# TYPE {Metric} ", StringComparison.Ordinal))
            {
                sum ??= 0;
            }
            else if (line.StartsWith(Metric, StringComparison.Ordinal) && line.Length > Metric.Length && line[Metric.Length] is '{' or ' ')
            {
                // NAME{labels} VALUE [TIMESTAMP]; the labels are partitions' numbers and have no spaces.
                var value = line[(line.IndexOf(' ') + 1)..];
                value = value.IndexOf(' ') is > 0 and var end ? value[..end] : value;
                if (!double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var records) || !(records >= 0 && records < long.MaxValue / 2))
                {
                    return null;
                }
                sum = Math.Min((sum ?? 0) + (long)records, long.MaxValue / 2);
            }
        }
        return sum;
    }
}
