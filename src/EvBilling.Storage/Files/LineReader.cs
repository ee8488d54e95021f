using EvBilling.Engine;
using EvBilling.Events;

namespace EvBilling.Storage.Files;

/// <summary>Splits a text into lines, block by block, in bounded memory: of an oversized line only its beginning is kept.</summary>
internal sealed class LineReader(Stream text, long position) : IDisposable
{
    private const int ReadBytesMax = 256 * 1024;
    private const int KeptBytesMax = ChargingEventReader.MaxBytes + 1;
    private static readonly byte[] ByteOrderMark = [0xEF, 0xBB, 0xBF];

    private readonly EventBuffer _rest = new(KeptBytesMax);
    private long _restLength;
    private bool _atEnd;

    /// <summary>Where the next line begins.</summary>
    public long Position { get; private set; } = position;

    /// <summary>Reads the next lines.</summary>
    /// <returns>False at the end.</returns>
    public bool Read(RecordBlock block)
    {
        while (!_atEnd)
        {
            var restLength = block.Buffer.Append(_rest.Bytes).Length;
            var room = block.Buffer.Reserve(ReadBytesMax)[..ReadBytesMax];
            var read = text.Read(room);
            var added = block.Buffer.Commit(read);
            _atEnd = read == 0;
            Split(block, restLength, added);
            if (block.Records.Count > 0)
            {
                block.NextOffset = Position;
                return true;
            }
            block.Clear();
        }
        return false;
    }

    public void Dispose() => text.Dispose();

    private void Split(RecordBlock block, int restLength, TextSlice added)
    {
        var bytes = block.Buffer.Bytes;
        var lineStart = added.Start - restLength;
        var lineLength = _restLength;
        var from = added.Start;
        while (from < bytes.Length && bytes[from..].IndexOf((byte)'\n') is var feed and >= 0)
        {
            var end = from + feed;
            Add(block, lineStart, end, lineLength + feed, 1);
            lineStart = from = end + 1;
            lineLength = 0;
        }
        lineLength += bytes.Length - from;
        if (_atEnd && lineLength > 0)
        {
            Add(block, lineStart, bytes.Length, lineLength, 0);
            block.LastMayGrow = true;
            lineStart = bytes.Length;
            lineLength = 0;
        }
        _restLength = lineLength;
        _rest.Clear();
        _rest.Append(bytes[lineStart..Math.Min(bytes.Length, lineStart + KeptBytesMax)]);
    }

    private void Add(RecordBlock block, int start, int end, long length, int feed)
    {
        var offset = Position;
        Position += length + feed;
        var line = block.Buffer.Bytes[start..end];
        if (offset == 0 && line.StartsWith(ByteOrderMark))
        {
            start += ByteOrderMark.Length;
            length -= ByteOrderMark.Length;
        }
        if (end > start && block.Buffer.Bytes[end - 1] == '\r')
        {
            end--;
            length--;
        }
        block.Records.Add(new(new(start, Math.Min(end - start, KeptBytesMax)), offset, length));
    }
}
