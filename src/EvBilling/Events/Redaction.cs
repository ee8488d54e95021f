using System.Text.Json;
using System.Text.RegularExpressions;

namespace EvBilling.Events;

/// <summary>
/// Takes contact data out of a refused text before it is kept: <c>phone_number</c> and <c>email</c> are blanked where it parses; else (or where all of it is one
/// JSON text, which may hold such an object) runs of 7 or more digits, whatever stands around an @, and what stands behind those two names are masked.
/// </summary>
public static partial class Redaction
{
    /// <summary>What stands for each byte that was taken out.</summary>
    internal const byte Mask = (byte)'*';

    /// <summary>The text without contact data.</summary>
    /// <param name="redacted">Whether anything was taken out; if not, the same bytes come back.</param>
    public static byte[] Redact(ReadOnlySpan<byte> text, out bool redacted)
    {
        var result = text.ToArray();
        redacted = TryBlankMembers(result, out var parses);
        if (!parses)
        {
            redacted = MaskAnything(result);
        }
        return result;
    }

    // Blanked in place, letter by letter, so that positions within the text stay what they were.
    private static bool TryBlankMembers(byte[] text, out bool parses)
    {
        var blanked = false;
        parses = false;
        var ranges = new List<(int Start, int Length)>();
        try
        {
            var reader = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = ChargingEventReader.MaxBytes });
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.String && reader.CurrentDepth == 0)
                {
                    return false;
                }
                if (reader.TokenType == JsonTokenType.PropertyName && IsContact(ref reader))
                {
                    reader.Read();
                    AddValue(ref reader, ranges);
                }
            }
            parses = true;
        }
        catch (JsonException)
        {
            return false;
        }
        foreach (var (start, length) in ranges)
        {
            blanked |= length > 0;
            text.AsSpan(start, length).Fill(Mask);
        }
        return blanked;
    }

    private static bool IsContact(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.ValueTextEquals("phone_number"u8) || reader.ValueTextEquals("email"u8);
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair: neither name.
            return false;
        }
    }

    private static void AddValue(ref Utf8JsonReader reader, List<(int Start, int Length)> ranges)
    {
        var start = (int)reader.TokenStartIndex;
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                ranges.Add((start + 1, reader.ValueSpan.Length));
                break;
            case JsonTokenType.Number:
                // A number stays one: its digits become zeros' place-holders only where the text stays JSON.
                ranges.Add((start, reader.ValueSpan.Length));
                break;
            case JsonTokenType.StartObject or JsonTokenType.StartArray:
                reader.Skip();
                ranges.Add((start + 1, (int)reader.TokenStartIndex - start - 1));
                break;
        }
    }

    private static bool MaskAnything(byte[] text)
    {
        var masked = false;
        var latin = string.Create(text.Length, text, static (to, from) =>
        {
            for (var i = 0; i < from.Length; i++)
            {
                to[i] = (char)from[i];
            }
        });
        foreach (var pattern in new[] { Digits(), AroundAt() })
        {
            foreach (var match in pattern.EnumerateMatches(latin))
            {
                masked |= MaskAt(text, match.Index, match.Length);
            }
        }
        foreach (Match match in BehindName().Matches(latin))
        {
            masked |= MaskAt(text, match.Groups["value"].Index, match.Groups["value"].Length);
        }
        return masked;
    }

    // A backslash at the end belongs to the quote that follows.
    private static bool MaskAt(byte[] text, int start, int length)
    {
        var value = text.AsSpan(start, length).TrimEnd((byte)'\\');
        value.Fill(Mask);
        return !value.IsEmpty;
    }

    [GeneratedRegex("[0-9]{7,}", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)]
    private static partial Regex Digits();

    // White space is ASCII's: \s would take bytes of other characters for some.
    [GeneratedRegex("""[^\x00-\x20"',;:<>{}\[\]()]*(?:@|\\u0040)[^\x00-\x20"',;:<>{}\[\]()]*""", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)]
    private static partial Regex AroundAt();

    // A value in quotes (which may themselves be escaped) to its end, or a number as people write those of telephones.
    [GeneratedRegex(
        """(?:phone_number|email)[\\"']*[\x00-\x20]*[:=][\x00-\x20]*(?:\\*"(?<value>[^"]*)|\\*'(?<value>[^']*)|(?<value>[0-9+(][-0-9 ()./]*))""",
        RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)]
    private static partial Regex BehindName();
}
