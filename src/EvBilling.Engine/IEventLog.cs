using EvBilling.Events;

namespace EvBilling.Engine;

/// <summary>A part of an event log that has an order of its own: a file, or a topic's partition.</summary>
/// <param name="Source">The log's name: a file's absolute path, <c>-</c> for standard input.</param>
/// <param name="Incarnation">What tells this log from another that had the same name before: of a file, the length and hash of its beginning.</param>
/// <param name="Partition">From 0; a file has one.</param>
public sealed record LogPartition(string Source, string Incarnation, int Partition);

/// <summary>How far a log is read: what is read next.</summary>
public sealed record LogPosition(LogPartition Partition, long NextOffset);

/// <summary>A record as it stands in the log.</summary>
/// <param name="Text">Where its bytes stand in the block.</param>
/// <param name="Offset">Its position in the partition.</param>
/// <param name="Length">Its full length in bytes; more than the text's where the rest of an oversized record was left out.</param>
/// <param name="WrittenAtUnixMs">When the log says that it was written, in milliseconds since 1970; 0 = it does not say.</param>
public readonly record struct LogRecord(TextSlice Text, long Offset, long Length, long WrittenAtUnixMs = 0);

/// <summary>Some records of one partition, and then the events that they are. Reused.</summary>
public sealed class RecordBlock
{
    private const int TextBytes = 256 * 1024;

    public EventBuffer Buffer { get; } = new(TextBytes + (64 * 1024));

    public List<LogRecord> Records { get; } = [];

    public LogPartition Partition { get; set; } = null!;

    /// <summary>The position after the last record, and after what is no record there.</summary>
    public long NextOffset { get; set; }

    /// <summary>Where the partition ends, as far as is known; -1 = not known.</summary>
    public long EndOffset { get; set; } = -1;

    /// <summary>The last record stands at the end of what there is and has no line feed: more of it may follow.</summary>
    public bool LastMayGrow { get; set; }

    /// <summary>The records are dead letters that are put through again; their offsets are the dead letters' numbers.</summary>
    public bool IsRetry { get; set; }

    internal ChargingEvent[] Events = new ChargingEvent[1024];
    internal EventRefusal[] Refusals = new EventRefusal[1024];
    internal CachedSession?[] Sessions = new CachedSession?[1024];

    /// <summary>No records, but partitions that are to be committed and given up; null = records.</summary>
    internal Handover? Handover;

    /// <summary>Neither records nor news of how far the partition reaches.</summary>
    public bool IsEmpty => Records.Count == 0 && !HasAdvanced;

    /// <summary>Without records: <see cref="NextOffset"/> is news all the same, since what lay before it is no record.</summary>
    public bool HasAdvanced { get; set; }

    public void Clear()
    {
        Buffer.Clear();
        Records.Clear();
        IsRetry = false;
        LastMayGrow = false;
        HasAdvanced = false;
        EndOffset = -1;
        Array.Clear(Sessions);
    }

    /// <summary>Reads the records as events.</summary>
    internal void Parse()
    {
        if (Events.Length < Records.Count)
        {
            Array.Resize(ref Events, Records.Count * 2);
            Array.Resize(ref Refusals, Records.Count * 2);
            Array.Resize(ref Sessions, Records.Count * 2);
        }
        for (var i = 0; i < Records.Count; i++)
        {
            var record = Records[i];
            Refusals[i] = record.Length > ChargingEventReader.MaxBytes
                ? new EventRefusal(EventRefusalReason.TooLarge)
                : ChargingEventReader.Read(Buffer, record.Text, out Events[i]);
        }
    }
}

/// <summary>Where events come from. One thread polls; positions are the reader's to keep.</summary>
public interface IEventLog : IDisposable
{
    /// <summary>Bytes that there are to read in all; null = not known.</summary>
    long? TotalBytes { get; }

    /// <summary>Bytes read so far, of <see cref="TotalBytes"/>; what was read by an earlier run counts as read.</summary>
    long ReadBytes { get; }

    /// <summary>The partitions that are read, where they are known from the start; a log whose partitions come and go claims them itself.</summary>
    IReadOnlyList<LogPartition> Partitions { get; }

    /// <summary>Whether it can be read, as far as is known. May be asked on any thread.</summary>
    bool IsReachable => true;

    /// <summary>
    /// Set before the first poll. A log whose partitions come and go calls it, within <see cref="Poll"/>, before it gives some up: what was polled of them
    /// is then committed. Returns when that is done, or when the run is ending anyway.
    /// </summary>
    Action<IReadOnlyList<LogPartition>>? GivingUp { get; set; }

    /// <summary>Fills the block with the next records.</summary>
    /// <returns>False at the end of what is there, or of what is wanted; the block is then empty. An empty block with true: nothing yet.</returns>
    /// <exception cref="EventLogException">The input breaks off.</exception>
    bool Poll(RecordBlock block, CancellationToken cancellation);
}

/// <summary>An event log cannot be read on. The message says what, where and how to mend it.</summary>
public sealed class EventLogException : Exception
{
    public EventLogException(string message, bool isTransient = false)
        : base(message) => IsTransient = isTransient;

    public EventLogException(string message, Exception innerException, bool isTransient = false)
        : base(message, innerException) => IsTransient = isTransient;

    /// <summary>Trying again from what is committed may help: the broker is away, or the worker was thought dead.</summary>
    public bool IsTransient { get; }
}
