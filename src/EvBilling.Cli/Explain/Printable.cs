using System.Globalization;
using System.Text;

namespace EvBilling.Cli.Explain;

/// <summary>
/// Makes foreign text safe to print: ids and names come from stations and partners, and a terminal obeys what it is sent. What has no shape of its own
/// (control, format, direction marks, line ends, half surrogates) is shown as an escape; text from right to left is kept to its own place.
/// </summary>
internal static class Printable
{
    private const char FirstStrongIsolate = '\u2068';
    private const char PopIsolate = '\u2069';

    /// <summary>A text that is not ours.</summary>
    public static string Of(string text)
    {
        var (escaped, isRightToLeft) = Escape(text, keepIsolates: false);
        return isRightToLeft ? FirstStrongIsolate + escaped + PopIsolate : escaped;
    }

    /// <summary>A line that is about to be printed: our words with foreign ones in them.</summary>
    public static string Line(string text) => Escape(text, keepIsolates: true).Text;

    /// <summary>How many columns of a terminal a character takes.</summary>
    public static int Columns(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format => 0,
        _ => IsWide(rune.Value) ? 2 : 1,
    };

    public static int Columns(string text) => text.EnumerateRunes().Sum(Columns);

    private static (string Text, bool IsRightToLeft) Escape(string text, bool keepIsolates)
    {
        var escaped = new StringBuilder(text.Length);
        var isRightToLeft = false;
        var rest = text.AsSpan();
        while (!rest.IsEmpty)
        {
            var isWhole = Rune.DecodeFromUtf16(rest, out var rune, out var length) == System.Buffers.OperationStatus.Done;
            if (isWhole && (IsShown(rune) || (keepIsolates && rune.Value is FirstStrongIsolate or PopIsolate)))
            {
                escaped.Append(rest[..length]);
                isRightToLeft |= IsRightToLeft(rune.Value);
            }
            else
            {
                escaped.Append(CultureInfo.InvariantCulture, $"\\u{(isWhole ? rune.Value : rest[0]):x4}");
            }
            rest = rest[length..];
        }
        return (escaped.ToString(), isRightToLeft);
    }

    private static bool IsShown(Rune rune) => Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned);

    // Hebrew to Arabic Extended-A, their presentation forms, and the scripts that Unicode keeps together beyond the first plane.
    private static bool IsRightToLeft(int value) =>
        value is (>= 0x0590 and <= 0x08FF) or (>= 0xFB1D and <= 0xFDFF) or (>= 0xFE70 and <= 0xFEFF)
            or (>= 0x10800 and <= 0x10FFF) or (>= 0x1E800 and <= 0x1EFFF);

    private static bool IsWide(int value) =>
        value is (>= 0x1100 and <= 0x115F) or (>= 0x2E80 and <= 0xA4CF) or (>= 0xAC00 and <= 0xD7A3) or (>= 0xF900 and <= 0xFAFF)
            or (>= 0xFE30 and <= 0xFE6F) or (>= 0xFF00 and <= 0xFF60) or (>= 0xFFE0 and <= 0xFFE6)
            or (>= 0x1F300 and <= 0x1FAFF) or (>= 0x20000 and <= 0x3FFFD);
}
