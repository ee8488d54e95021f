using System.Globalization;
using System.Reflection;
using System.Text;

namespace EvBilling.Tests.Json;

/// <summary>The kept texts of Corpus/*.txt, each with what is said of it.</summary>
internal static class Corpus
{
    public static IReadOnlyList<(string Says, byte[] Text)> Tariffs { get; } = Read("tariffs.txt");

    public static IReadOnlyList<(string Says, byte[] Text)> Cdrs { get; } = Read("cdrs.txt");

    private static List<(string, byte[])> Read(string name)
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream("Corpus/" + name)!);
        var texts = new List<(string, byte[])>();
        while (reader.ReadLine() is { } line)
        {
            if (!line.StartsWith('#'))
            {
                var tab = line.IndexOf('\t', StringComparison.Ordinal);
                texts.Add((line[..tab], Bytes(line[(tab + 1)..])));
            }
        }
        return texts;
    }

    // %<FF> is a byte, %<x*3> is xxx.
    private static byte[] Bytes(string text)
    {
        using var bytes = new MemoryStream();
        var parts = text.Split("%<");
        bytes.Write(Encoding.UTF8.GetBytes(parts[0]));
        foreach (var part in parts[1..])
        {
            var end = part.IndexOf('>', StringComparison.Ordinal);
            var star = part.LastIndexOf('*', end);
            bytes.Write(star < 0
                ? [byte.Parse(part[..end], NumberStyles.HexNumber, CultureInfo.InvariantCulture)]
                : Encoding.UTF8.GetBytes(new StringBuilder().Insert(0, part[..star], int.Parse(part[(star + 1)..end], CultureInfo.InvariantCulture)).ToString()));
            bytes.Write(Encoding.UTF8.GetBytes(part[(end + 1)..]));
        }
        return bytes.ToArray();
    }
}
