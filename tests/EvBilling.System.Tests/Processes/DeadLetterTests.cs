using System.Text;
using System.Text.Json;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Processes;

/// <summary>Every reason of the dead-letter list, among good events.</summary>
[Collection(nameof(Processes))]
public sealed class DeadLetterTests : IDisposable
{
    private const string Head = """{"type":"started","session_id":"B","timestamp":"2026-01-05T10:00:00Z" """;
    private readonly ProgramFixture _program = new();

    public void Dispose() => _program.Dispose();

    // Lines as bytes by Latin-1, so that what is no UTF-8 can stand here too.
    private static readonly (string Line, string Reason)[] Bad =
    [
        ("", "Empty"),
        (" \t ", "Empty"),
        ("no json", "NotJson"),
        ("{\"type\":\"started\"", "NotJson"),
        ("{} {}", "NotJson"),
        ("\u00FF\u00FE", "NotJson"),
        ("\0", "NotJson"),
        ("[]", "NotAnObject"),
        ("7", "NotAnObject"),
        ("null", "NotAnObject"),
        ("\"text\"", "NotAnObject"),
        ("{}", "MissingMember:type"),
        ("""{"type":"started","timestamp":"2026-01-05T10:00:00Z"}""", "MissingMember:session_id"),
        ("""{"type":"started","session_id":"B"}""", "MissingMember:timestamp"),
        ("""{"type":"completed","session_id":"B","ended_at":"2026-01-05T10:00:00Z","energy_wh":5}""", "MissingMember:started_at"),
        ("""{"type":"completed","session_id":"B","started_at":"2026-01-05T10:00:00Z","energy_wh":5}""", "MissingMember:ended_at"),
        ("""{"type":5,"session_id":"B","timestamp":"2026-01-05T10:00:00Z"}""", "WrongType:type"),
        ("""{"type":"started","session_id":5,"timestamp":"2026-01-05T10:00:00Z"}""", "WrongType:session_id"),
        ("""{"type":"started","session_id":"B","timestamp":"2026-01-05 10:00"}""", "WrongType:timestamp"),
        ("""{"type":"started","session_id":"B","timestamp":1767607200}""", "WrongType:timestamp"),
        (Head + ""","meter_wh":"5"}""", "WrongType:meter_wh"),
        (Head + ""","sequence_number":1.5}""", "WrongType:sequence_number"),
        (Head + ""","offline":"yes"}""", "WrongType:offline"),
        ("""{"type":"started","session_id":"","timestamp":"2026-01-05T10:00:00Z"}""", "OutOfRange:session_id"),
        ("""{"type":"started","session_id":"B","timestamp":"1969-12-31T23:59:59Z"}""", "OutOfRange:timestamp"),
        (Head + ""","meter_wh":-1}""", "OutOfRange:meter_wh"),
        (Head + ""","charging_state":"Dancing"}""", "OutOfRange:charging_state"),
        (Head + ""","sequence_number":-1}""", "OutOfRange:sequence_number"),
        ("""{"type":"paused","session_id":"B","timestamp":"2026-01-05T10:00:00Z"}""", "UnknownType"),
        ("""{"type":"decision","session_id":"B","timestamp":"2026-01-05T10:00:00Z"}""", "UnknownType"),
    ];

    [Fact]
    public void The_bad_are_kept_with_position_reason_and_bytes_and_the_good_are_billed()
    {
        using var file = new MemoryStream();
        var positions = new List<long>();
        foreach (var (i, (line, _)) in Bad.Index())
        {
            file.Write(Encoding.UTF8.GetBytes(EventLines.Text(EventLines.Session($"S{i:00}"))));
            positions.Add(file.Length);
            file.Write([.. Encoding.Latin1.GetBytes(line), (byte)'\n']);
        }
        var events = _program.Write("e.jsonl", file.ToArray());
        // Named twice, it is read twice: the same record refused again is the same dead letter.
        var end = _program.Run(events, "--events", events);
        Assert.True(end.ExitCode == 0, end.ToString());
        var letters = _program.DeadLetters();
        Assert.Equal(Bad.Select(row => row.Reason), letters.Select(letter => Text(letter, "reason")));
        Assert.Equal(positions, letters.Select(letter => letter.GetProperty("position").GetInt64()));
        Assert.Equal(Bad.Select(row => row.Line), letters.Select(letter => Encoding.Latin1.GetString(Bytes(letter))));
        Assert.All(letters, letter => Assert.Equal(
            (events, 0, false), (Text(letter, "source"), letter.GetProperty("partition").GetInt32(), letter.TryGetProperty("redacted", out _))));
        Assert.All(letters, letter => Assert.Matches(@"\.$", Text(letter, "detail")));
        Assert.All(letters, letter => Assert.Matches(@"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$", Text(letter, "at")));
        var bills = _program.Bills();
        Assert.Equal(Bad.Length, bills.Length);
        Assert.All(bills, bill => Assert.Contains("total_excl_vat:\"5.00\"", bill, StringComparison.Ordinal));
    }

    [Fact]
    public void Of_a_line_over_64_kib_the_beginning_is_kept_and_its_length_told()
    {
        var line = Head + ""","note":"abc""" + new string('n', 100_000) + "\"}";
        _program.Run(_program.Write("e.jsonl", EventLines.Text([.. EventLines.Session("S"), line, .. EventLines.Session("T")])));
        var letter = Assert.Single(_program.DeadLetters());
        Assert.Equal("TooLarge", Text(letter, "reason"));
        Assert.Contains($"{line.Length} bytes", Text(letter, "detail"), StringComparison.Ordinal);
        Assert.Equal(line[..65_537], Encoding.ASCII.GetString(Bytes(letter)));
        Assert.Equal(2, _program.Bills().Length);
    }

    [Fact]
    public void Contact_data_is_blanked_in_text_and_bytes()
    {
        _program.Run(_program.Write("e.jsonl", EventLines.Text(
            """{"charger_id":"C1","phone_number":"+31612345678","email":"me@example.org"}""", """{"email":"me@example.org", broken 31612345678""")));
        Assert.All(_program.DeadLetters(), letter =>
        {
            Assert.True(letter.GetProperty("redacted").GetBoolean());
            Assert.DoesNotContain("example", letter.GetRawText(), StringComparison.Ordinal);
            Assert.DoesNotContain("31612345678", letter.GetRawText(), StringComparison.Ordinal);
            Assert.Equal(Text(letter, "text"), Encoding.UTF8.GetString(Bytes(letter)));
        });
    }

    [Fact]
    public void Retrying_what_is_still_refused_changes_nothing()
    {
        _program.Run(_program.Write("e.jsonl", EventLines.Text([.. EventLines.Session("S"), "{}", "x"])));
        var (letters, bills) = (_program.DeadLetters().Select(letter => letter.GetRawText()), _program.Bills());
        var end = CliProcess.Run("dead-letter", "--store", $"sqlite:{_program.Store}", "--retry");
        Assert.True(end is { ExitCode: 0, Output: "" }, end.ToString());
        Assert.Equal(letters, _program.DeadLetters().Select(letter => letter.GetRawText()));
        Assert.Equal(bills, _program.Bills());
    }

    private static byte[] Bytes(JsonElement letter) => letter.GetProperty("bytes_base64").GetBytesFromBase64();

    private static string Text(JsonElement letter, string member) => letter.GetProperty(member).GetString()!;
}
