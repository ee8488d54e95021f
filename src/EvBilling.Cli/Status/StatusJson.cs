using System.Text.Json;
using EvBilling.Events;

namespace EvBilling.Cli.Status;

/// <summary>The report as one JSON object; what is not known is null.</summary>
internal static class StatusJson
{
    public static string Of(StatusReport report) => JsonObjectText.Of(writer =>
    {
        WriteNumber(writer, "lag", report.Lag);
        writer.WriteNumber("sessions", report.Counts.Sessions);
        writer.WriteNumber("sessions_open", report.Counts.Open);
        writer.WriteStartObject("bills");
        writer.WriteNumber("final", report.Counts.Final);
        writer.WriteNumber("held", report.Counts.Held);
        writer.WriteNumber("void", report.Counts.Void);
        writer.WriteEndObject();
        WriteTime(writer, "event_clock", report.EventClockNs);
        writer.WriteNumber("dead_letters", report.DeadLetters.Sum(reason => reason.Letters));
        writer.WriteStartObject("dead_letters_by_reason");
        foreach (var (reason, letters) in report.DeadLetters)
        {
            writer.WriteNumber(reason, letters);
        }
        writer.WriteEndObject();
        writer.WriteStartArray("partitions");
        foreach (var partition in report.Partitions)
        {
            writer.WriteStartObject();
            Write(writer, partition);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    });

    private static void Write(Utf8JsonWriter writer, PartitionStatus partition)
    {
        writer.WriteString("source", partition.Partition.Source);
        writer.WriteString("incarnation", partition.Partition.Incarnation);
        writer.WriteNumber("partition", partition.Partition.Partition);
        WriteNumber(writer, "next_offset", partition.NextOffset);
        WriteNumber(writer, "end_offset", partition.EndOffset);
        WriteNumber(writer, "lag", partition.Lag);
        writer.WriteBoolean("live", partition.IsLive);
        WriteTime(writer, "read_at", partition.ReadAtUnixSeconds * Rfc3339.NsPerSecond);
        WriteTime(writer, "event_clock", partition.ClockNs);
        writer.WriteNumber("gap_records", partition.GapRecords);
    }

    private static void WriteNumber(Utf8JsonWriter writer, string name, long? value)
    {
        if (value is { } number)
        {
            writer.WriteNumber(name, number);
        }
        else
        {
            writer.WriteNull(name);
        }
    }

    private static void WriteTime(Utf8JsonWriter writer, string name, long ns)
    {
        if (ns > 0)
        {
            writer.WriteString(name, Rfc3339.Format(ns));
        }
        else
        {
            writer.WriteNull(name);
        }
    }
}
