using System.IO.Compression;
using System.Text;
using System.Text.Json;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Processes;

/// <summary>The real program: events in, bills out.</summary>
[Collection(nameof(Processes))]
public sealed class RunTests : IDisposable
{
    private readonly ProgramFixture _program = new();

    public void Dispose() => _program.Dispose();

    [Fact]
    public void Json_is_all_of_stdout_and_has_the_members_of_the_contract()
    {
        var events = _program.Write("e.jsonl", EventLines.Text(
        [
            .. EventLines.Session("final"), .. EventLines.Session("held", 0, ("tariff_id", "NONE"), ("location_id", "L")), EventLines.Line("ended", "held2", 0),
            EventLines.Line("started", "open", 90, 5), EventLines.Line("started", "open", 90, 5), "{}",
        ]));
        var end = _program.Run(events);
        Assert.True(end.ExitCode == 0, end.ToString());
        using var json = JsonDocument.Parse(Assert.Single(end.Lines));
        Assert.Equal(
            ["events", "new_events", "duplicates", "dead_letters", "sessions", "bills", "bills_open", "bills_held", "versions_written", "seconds"],
            json.RootElement.EnumerateObject().Select(member => member.Name));
        // The default tariff bills what names one that is in no file; without a reading nothing can be billed.
        Assert.Equal([10, 8, 1, 1, 4, 2, 1, 1, 3], json.RootElement.EnumerateObject().SkipLast(1).Select(member => member.Value.GetInt64()));
        Assert.True(json.RootElement.GetProperty("seconds").GetDecimal() > 0);
        Assert.EndsWith("\n", end.Output, StringComparison.Ordinal);
        Assert.Equal(["final", "held", "held2", "open"], CliProcess.Run("bills", "--store", $"sqlite:{_program.Store}").Lines
            .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("session_id").GetString()));
    }

    [Fact]
    public void Without_json_stdout_is_empty()
    {
        var events = _program.Write("e.jsonl", EventLines.Text(EventLines.Session("S")));
        var end = CliProcess.Run("run", "--events", events, "--tariffs", _program.Tariffs, "--store", $"sqlite:{_program.Store}");
        Assert.True(end is { ExitCode: 0, Output: "" }, end.ToString());
    }

    [Fact]
    public void The_same_command_again_reads_nothing_again_and_a_file_that_grew_is_read_on()
    {
        var events = _program.Write("e.jsonl", EventLines.Text(EventLines.Session("S")));
        Assert.Equal(3, Count(_program.Run(events), "events"));
        Assert.Equal(0, Count(_program.Run(events), "events"));
        File.AppendAllText(events, EventLines.Text(EventLines.Session("T")));
        var end = _program.Run(events);
        Assert.Equal((3, 3, 2), (Count(end, "events"), Count(end, "new_events"), Count(end, "sessions")));
    }

    [Fact]
    public void Standard_input_is_read_from_its_start_each_time()
    {
        var text = Encoding.UTF8.GetBytes(EventLines.Text([.. EventLines.Session("S"), "bad"]));
        for (var i = 0; i < 2; i++)
        {
            using var process = CliProcess.Start(_program.RunArguments("-"));
            process.Input.Write(text);
            var end = process.End();
            Assert.Equal(
                i == 0 ? (4, 3, 0, 1) : (4, 0, 3, 0), (Count(end, "events"), Count(end, "new_events"), Count(end, "duplicates"), Count(end, "versions_written")));
        }
        Assert.Single(_program.Bills());
        Assert.Equal("-", Assert.Single(_program.DeadLetters()).GetProperty("source").GetString());
    }

    [Fact]
    public void Standard_input_is_split_as_files_are()
    {
        using var process = CliProcess.Start(_program.RunArguments("-"));
        var good = EventLines.Session("S");
        process.Input.Write(Encoding.UTF8.GetBytes($"\uFEFF{good[0]}\r\nbad\r\n{good[1]}\n{new string('x', 300_000)}\n\n{good[2]}"));
        var end = process.End();
        Assert.Equal((6, 3), (Count(end, "events"), Count(end, "dead_letters")));
        var second = Encoding.UTF8.GetByteCount(good[0]) + 5;
        var large = second + 5 + good[1].Length + 1;
        Assert.Equal(
            [("NotJson", second), ("TooLarge", large), ("Empty", large + 300_001)],
            _program.DeadLetters().Select(letter => (letter.GetProperty("reason").GetString()!, letter.GetProperty("position").GetInt32())));
        Assert.Single(_program.Bills());
    }

    /// <summary>As `run --events &lt;(zcat x.gz)` names it in bash.</summary>
    [Fact]
    public void A_pipe_named_as_a_file_is_read_or_refused_in_a_sentence()
    {
        var events = _program.Write("e.jsonl", EventLines.Text(EventLines.Session("S")));
        var end = CliProcess.Bash(
            """$evbilling run --events <(cat "$1") --tariffs "$2" --default-tariff T --store "sqlite:$3" """, events, _program.Tariffs, _program.Store);
        Assert.DoesNotContain("   at ", end.Errors, StringComparison.Ordinal);
        Assert.True(end.ExitCode == 2 || _program.Bills().Length == 1, end.ToString());
    }

    [Fact]
    public void A_reader_that_has_seen_enough_ends_the_listing_without_noise()
    {
        var events = _program.Write("e.jsonl", EventLines.Text(Enumerable.Range(0, 2000).SelectMany(i => EventLines.Session($"S{i}"))));
        Assert.Equal(0, _program.Run(events).ExitCode);
        foreach (var verb in new[] { "bills", "dead-letter --json" })
        {
            var end = CliProcess.Bash($"$evbilling {verb} --store \"sqlite:$1\" | head -n 1", _program.Store);
            Assert.True(end is { ExitCode: 0, Errors: "" }, end.ToString());
            Assert.Equal(verb == "bills" ? 1 : 0, end.Lines.Length);
        }
    }

    [Fact]
    public void A_truncated_gz_is_an_error_and_what_came_before_is_billed_and_the_whole_file_is_gone_on_with()
    {
        var fleet = SimulatedFleet.Create(5, 40);
        var whole = Gzip(EventLines.Text(fleet.Lines));
        var events = _program.Write("e.jsonl.gz", whole[..(whole.Length / 2)]);
        var end = _program.Run(events);
        Assert.True(end.ExitCode == 1, end.ToString());
        Assert.Contains("e.jsonl.gz: the input breaks off", end.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", end.Errors, StringComparison.Ordinal);
        Assert.NotEmpty(_program.Bills());
        _program.Write("e.jsonl.gz", whole);
        Assert.Equal(0, _program.Run(events).ExitCode);
        Assert.Empty(_program.DeadLetters());
        var store = _program.Path("whole.db");
        Assert.Equal(0, CliProcess.Run(_program.RunInto(store, _program.Write("e2.jsonl", EventLines.Text(fleet.Lines)))).ExitCode);
        Assert.Equal(_program.Bills(store), _program.Bills());
    }

    /// <summary>A last line without an end may still be on its way; what follows completes it.</summary>
    [Theory]
    [InlineData(3, 0)]
    [InlineData(3, 1)]
    [InlineData(3, 60)]
    [InlineData(1, 60)]
    public void A_last_line_that_is_ended_later_is_one_event_wherever_it_was_cut(int lines, int missing)
    {
        var text = EventLines.Text([.. EventLines.Session("S"), .. EventLines.Session("T")]);
        var cut = EventLines.Text(EventLines.Session("S").Take(lines)).Length - 1 - missing;
        var events = _program.Write("e.jsonl", text[..cut]);
        Assert.Equal(missing == 0 ? 0 : 1, Count(_program.Run(events), "dead_letters"));
        Assert.Equal(missing == 0 ? 0 : 1, _program.DeadLetters().Length);
        // A little more of the line, still not all.
        _program.Write("e.jsonl", text[..(cut + (missing / 2))]);
        _program.Run(events);
        _program.Write("e.jsonl", text);
        _program.Run(events);
        Assert.Empty(_program.DeadLetters());
        Assert.Equal(2, _program.Bills().Count(bill => bill.Contains("total_excl_vat:\"5.00\"", StringComparison.Ordinal)));
        Assert.Equal(0, Count(_program.Run(events), "events"));
    }

    [Fact]
    public void A_replaced_file_is_said_on_stderr_and_read_anew()
    {
        var events = _program.Write("e.jsonl", EventLines.Text(EventLines.Session("S")));
        _program.Run(events);
        _program.Write("e.jsonl", EventLines.Text(EventLines.Session("T")));
        var end = _program.Run(events);
        Assert.Contains("this is not the file that was read before", end.Errors, StringComparison.Ordinal);
        Assert.Equal(2, _program.Bills().Length);
    }

    [Fact]
    public void An_unknown_tariff_is_billed_by_the_next_run_that_has_it()
    {
        var events = _program.Write("e.jsonl", EventLines.Text(EventLines.Session("S", more: ("tariff_id", "LATER"))));
        CliProcess.Run("run", "--events", events, "--tariffs", _program.Tariffs, "--store", $"sqlite:{_program.Store}");
        Assert.Contains("status:\"held\"", _program.Bills()[0], StringComparison.Ordinal);
        _program.Write("tariffs.json", TariffTexts.Energy("LATER", 0.1m));
        CliProcess.Run("run", "--events", events, "--tariffs", _program.Tariffs, "--store", $"sqlite:{_program.Store}");
        Assert.Contains("total_excl_vat:\"1.00\"", _program.Bills()[0], StringComparison.Ordinal);
    }

    private static long Count(CliEnd end, string member)
    {
        Assert.True(end.ExitCode == 0, end.ToString());
        using var json = JsonDocument.Parse(end.Lines[^1]);
        return json.RootElement.GetProperty(member).GetInt64();
    }

    private static byte[] Gzip(string text)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Fastest))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }
        return bytes.ToArray();
    }
}
