using System.Text;
using System.Text.Json;
using EvBilling.Engine;
using EvBilling.Storage.Sqlite;
using EvBilling.SystemTests.Stores;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Processes;

/// <summary>The real program: how a store stands.</summary>
[Collection(nameof(Processes))]
public sealed class StatusTests : IDisposable
{
    private readonly ProgramFixture _program = new();

    public void Dispose() => _program.Dispose();

    [Fact]
    public void Json_is_one_object_with_positions_sessions_bills_and_dead_letters()
    {
        var text = EventLines.Text([.. EventLines.Session("final"), EventLines.Line("ended", "held", 0), EventLines.Line("started", "open", 90, 5), "{}", "bad", "worse"]);
        var events = _program.Write("e.jsonl", text);
        Assert.Equal(0, _program.Run(events).ExitCode);

        var status = Json();

        Assert.Equal((3, 1), (Number(status, "sessions"), Number(status, "sessions_open")));
        Assert.Equal("""{"final":1,"held":1,"void":0}""", status.GetProperty("bills").GetRawText());
        Assert.Equal(3, Number(status, "dead_letters"));
        Assert.Equal("""{"MissingMember:type":1,"NotJson":2}""", status.GetProperty("dead_letters_by_reason").GetRawText());
        Assert.Equal(EventLines.Time(90), status.GetProperty("event_clock").GetString());
        // Nobody has asked where the file ends.
        Assert.Equal(JsonValueKind.Null, status.GetProperty("lag").ValueKind);
        var partition = Assert.Single(status.GetProperty("partitions").EnumerateArray());
        Assert.Equal((events, 0, text.Length, 0), (partition.GetProperty("source").GetString(), Number(partition, "partition"), Number(partition, "next_offset"), Number(partition, "gap_records")));
        Assert.Equal((JsonValueKind.Null, JsonValueKind.False), (partition.GetProperty("end_offset").ValueKind, partition.GetProperty("live").ValueKind));
        Assert.InRange(partition.GetProperty("read_at").GetDateTimeOffset(), DateTimeOffset.UtcNow.AddMinutes(-10), DateTimeOffset.UtcNow);
    }

    [Fact]
    public void With_events_a_file_s_size_tells_what_waits()
    {
        var first = EventLines.Text(EventLines.Session("S"));
        var events = _program.Write("e.jsonl", first);
        var other = _program.Write("other.jsonl", first + first);
        Assert.Equal(0, _program.Run(events).ExitCode);
        var more = EventLines.Text(EventLines.Session("T"));
        File.AppendAllText(events, more);

        var status = Json("--events", events, other);

        Assert.Equal(
            [(events, first.Length, first.Length + more.Length, more.Length), (other, -1, 2 * first.Length, 2 * first.Length)],
            status.GetProperty("partitions").EnumerateArray().Select(partition => (
                partition.GetProperty("source").GetString()!, Number(partition, "next_offset"), Number(partition, "end_offset"), Number(partition, "lag"))));
        Assert.Equal(more.Length + (2 * first.Length), Number(status, "lag"));
    }

    [Fact]
    public void Of_a_compressed_file_the_end_is_not_known()
    {
        using var packed = new MemoryStream();
        using (var gzip = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionLevel.Fastest))
        {
            gzip.Write(Encoding.UTF8.GetBytes(EventLines.Text(EventLines.Session("S"))));
        }
        var events = _program.Write("e.jsonl.gz", packed.ToArray());
        Assert.Equal(0, _program.Run(events).ExitCode);

