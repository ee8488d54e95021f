using EvBilling.Engine;
using EvBilling.Events;

namespace EvBilling.Storage.Files;

/// <summary>
/// Splits a text into lines, block by block, in bounded memory: of an oversized line only its beginning is kept, and a block has only so many lines, however
/// short they are.
/// </summary>
/// <param name="position">Where the text begins within its whole.</param>
/// <param name="isMidLine">The byte in front of it is no line feed: a line feed that comes first ends a line that was already taken.</param>
internal sealed class LineReader(Stream text, long position, bool isMidLine) : IDisposable
{
    private const int ReadBytesMax = 256 * 1024;
    private const int KeptBytesMax = ChargingEventReader.MaxBytes + 1;
    private const int RecordsMax = 1024;
    private static readonly byte[] ByteOrderMark = [0xEF, 0xBB, 0xBF];

    private readonly byte[] _read = new byte[ReadBytesMax];
    private readonly EventBuffer _rest = new(KeptBytesMax);
    private int _from;
    private int _to;
    private long _restLength;
    private bool _restEndsInReturn;
    private bool _isMidLine = isMidLine;
    private bool _atEnd;

    /// <summary>Where the next line begins.</summary>
    public long Position { get; private set; } = position;

    /// <summary>Reads the next lines.</summary>
    /// <returns>False at the end.</returns>
    public bool Read(RecordBlock block)
    {
        while (block.Records.Count < RecordsMax && !_atEnd)
        {
            if (_from == _to)
            {
                // A block is given away rather than kept waiting for more input.
                if (block.Records.Count > 0)
                {
                    break;
                }
                _from = 0;
                _to = text.Read(_read);
                _atEnd = _to == 0;
                if (_atEnd)
                {
                    AddLast(block);
                    break;
                }
            }
            Split(block);
        }
        block.NextOffset = Position;
        return block.Records.Count > 0;
    }

    public void Dispose() => text.Dispose();

    private void Split(RecordBlock block)
    {
        while (_from < _to && block.Records.Count < RecordsMax)
        {
            var unread = _read.AsSpan(_from, _to - _from);
            var feed = unread.IndexOf((byte)'\n');
            if (feed < 0)
            {
                Keep(unread);
                _from = _to;
                return;
            }
            _from += feed + 1;
            if (_restLength == 0)
            {
                Add(block, unread[..feed], feed, 1, feed > 0 && unread[feed - 1] == '\r');
            }
            else
            {
                Keep(unread[..feed]);
                Add(block, _rest.Bytes, _restLength, 1, _restEndsInReturn);
                _rest.Clear();
                _restLength = 0;
            }
        }
    }

    private void Keep(ReadOnlySpan<byte> part)
    {
        _restLength += part.Length;
        _restEndsInReturn = part.IsEmpty ? _restEndsInReturn : part[^1] == '\r';
        _rest.Append(part[..Math.Min(part.Length, KeptBytesMax - _rest.Length)]);
    }

    private void AddLast(RecordBlock block)
    {
        if (_restLength > 0)
        {
            Add(block, _rest.Bytes, _restLength, 0, _restEndsInReturn);
            block.LastMayGrow = true;
        }
    }

    private void Add(RecordBlock block, ReadOnlySpan<byte> line, long length, int feed, bool endsInReturn)
    {
        var offset = Position;
        Position += length + feed;
        if (endsInReturn)
        {
            length--;
            line = line[..(int)Math.Min(line.Length, length)];
        }
        var endsTakenLine = _isMidLine && length == 0;
        _isMidLine = false;
        if (endsTakenLine)
        {
            return;
        }
        if (offset == 0 && line.StartsWith(ByteOrderMark))
        {
            line = line[ByteOrderMark.Length..];
            length -= ByteOrderMark.Length;
        }
        block.Records.Add(new(block.Buffer.Append(line[..Math.Min(line.Length, KeptBytesMax)]), offset, length));
    }
}
