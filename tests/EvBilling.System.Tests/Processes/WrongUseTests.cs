using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Processes;

/// <summary>Wrong use and unreadable input: exit code 2, one sentence that says what and how to mend it, nothing written.</summary>
[Collection(nameof(Processes))]
public sealed class WrongUseTests : IDisposable
{
    private readonly ProgramFixture _program = new();

    public void Dispose() => _program.Dispose();

    // {} is the test's folder. What stands on the right is in the sentence.
    public static TheoryData<string, string> Wrong => new()
    {
        { "bogus", "bogus" },
        { "run", "--events" },
        { "run --events {}/e.jsonl --store sqlite:{}/new.db", "--tariffs" },
        { "run --events {}/e.jsonl --tariffs {}/tariffs.json", "--store" },
        { "run --bogus --events {}/e.jsonl --tariffs {}/tariffs.json --store sqlite:{}/new.db", "--bogus" },
        { "run --events {}/none.jsonl --tariffs {}/tariffs.json --store sqlite:{}/new.db", "{}/none.jsonl: there is no such file" },
        { "run --events {}/e.jsonl {}/none.jsonl --tariffs {}/tariffs.json --store sqlite:{}/new.db", "{}/none.jsonl" },
        { "run --events {} --tariffs {}/tariffs.json --store sqlite:{}/new.db", "{} is a folder" },
        { "run --events /proc/self/mem --tariffs {}/tariffs.json --store sqlite:{}/new.db", "/proc/self/mem" },
        { "run --events '' --tariffs {}/tariffs.json --store sqlite:{}/new.db", "--events" },
        { "run --events - - --tariffs {}/tariffs.json --store sqlite:{}/new.db", "twice" },
        { "run --events {}/e.jsonl --tariffs {}/none.json --store sqlite:{}/new.db", "--tariffs {}/none.json" },
        { "run --events {}/e.jsonl --tariffs {} --store sqlite:{}/new.db", "is a folder" },
        { "run --events {}/e.jsonl --tariffs '' --store sqlite:{}/new.db", "--tariffs" },
        { "run --events {}/e.jsonl --tariffs {}/e.jsonl --store sqlite:{}/new.db", "none of its tariffs can be used" },
        { "run --events {}/e.jsonl --tariffs {}/text --store sqlite:{}/new.db", "no JSON" },
        { "run --events {}/e.jsonl --tariffs {}/empty --store sqlite:{}/new.db", "empty" },
        { "run --events {}/e.jsonl --tariffs {}/list.json --store sqlite:{}/new.db", "holds no tariff" },
        { "run --events {}/e.jsonl --tariffs {}/tariffs.json --locations {}/none.json --store sqlite:{}/new.db", "--locations {}/none.json" },
        { "run --events {}/e.jsonl --tariffs {}/tariffs.json --locations {}/text --store sqlite:{}/new.db", "--locations {}/text" },
        { "run --events {}/e.jsonl --tariffs {}/tariffs.json --timezone Mars/Base --store sqlite:{}/new.db", "--timezone Mars/Base" },
        { "run --events {}/e.jsonl --tariffs {}/tariffs.json --close-after 5 --store sqlite:{}/new.db", "--close-after 5" },
        { "run --events {}/e.jsonl --tariffs {}/tariffs.json --close-after -1h --store sqlite:{}/new.db", "-1h" },
        { "run --events {}/e.jsonl --tariffs {}/tariffs.json --max-session 1y --store sqlite:{}/new.db", "--max-session 1y" },
        { "run --events {}/e.jsonl --tariffs {}/tariffs.json --keep-sessions 999999d --store sqlite:{}/new.db", "--keep-sessions 999999d" },
        { "run --events {}/e.jsonl --tariffs {}/tariffs.json --store {}/new.db", "sqlite:FILE" },
        { "run --events {}/e.jsonl --tariffs {}/tariffs.json --store sqlite:", "sqlite:FILE" },
        { "run --events {}/e.jsonl --tariffs {}/tariffs.json --store sqlite:{}/missing/new.db", "{}/missing" },
        { "run --events {}/e.jsonl --tariffs {}/tariffs.json --store sqlite:{}", "is a folder" },
        { "run --events {}/e.jsonl --tariffs {}/tariffs.json --store sqlite:{}/text", "no SQLite database" },
        { "run --events {}/e.jsonl --tariffs {}/tariffs.json --store mysql://me@host:3306/db", "sqlite:FILE" },
        { "run --events {}/e.jsonl --tariffs {}/tariffs.json --store postgres://me:secret@host:5432/db", "PGPASSWORD" },
        { "run --events {}/e.jsonl --tariffs {}/tariffs.json --store sqlite:{}/new.db --follow", "--follow is for a topic" },
        { "run --events kafka://127.0.0.1:1/a kafka://127.0.0.1:1/b --tariffs {}/tariffs.json --store sqlite:{}/new.db", "one topic" },
        { "run --events kafka://me:secret@127.0.0.1:1/a --tariffs {}/tariffs.json --store sqlite:{}/new.db", "EVBILLING_KAFKA_SASL_PASSWORD" },
        { "run --events kafka://127.0.0.1:1/a --kafka sasl.password=secret --tariffs {}/tariffs.json --store sqlite:{}/new.db", "sasl.password" },
        { "bills", "--store" },
        { "bills --store sqlite:{}/new.db", "{}/new.db" },
        { "bills --store sqlite:{}/text", "no SQLite database" },
        { "dead-letter --store sqlite:{}/new.db", "{}/new.db" },
        { "dead-letter --retry --store sqlite:{}/new.db", "{}/new.db" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Wrong_use_is_told_in_a_sentence_and_nothing_is_written(string arguments, string told)
    {
        _program.Write("e.jsonl", EventLines.Text(EventLines.Session("S")));
        _program.Write("text", "This is no JSON and no database.\n");
        _program.Write("empty", "");
        _program.Write("list.json", "[]");
        var before = Snapshot();
        var words = arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(word => word == "''" ? "" : word.Replace("{}", _program.Folder, StringComparison.Ordinal));
        var end = CliProcess.Run([.. words]);
        Assert.True(end.ExitCode == 2, end.ToString());
        Assert.Equal("", end.Output);
        Assert.DoesNotContain("   at ", end.Errors, StringComparison.Ordinal);
        Assert.Contains(told.Replace("{}", _program.Folder, StringComparison.Ordinal), end.Errors, StringComparison.Ordinal);
        // What cannot be used is named first, a tariff a line; then comes the one sentence.
        var lines = end.Errors.TrimEnd('\n').Split('\n');
        Assert.All(lines, line => Assert.StartsWith("evbilling: ", line, StringComparison.Ordinal));
        Assert.All(lines[..^1], line => Assert.Matches("^evbilling: (tariff|number) ", line));
        Assert.Equal(before, Snapshot());
    }

    [Fact]
    public void Without_a_verb_the_help_is_shown_and_it_is_wrong_use()
    {
        var end = CliProcess.Run();
        Assert.True(end is { ExitCode: 2, Output: "" }, end.ToString());
        Assert.Contains("Exit codes:", end.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tariff_that_cannot_be_used_is_named_and_the_others_bill()
    {
        _program.Write("tariffs.json", TariffTexts.List(TariffTexts.Refused("R"), TariffTexts.Energy("T", 0.5m)));
        _program.Write("e.jsonl", EventLines.Text([.. EventLines.Session("S"), .. EventLines.Session("held", more: ("tariff_id", "R"))]));
        var end = _program.Run(_program.Path("e.jsonl"));
        Assert.True(end.ExitCode == 0, end.ToString());
        Assert.Matches("tariff R in .*tariffs.json cannot be used: /elements/0/price_components/0/price: .*TariffRefused", end.Errors);
        Assert.Equal(["S status:\"final\"", "held status:\"held\""], _program.Bills().Select(bill => bill.Split(','))
            .Select(members => $"{members[0].Split('"')[1]} {members[1]}"));
    }

    /// <summary>A tariff file with a broken line works once; it must not make the store useless.</summary>
    [Fact]
    public void A_broken_line_in_a_tariff_file_is_named_and_the_store_stays_readable()
    {
        _program.Write("tariffs.json", TariffTexts.Energy("T", 0.5m) + "\n{broken\n");
        _program.Write("e.jsonl", EventLines.Text(EventLines.Session("S")));
        var end = _program.Run(_program.Path("e.jsonl"));
        Assert.True(end.ExitCode == 0, end.ToString());
        Assert.Matches("evbilling: number 2 in .*tariffs.json is left out: Line 2", end.Errors);
        Assert.Single(_program.Bills());
    }

    [Fact]
    public void Bills_of_an_empty_file_are_refused_and_it_stays_empty()
    {
        _program.Write("bills.db", "");
        var end = CliProcess.Run("bills", "--store", $"sqlite:{_program.Store}");
        Assert.True(end.ExitCode == 2, end.ToString());
        Assert.Equal(0, new FileInfo(_program.Store).Length);
    }

    private string Snapshot() => string.Join('\n', Directory.GetFiles(_program.Folder, "*", SearchOption.AllDirectories).Order()
        .Select(file => $"{file} {Convert.ToHexString(File.ReadAllBytes(file))}"));
}
