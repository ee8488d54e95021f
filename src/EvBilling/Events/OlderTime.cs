namespace EvBilling.Events;

/// <summary>
/// The older system's times: <c>2024-05-01(T|t| )10:00[:00[.fraction]][Z|+hh:mm|-hh:mm]</c>, UTC where no zone is stated. These are the forms in which
/// common libraries print a time (a space, no zone, no seconds where they are 0); all else that RFC 3339 refuses is refused.
/// </summary>
internal static class OlderTime
{
    private const int DateLength = 10;
    private const int MinutesLength = 16;
    private const int OffsetLength = 6;

    /// <summary>Reads it as <see cref="Rfc3339.TryParse"/> does, by writing it in full behind the buffer's end.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, EventBuffer buffer, out long unixNs, out bool inRange)
    {
        if (text.Length < MinutesLength)
        {
            unixNs = 0;
            inRange = false;
            return false;
        }
        var full = buffer.Reserve(text.Length + 4);
        text[..MinutesLength].CopyTo(full);
        if (full[DateLength] == ' ')
        {
            full[DateLength] = (byte)'T';
        }
        var length = MinutesLength;
        var rest = text[MinutesLength..];
        if (rest.IsEmpty || rest[0] is (byte)'Z' or (byte)'z' or (byte)'+' or (byte)'-')
        {
            ":00"u8.CopyTo(full[length..]);
            length += 3;
        }
        rest.CopyTo(full[length..]);
        length += rest.Length;
        if (!HasZone(rest))
        {
            full[length++] = (byte)'Z';
        }
        return Rfc3339.TryParse(full[..length], out unixNs, out inRange);
    }

    private static bool HasZone(ReadOnlySpan<byte> rest) =>
        (rest.Length >= 1 && rest[^1] is (byte)'Z' or (byte)'z') || (rest.Length >= OffsetLength && rest[^OffsetLength] is (byte)'+' or (byte)'-');
}
