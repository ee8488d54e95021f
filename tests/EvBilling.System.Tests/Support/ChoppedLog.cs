using System.Text;
using EvBilling.Engine;

namespace EvBilling.SystemTests.Support;

/// <summary>Lines in memory, some at a time: with blocks of a few records, batches can end after a few too. Its positions count lines.</summary>
internal sealed class ChoppedLog(IReadOnlyList<string> lines, int blockRecords, string source = "test", int from = 0) : IEventLog
{
    private int _next = from;

    /// <summary>Called before each block.</summary>
    public Action<int>? BeforeBlock { get; init; }

    public long? TotalBytes => null;

    public IReadOnlyList<LogPartition> Partitions => [new(source, "", 0)];

    public Action<IReadOnlyList<LogPartition>>? GivingUp { get; set; }

    public long ReadBytes => 0;

    public bool Poll(RecordBlock block, CancellationToken cancellation)
    {
        BeforeBlock?.Invoke(_next);
        block.Clear();
        block.Partition = new LogPartition(source, "", 0);
        for (; block.Records.Count < blockRecords && _next < lines.Count; _next++)
        {
            var text = Encoding.UTF8.GetBytes(lines[_next]);
            block.Records.Add(new LogRecord(block.Buffer.Append(text), _next, text.Length));
        }
        block.NextOffset = _next;
        return block.Records.Count > 0;
    }

    public void Dispose()
    {
    }
}