        var partition = Assert.Single(Json("--events", events).GetProperty("partitions").EnumerateArray());

        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null, JsonValueKind.True), (
            partition.GetProperty("end_offset").ValueKind, partition.GetProperty("lag").ValueKind, partition.GetProperty("live").ValueKind));
    }

    [Fact]
    public void Without_events_the_ends_are_as_they_were_last_seen()
    {
        using (var store = SqliteBillStore.Open(_program.Store, TimeProvider.System))
        {
            store.BeginWriting();
            store.Claim([new("kafka:t", "c/1", 0), new("kafka:t", "c/1", 1)]);
            var batch = new CommitBatch();
            batch.Advance(new("kafka:t", "c/1", 0), new(70, 100, EventLines.StartNs));
            batch.Advance(new("kafka:t", "c/1", 1), new(50, 50, 0));
            store.Commit(batch);
            store.SkipGap(new("kafka:t", "c/1", 1), 60, 10);
        }

        var status = Json();

        Assert.Equal(30, Number(status, "lag"));
        Assert.Equal(
            ["""70,100,30,False,0""", """60,50,0,False,10"""],
            status.GetProperty("partitions").EnumerateArray().Select(partition => string.Join(
                ',', new[] { "next_offset", "end_offset", "lag", "live", "gap_records" }.Select(name => partition.GetProperty(name).ToString()))));
        var text = Run().Output;
        Assert.Contains("kafka:t\n", text, StringComparison.Ordinal);
        Assert.Contains("* as of when it was last read", text, StringComparison.Ordinal);
        Assert.Matches(@"\n +0 +70 +100\* +30 +\S+Z +0\n", text);
    }

    [Fact]
    public void A_person_is_told_the_same_in_words_and_escapes_of_foreign_names_are_shown_as_such()
    {
        var events = _program.Write("e\u001b[2J.jsonl", EventLines.Text([.. EventLines.Session("S"), "bad"]));
        Assert.Equal(0, _program.Run(events).ExitCode);
        var end = Run("--events", events);
        Assert.StartsWith("1 sessions: 0 open; 1 final bills, 0 held, 0 void.\nThe newest event is of 2026-01-05T11:00:00Z.\n1 dead letters:\n             1  NotJson\n", end.Output, StringComparison.Ordinal);
        Assert.Contains("e\\u001b[2J.jsonl\n  partition", end.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b", end.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_store_that_nothing_was_read_into_has_a_status()
    {
        SqliteBillStore.Open(_program.Store, TimeProvider.System).Dispose();
        Assert.Equal("0 sessions: 0 open; 0 final bills, 0 held, 0 void.\nNo event was read yet.\nNo dead letters.\n", Run().Output);
        Assert.Equal(0, Number(Json(), "sessions"));
    }

    [Theory]
    [InlineData("status", "--store")]
    [InlineData("status --store sqlite:{}/none.db", "{}/none.db")]
    [InlineData("status --store sqlite:{}/bills.db --events {}/none.jsonl", "{}/none.jsonl: there is no such file")]
    [InlineData("status --store sqlite:{}/bills.db --events -", "standard input")]
    [InlineData("status --store sqlite:{}/bills.db --bogus", "--bogus")]
    public void Wrong_use_is_told_in_a_sentence(string arguments, string told)
    {
        SqliteBillStore.Open(_program.Store, TimeProvider.System).Dispose();
        var end = CliProcess.Run(arguments.Replace("{}", _program.Folder, StringComparison.Ordinal).Split(' '));
        Assert.True(end is { ExitCode: 2, Output: "" }, end.ToString());
        Assert.Contains(told.Replace("{}", _program.Folder, StringComparison.Ordinal), end.Errors, StringComparison.Ordinal);
        Assert.False(File.Exists(_program.Path("none.db")));
    }

    private CliEnd Run(params string[] more)
    {
        var end = CliProcess.Run(["status", "--store", $"sqlite:{_program.Store}", .. more]);
        Assert.True(end is { ExitCode: 0, Errors: "" }, end.ToString());
        return end;
    }

    private JsonElement Json(params string[] more) => JsonDocument.Parse(Assert.Single(Run(["--json", .. more]).Lines)).RootElement;

    // -1 = null.
    private static int Number(JsonElement of, string name) => of.GetProperty(name) is { ValueKind: JsonValueKind.Number } number ? number.GetInt32() : -1;
}
