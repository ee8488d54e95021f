using System.Globalization;
using System.Text;
using CsCheck;
using EvBilling.Cli.Explain;
using static EvBilling.Tests.Explain.Explained;

namespace EvBilling.Tests.Explain;

/// <summary>What stations and partners send never reaches the terminal as a command, and never breaks the page.</summary>
public sealed class PrintableTests
{
    private const char FirstStrongIsolate = '\u2068';
    private const char PopIsolate = '\u2069';

    private static readonly Gen<string> AnyText = Gen.OneOf(
        Gen.Char, Gen.Char['\0', '\u009f'], Gen.Char['\u200b', '\u206f'], Gen.Char['\ud800', '\udfff'], Gen.Char['\u0590', '\u06ff'], Gen.Char['a', 'z'])
        .Array[0, 40].Select(characters => new string(characters));

    [Theory]
    [InlineData("\x1b[31mred", "\\u001b[31mred")]
    [InlineData("a\r\nb", "a\\u000d\\u000ab")]
    [InlineData("\u009b2J", "\\u009b2J")]
    [InlineData("a\u202eb", "a\\u202eb")]
    [InlineData("a\u2066b", "a\\u2066b")]
    [InlineData("Zürich 東京", "Zürich 東京")]
    [InlineData("\u05e9\u05dc", "\u2068\u05e9\u05dc\u2069")]
    public void Control_and_direction_are_escaped_and_letters_are_kept(string text, string shown) => Assert.Equal(shown, Printable.Of(text));

    [Fact]
    public void Half_a_character_is_escaped() => Assert.Equal("\\ud800x", Printable.Of('\ud800' + "x"));

    [Fact]
    public void Nothing_without_a_shape_of_its_own_is_ever_printed() => AnyText.Sample(text =>
        Printable.Line(Printable.Of(text)).EnumerateRunes().All(rune =>
            rune.Value is FirstStrongIsolate or PopIsolate
            || Rune.GetUnicodeCategory(rune) is not (
                UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.LineSeparator)));

    [Fact]
    public void Isolates_are_only_ours_and_are_always_closed() => AnyText.Sample(text =>
    {
        var shown = Printable.Of(text);
        return shown.Count(c => c == FirstStrongIsolate) is var opened and <= 1
            && opened == shown.Count(c => c == PopIsolate)
            && (opened == 0 || (shown[0] == FirstStrongIsolate && shown[^1] == PopIsolate));
    });

    [Fact]
    public void No_line_is_wider_than_80_columns_whatever_the_ids()
    {
        var id = string.Concat(Enumerable.Repeat("\\u001b\\u4e1c", 32));
        var explanation = new Explained(Tariff("T", Component("ENERGY", "0.3"))).Of(
            Event("started", 0, 0, $"\"tariff_id\":\"T\",\"location_id\":\"{id}\",\"station_id\":\"{id}\",\"evse_id\":\"{id}\",\"token_id\":\"{id}\""),
            Event("ended", 30, 1_000));
        var lines = Print(explanation).Split('\n');

        Assert.All(lines, line => Assert.InRange(Printable.Columns(line), 0, Page.Width));
        Assert.DoesNotContain(lines, line => line.Any(char.IsControl));
    }
}
