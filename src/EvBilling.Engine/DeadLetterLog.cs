
namespace EvBilling.Engine;

/// <summary>
/// Dead letters as a log, to put them through again. Those that go through are removed in the transaction that bills them, so that they are read from a
/// connection of their own.
/// </summary>
public sealed class DeadLetterLog(IBillStore reader) : IEventLog
{
    private const int BlockLetters = 500;
    private static readonly LogPartition Partition = new("dead-letter", "", 0);

    private readonly IEnumerator<DeadLetter> _letters = reader.ReadDeadLetters().GetEnumerator();

    public long? TotalBytes => null;

    public long ReadBytes => 0;

    public IReadOnlyList<LogPartition> Partitions => [];

    public Action<IReadOnlyList<LogPartition>>? GivingUp { get; set; }

    public bool Poll(RecordBlock block, CancellationToken cancellation)
    {
        block.Clear();
        block.IsRetry = true;
        block.Partition = Partition;
        while (block.Records.Count < BlockLetters && _letters.MoveNext())
        {
            var letter = _letters.Current;
            block.Records.Add(new(block.Buffer.Append(letter.Bytes.Span), letter.Number, letter.Bytes.Length));
        }
        return block.Records.Count > 0;
    }

    public void Dispose() => _letters.Dispose();
}
