using System.Buffers.Binary;
using EvBilling.Engine;
using EvBilling.Events;

namespace EvBilling.Spark;

/// <summary>
/// Reads records as the Java side packs them, in big-endian numbers: offset (8 bytes), when it was written in milliseconds since 1970 (8), the value's length
/// (4; -1 = null), how much of it follows (4), that much of the value.
/// </summary>
internal sealed class RecordReader
{
    /// <summary>More of a value is not passed on: it is refused as too large.</summary>
    public const int KeptBytesMax = ChargingEventReader.MaxBytes + 1;

    private const int HeaderBytes = 24;
    private const int BlockRecordsMax = 1024;
    private const int BlockBytesMax = 256 * 1024;

    private readonly RecordBlock _block = new();

    /// <summary>Reads records into blocks.</summary>
    /// <param name="take">Gets each block; it is used again when that returns.</param>
    /// <exception cref="KernelException">It is no such text.</exception>
    public void Read(ReadOnlySpan<byte> records, Action<RecordBlock> take)
    {
        _block.Clear();
        while (!records.IsEmpty)
        {
            if (records.Length < HeaderBytes)
            {
                throw BrokenOff();
            }
            var offset = BinaryPrimitives.ReadInt64BigEndian(records);
            var writtenAtMs = BinaryPrimitives.ReadInt64BigEndian(records[8..]);
            var length = BinaryPrimitives.ReadInt32BigEndian(records[16..]);
            var kept = BinaryPrimitives.ReadInt32BigEndian(records[20..]);
            records = records[HeaderBytes..];
            if (kept < 0 || kept > records.Length)
            {
                throw BrokenOff();
            }
            _block.Records.Add(new LogRecord(_block.Buffer.Append(records[..kept]), offset, Math.Max(length, 0), writtenAtMs));
            _block.NextOffset = offset + 1;
            records = records[kept..];
            if (_block.Records.Count == BlockRecordsMax || _block.Buffer.Bytes.Length >= BlockBytesMax)
            {
                take(_block);
                _block.Clear();
            }
        }
        if (_block.Records.Count > 0)
        {
            take(_block);
            _block.Clear();
        }
    }

    private static KernelException BrokenOff() => new("Records break off: the jar's two halves are not of one build.");
}
