using System.Text;

namespace EvBilling.Tests.Reference;

/// <summary>A line spoilt as a whole: as text or as bytes.</summary>
internal static class LineSpoiling
{
    private static readonly string[] Trails = ["x", "{}", ",", "}", "\0", "// done", "/* done */", " \t", "\r", "\u00a0", "\u3000", "\u2028"];

    private static readonly string[] NoObjects = ["[]", "null", "true", "1", "\"x\"", "[{\"type\":\"started\"}]", "nul", "1e5", "-", "\"\\ud800\""];

    private static readonly string[] Blanks = ["", " ", "\t", "\r", " \t \r", "\u00a0", "\ufeff", "\v", "\0"];

    private static readonly byte[][] BadBytes =
    [
        [0xff], [0xc0, 0x80], [0xc3], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82], [0x80], [0xf0, 0x9f, 0x98, 0x80], [0xef, 0xbb, 0xbf],
    ];

    /// <summary>Most kinds leave the line as it is.</summary>
    public static byte[] Apply(string line, int kind, int value)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(line);
        switch (kind)
        {
            case 0 or 1:
                return bytes[..(value % bytes.Length)];
            case 2:
                return Encoding.UTF8.GetBytes(line + Trails[value % Trails.Length]);
            case 3:
                return Encoding.UTF8.GetBytes(Trails[value % Trails.Length] + line);
            case 4:
                return Encoding.UTF8.GetBytes(line.Replace(",", value % 2 == 0 ? ", /* and */ " : " , // and\n", StringComparison.Ordinal));
            case 5:
                return Encoding.UTF8.GetBytes(NoObjects[value % NoObjects.Length]);
            case 6:
                return Encoding.UTF8.GetBytes(Blanks[value % Blanks.Length]);
            case 7 or 8:
                int at = value * 7 % bytes.Length;
                return [.. bytes[..at], .. BadBytes[value % BadBytes.Length], .. bytes[at..]];
            case 9:
                return [.. bytes[..^1], .. ",\"note\":\""u8, .. BadBytes[value % BadBytes.Length], .. "\"}"u8];
            case 10:
                // At, just below and just above the limit; spaces count as bytes.
                int length = ReferenceValidation.BytesMax - 1 + (value % 3);
                return [.. bytes, .. Enumerable.Repeat((byte)' ', Math.Max(0, length - bytes.Length))];
            case 11:
                return Encoding.UTF8.GetBytes(new string(value % 2 == 0 ? ' ' : '9', 70_000));
            case 12:
                return Encoding.UTF8.GetBytes(line[..^1] + ",}");
            case 13:
                return Encoding.UTF8.GetBytes(line.Replace('"', '\''));
            case 14:
                return Encoding.UTF8.GetBytes(line.Replace(",", ",\n\t", StringComparison.Ordinal));
            default:
                return bytes;
        }
    }
}
