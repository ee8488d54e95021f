using System.Buffers.Text;
using System.Text;

namespace EvBilling.Sessions;

/// <summary>The compact form of event ids: UUIDs as 16 bytes, others by what they share with the record's first.</summary>
internal static class EventId
{
    /// <summary>64 code points of UTF-8.</summary>
    public const int MaxBytes = 256;

    private const int UuidLength = 36;

    /// <summary>Writes the id's text.</summary>
    /// <returns>Its length.</returns>
    public static int Expand(EventIdSlice id, ReadOnlySpan<byte> entries, ReadOnlySpan<byte> baseId, Span<byte> to)
    {
        var own = entries.Slice(id.Start, id.Length);
        if (id.IsUuid)
        {
            Utf8Formatter.TryFormat(new Guid(own, bigEndian: true), to, out var written);
            return written;
        }
        baseId[..id.PrefixLength].CopyTo(to);
        own.CopyTo(to[id.PrefixLength..]);
        return id.PrefixLength + own.Length;
    }

    /// <summary>A UUID in the one spelling that can be given back: lower case with hyphens.</summary>
    public static bool TryUuid(ReadOnlySpan<byte> text, Span<byte> bytes16)
    {
        if (text.Length != UuidLength || text[8] != '-' || !Utf8Parser.TryParse(text, out Guid uuid, out var consumed) || consumed != UuidLength)
        {
            return false;
        }
        foreach (var unit in text)
        {
            if (unit is >= (byte)'A' and <= (byte)'F')
            {
                return false;
            }
        }
        return uuid.TryWriteBytes(bytes16, bigEndian: true, out _);
    }

    public static string Text(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);
}
