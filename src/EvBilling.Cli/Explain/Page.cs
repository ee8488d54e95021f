using System.Text;

namespace EvBilling.Cli.Explain;

/// <summary>Plain text of 80 columns: headings, facts with a label, paragraphs, amounts at the right edge, tables.</summary>
internal sealed class Page(TextWriter to)
{
    public const int Width = 80;

    private const int LabelWidth = 11;

    /// <summary>The page's name, and at the right edge what must be seen at once.</summary>
    public void Title(string left, string right)
    {
        Ends(left, right, "");
        to.WriteLine(new string('=', Width));
    }

    public void Section(string name)
    {
        to.WriteLine();
        to.WriteLine(Printable.Line(name.ToUpperInvariant()));
    }

    public void Blank() => to.WriteLine();

    /// <summary>A label and what belongs to it; without a label it goes on with the fact above.</summary>
    public void Fact(string label, string text) => Lines(text, label.PadRight(LabelWidth), new string(' ', LabelWidth));

    public void Paragraph(string text, int indent = 0) => Lines(text, new string(' ', indent), new string(' ', indent));

    public void Item(string text, int indent = 0) => Lines(text, new string(' ', indent) + "- ", new string(' ', indent + 2));

    /// <summary>Text at the left edge, an amount at the right one.</summary>
    public void Amount(string left, string amount, int indent = 0) => Ends(left, amount, new string(' ', indent));

    /// <summary>Columns as wide as they need to be; the first row is their heads.</summary>
    /// <param name="rightAligned">Which columns hold numbers.</param>
    public void Table(IReadOnlyList<string[]> rows, bool[] rightAligned, int indent = 0)
    {
        var widths = Enumerable.Range(0, rightAligned.Length).Select(column => rows.Max(row => Printable.Columns(row[column]))).ToArray();
        foreach (var row in rows)
        {
            var cells = row.Select((cell, column) =>
            {
                var blank = new string(' ', widths[column] - Printable.Columns(cell));
                return rightAligned[column] ? blank + cell : cell + blank;
            });
            to.WriteLine(Printable.Line(new string(' ', indent) + string.Join("  ", cells).TrimEnd()));
        }
    }

    private void Ends(string left, string right, string indent)
    {
        var lines = Wrap(left, Math.Max(Width / 4, Width - indent.Length - Printable.Columns(right) - 2));
        for (var i = 0; i < lines.Count; i++)
        {
            var isLast = i == lines.Count - 1;
            var blank = Math.Max(1, Width - indent.Length - Printable.Columns(lines[i]) - Printable.Columns(right));
            to.WriteLine(Printable.Line(isLast && right.Length > 0 ? indent + lines[i] + new string(' ', blank) + right : indent + lines[i]));
        }
    }

    private void Lines(string text, string first, string next)
    {
        var indent = first;
        foreach (var line in Wrap(text, Width - next.Length))
        {
            to.WriteLine(Printable.Line(indent + line));
            indent = next;
        }
    }

    /// <summary>Breaks at blanks; a word that is longer than a line is broken where the line is full.</summary>
    private static List<string> Wrap(string text, int width)
    {
        var lines = new List<string>();
        var line = new StringBuilder();
        var columns = 0;
        foreach (var word in text.Split(' '))
        {
            var wordColumns = Printable.Columns(word);
            if (columns > 0 && columns + 1 + wordColumns > width)
            {
                End();
            }
            if (columns > 0)
            {
                line.Append(' ');
                columns++;
            }
            foreach (var rune in word.EnumerateRunes())
            {
                if (columns + Printable.Columns(rune) > width)
                {
                    End();
                }
                line.Append(rune);
                columns += Printable.Columns(rune);
            }
        }
        End();
        return lines;

        void End()
        {
            lines.Add(line.ToString());
            line.Clear();
            columns = 0;
        }
    }
}
