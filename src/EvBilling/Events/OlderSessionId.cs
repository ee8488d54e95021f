using System.Security.Cryptography;

namespace EvBilling.Events;

/// <summary>The session id of an older system's message, which has none of its own. Frozen: a replay must find the same session.</summary>
internal static class OlderSessionId
{
    private const int CharactersMax = 64;
    private const int HashBytes = 20;

    /// <summary>
    /// Appends <c>charger_id@yyyyMMddTHHmmssZ</c>, the start in UTC, its fraction cut. Over 64 characters: <c>sha256:</c> and the first 40 hex digits of the
    /// SHA-256 of that text in UTF-8.
    /// </summary>
    public static TextSlice Append(EventBuffer buffer, TextSlice chargerId, long startNs)
    {
        Span<byte> start = stackalloc byte[30];
        start = start[..Rfc3339.Format(startNs - (startNs % Rfc3339.NsPerSecond), start)];
        var id = buffer.Reserve(chargerId.Length + 1 + start.Length);
        chargerId.In(buffer.Bytes).CopyTo(id);
        var length = chargerId.Length;
        id[length++] = (byte)'@';
        foreach (var letter in start)
        {
            if (letter is not ((byte)'-' or (byte)':'))
            {
                id[length++] = letter;
            }
        }
        return EventText.CodePoints(id[..length]) <= CharactersMax ? buffer.Commit(length) : AppendHash(buffer, id[..length]);
    }

    private static TextSlice AppendHash(EventBuffer buffer, ReadOnlySpan<byte> id)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(id, hash);
        var prefix = "sha256:"u8;
        // Behind the buffer's end lies the id, which is hashed by now.
        var text = buffer.Reserve(prefix.Length + (2 * HashBytes));
        prefix.CopyTo(text);
        return Convert.TryToHexStringLower(hash[..HashBytes], text[prefix.Length..], out var digits)
            ? buffer.Commit(prefix.Length + digits)
            : throw new InvalidOperationException("The buffer has no room for a session id.");
    }
}
