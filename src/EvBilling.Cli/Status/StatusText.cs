using System.Globalization;
using EvBilling.Cli.Explain;
using EvBilling.Events;

namespace EvBilling.Cli.Status;

/// <summary>The report for a person.</summary>
internal static class StatusText
{
    private const string Unknown = "?";

    public static IEnumerable<string> Lines(StatusReport report)
    {
        var counts = report.Counts;
        yield return $"{counts.Sessions:N0} sessions: {counts.Open:N0} open; {counts.Final:N0} final bills, {counts.Held:N0} held, {counts.Void:N0} void.";
        yield return report.EventClockNs > 0 ? $"The newest event is of {Rfc3339.Format(report.EventClockNs)}." : "No event was read yet.";
        var letters = report.DeadLetters.Sum(reason => reason.Letters);
        yield return letters == 0 ? "No dead letters." : $"{letters:N0} dead letters:";
        foreach (var (reason, of) in report.DeadLetters)
        {
            yield return $"  {of,12:N0}  {Printable.Of(reason)}";
        }
        foreach (var source in report.Partitions.GroupBy(partition => (partition.Partition.Source, partition.Partition.Incarnation)))
        {
            var isOneOfSeveral = report.Partitions.Any(other => other.Partition.Source == source.Key.Source && other.Partition.Incarnation != source.Key.Incarnation);
            yield return "";
            yield return Printable.Of(source.Key.Source) + (isOneOfSeveral ? $" (id {Printable.Of(source.Key.Incarnation)})" : "")
                + (source.First().IsGone ? ": replaced by another of that name" : "");
            foreach (var row in Table(source))
            {
                yield return row;
            }
        }
    }

    private static IEnumerable<string> Table(IEnumerable<PartitionStatus> partitions)
    {
        string[][] rows =
        [
            ["partition", "next", "end", "waiting", "read at", "gone unread"],
            .. partitions.Select(partition => (string[])[
                Number(partition.Partition.Partition), Number(partition.NextOffset), Number(partition.EndOffset) + (partition.IsLive ? "" : "*"), Number(partition.Lag),
                partition.ReadAtUnixSeconds > 0 ? Rfc3339.Format(partition.ReadAtUnixSeconds * Rfc3339.NsPerSecond) : "never", Number(partition.GapRecords)]),
        ];
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in rows)
        {
            yield return "  " + string.Join("  ", row.Select((text, column) => text.PadLeft(widths[column])));
        }
        if (partitions.Any(partition => !partition.IsLive))
        {
            yield return "  * as of when it was last read; --events SOURCE asks the source itself.";
        }
    }

    private static string Number(long? value) => value?.ToString(CultureInfo.InvariantCulture) ?? Unknown;
}
