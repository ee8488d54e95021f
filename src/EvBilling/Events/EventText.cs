using System.Text.Json;

namespace EvBilling.Events;

/// <summary>What all texts of an event have in common.</summary>
internal static class EventText
{
    /// <summary>Appends the text that the reader stands at, without its escapes, to the buffer.</summary>
    /// <returns>False for half of a surrogate pair: no Unicode text.</returns>
    public static bool TryUnescape(ref Utf8JsonReader reader, EventBuffer buffer, out TextSlice text)
    {
        try
        {
            text = buffer.Commit(reader.CopyString(buffer.Reserve(reader.ValueSpan.Length)));
            return true;
        }
        catch (InvalidOperationException)
        {
            text = default;
            return false;
        }
    }

    /// <summary>Whether the text has no U+0000 and as many characters (code points) as are allowed. An empty one has none.</summary>
    public static bool IsInRange(ReadOnlySpan<byte> text, int least, int most)
    {
        if (text.Length < least || text.Contains((byte)0))
        {
            return false;
        }
        return text.Length <= most || CodePoints(text) <= most;
    }

    public static int CodePoints(ReadOnlySpan<byte> text)
    {
        var count = 0;
        foreach (var unit in text)
        {
            if ((unit & 0xC0) != 0x80)
            {
                count++;
            }
        }
        return count;
    }
}
