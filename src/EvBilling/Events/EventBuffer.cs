namespace EvBilling.Events;

/// <summary>
/// A growing buffer of UTF-8 text: the raw lines of events and, behind them, what had to be unescaped.
/// Slices stay valid until <see cref="Clear"/>.
/// </summary>
public sealed class EventBuffer(int capacity = 4096)
{
    private const int LargeBytes = 16 << 20;
    private const int LargeStepBytes = 80 << 20;

    private byte[] _bytes = new byte[capacity];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, Length);

    public void Clear() => Length = 0;

    /// <summary>Appends a copy of <paramref name="text"/>.</summary>
    public TextSlice Append(ReadOnlySpan<byte> text)
    {
        text.CopyTo(Reserve(text.Length));
        return Commit(text.Length);
    }

    /// <summary>Room for at least <paramref name="length"/> bytes behind what is there; what is written counts only after <see cref="Commit"/>.</summary>
    public Span<byte> Reserve(int length)
    {
        if (_bytes.Length - Length < length)
        {
            // A large buffer grows in one long step: what is not written to takes no memory, while each smaller buffer that is left behind does.
            Array.Resize(ref _bytes, Math.Max(Length + length, _bytes.Length < LargeBytes ? _bytes.Length * 2 : _bytes.Length + LargeStepBytes));
        }
        return _bytes.AsSpan(Length);
    }

    /// <summary>Makes the next <paramref name="length"/> bytes part of the buffer.</summary>
    public TextSlice Commit(int length)
    {
        var slice = new TextSlice(Length, length);
        Length += length;
        return slice;
    }
}
