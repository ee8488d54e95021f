
namespace EvBilling.Engine;

/// <summary>Dead letters as a log, to put them through again. Those that go through are removed in the transaction that bills them.</summary>
public sealed class DeadLetterLog(IEnumerable<DeadLetter> letters) : IEventLog
{
    private const int BlockLetters = 500;
    private static readonly LogPartition Partition = new("dead-letter", "", 0);

    // Read whole, since the run changes what it is read from; a dead letter has at most 64 KiB.
    private readonly Queue<DeadLetter> _waiting = new(letters);

    public long? TotalBytes => null;

    public long ReadBytes => 0;

    public bool Poll(RecordBlock block, CancellationToken cancellation)
    {
        block.Clear();
        block.IsRetry = true;
        block.Partition = Partition;
        while (block.Records.Count < BlockLetters && _waiting.TryDequeue(out var letter))
        {
            // Of an oversized record only the beginning is kept: its length tells that it is still one.
            block.Records.Add(new(block.Buffer.Append(letter.Bytes.Span), letter.Number, letter.Bytes.Length));
        }
        return block.Records.Count > 0;
    }

    public void Dispose() => _waiting.Clear();
}
