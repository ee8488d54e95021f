using EvBilling.Binary;

namespace EvBilling.Sessions;

/// <summary>
/// A session's few distinct texts, each stored once as its length (varint) and its UTF-8 bytes; the first has index 1, and 0 means absent.
/// </summary>
internal struct TextTable
{
    private byte[]? _bytes;
    private int _length;

    public readonly ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    public int Count { get; private set; }

    public static TextTable From(ReadOnlySpan<byte> bytes)
    {
        var table = new TextTable { _bytes = bytes.ToArray(), _length = bytes.Length };
        for (var at = 0; at < bytes.Length; table.Count++)
        {
            var length = checked((int)Varint.Read(bytes, ref at));
            at += length;
        }
        return table;
    }

    /// <summary>The text of an index; empty for 0.</summary>
    public readonly ReadOnlySpan<byte> this[int index]
    {
        get
        {
            var place = default(TextPlace);
            return Find(index, ref place);
        }
    }

    /// <summary>The index of a text, added if it is new.</summary>
    /// <param name="hint">Is looked at first: texts mostly repeat those of the event before.</param>
    /// <param name="place">Where the one before was found: an event's texts mostly stand in their order.</param>
    public int Intern(ReadOnlySpan<byte> text, int hint, scoped ref TextPlace place)
    {
        if (hint != 0 && Find(hint, ref place).SequenceEqual(text))
        {
            return hint;
        }
        var bytes = Bytes;
        var index = 1;
        for (var at = 0; at < bytes.Length; index++)
        {
            var length = (int)Varint.Read(bytes, ref at);
            if (bytes.Slice(at, length).SequenceEqual(text))
            {
                return index;
            }
            at += length;
        }
        return Add(text);
    }

    /// <summary>Forgets what was added since the table had that count and length.</summary>
    public void Restore(int count, int length)
    {
        Count = count;
        _length = length;
    }

    // Goes on from a place that lies before it.
    private readonly ReadOnlySpan<byte> Find(int index, scoped ref TextPlace place)
    {
        if (index == 0)
        {
            return default;
        }
        var bytes = Bytes;
        if (index <= place.Passed)
        {
            place = default;
        }
        var at = place.At;
        for (var passed = place.Passed + 1; ; passed++)
        {
            var length = (int)Varint.Read(bytes, ref at);
            var text = bytes.Slice(at, length);
            at += length;
            if (passed == index)
            {
                place = new(index, at);
                return text;
            }
        }
    }

    private int Add(ReadOnlySpan<byte> text)
    {
        var needed = _length + text.Length + Varint.MaxLength;
        if (_bytes is null || _bytes.Length < needed)
        {
            Array.Resize(ref _bytes, Math.Max(needed, _bytes is null ? 96 : _bytes.Length + (_bytes.Length / 2)));
        }
        var to = _bytes.AsSpan();
        Varint.Write(to, ref _length, (ulong)text.Length);
        text.CopyTo(to[_length..]);
        _length += text.Length;
        return ++Count;
    }
}

/// <summary>A place in a table: behind its first <paramref name="Passed"/> texts. Stays true when texts are added.</summary>
internal readonly record struct TextPlace(int Passed, int At);
