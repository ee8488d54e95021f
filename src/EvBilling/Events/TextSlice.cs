namespace EvBilling.Events;

/// <summary>
/// A piece of UTF-8 text within the buffer that an event was read into. <c>default</c> means that the member was absent;
/// a present empty text has a length of 0 and is told apart by the event's member mask.
/// </summary>
public readonly record struct TextSlice(int Start, int Length)
{
    public ReadOnlySpan<byte> In(ReadOnlySpan<byte> buffer) => buffer.Slice(Start, Length);
}
