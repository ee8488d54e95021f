using EvBilling.Engine;
using EvBilling.Storage.Files;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Logs;

/// <summary>The contract on files, and what files alone do: they grow, shrink and are replaced.</summary>
public sealed class FileEventLogTests : EventLogContract
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _warnings = [];

    protected override IEventLog OpenLog(byte[] text, IReadOnlyList<LogPosition> positions) =>
        FileEventLog.Open([_folder.Write("events.jsonl", text)], positions, _warnings.Add);

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _folder.Dispose();
    }

    [Fact]
    public void A_file_that_grew_is_read_on()
    {
        var first = ReadOn("a\nb\n", []);
        Assert.Equal(["c@4"], ReadOn("a\nb\nc\n", first.Positions).Records);
        Assert.Empty(_warnings);
    }

    [Theory]
    [InlineData("a\nb\n", false)]
    [InlineData("a\nb", true)]
    [InlineData("a\n\r", true)]
    public void Of_a_last_line_without_an_end_it_is_told_that_it_may_grow(string text, bool mayGrow)
    {
        using var log = OpenLog(Utf8(text), []);
        var block = new RecordBlock();
        var last = false;
        while (log.Poll(block, CancellationToken.None))
        {
            last = block.LastMayGrow;
        }
        Assert.Equal(mayGrow, last);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(5000)]
    public void A_truncated_file_is_read_anew_and_said_so(int lines)
    {
        var text = EventLines.Text(Enumerable.Range(0, lines).Select(i => $"line {i}"));
        var first = ReadOn(text, []);
        var second = ReadOn(text[..^3], first.Positions);
        Assert.Equal(lines, second.Records.Length);
        Assert.Equal("line 0@0", second.Records[0]);
        Assert.Contains("events.jsonl: this is not the file that was read before", Assert.Single(_warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_replaced_file_is_read_anew_and_said_so_and_the_old_one_put_back_is_read_on()
    {
        var first = ReadOn("a\nb\n", []);
        var second = ReadOn("x\ny\nz\n", first.Positions);
        Assert.Equal(["x@0", "y@2", "z@4"], second.Records);
        Assert.Single(_warnings);
        Assert.Equal(["c@4"], ReadOn("a\nb\nc\n", second.Positions).Records);
        Assert.Equal(["w@6"], ReadOn("x\ny\nz\nw\n", second.Positions).Records);
        Assert.Single(_warnings);
    }

    [Fact]
    public void A_file_is_itself_by_whatever_path_it_is_named()
    {
        var first = ReadOn("a\nb\n", []);
        using var log = FileEventLog.Open([Path.GetRelativePath(Environment.CurrentDirectory, _folder.File("events.jsonl"))], first.Positions, _warnings.Add);
        Assert.Empty(Read(log).Records);
    }

    [Fact]
    public void A_file_of_another_name_is_another_source()
    {
        var first = ReadOn("a\nb\n", []);
        using var log = FileEventLog.Open([_folder.Write("copy.jsonl", "a\nb\n"u8.ToArray())], first.Positions, _warnings.Add);
        Assert.Equal(2, Read(log).Records.Count);
        Assert.Empty(_warnings);
    }

    [Fact]
    public void Files_are_read_one_after_the_other_and_one_named_twice_is_read_again()
    {
        var a = _folder.Write("a", "1\n2"u8.ToArray());
        var b = _folder.Write("b", "3\n"u8.ToArray());
        using var log = FileEventLog.Open([b, a, b], [], _warnings.Add);
        Assert.Equal(["3@0", "1@0", "2@2", "3@0"], Read(log).Records.Select(record => $"{record.Text}@{record.Offset}"));
    }

    [Fact]
    public void A_missing_file_is_refused_by_name()
    {
        var path = _folder.File("missing.jsonl");
        foreach (var open in new Action[] { () => FileEventLog.Check([path]), () => FileEventLog.Open([path], [], _warnings.Add) })
        {
            Assert.Contains($"{path}: there is no such file", Assert.Throws<EventLogException>(open).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_folder_is_refused_by_name() =>
        Assert.StartsWith($"{_folder.Path} is a folder", Assert.Throws<EventLogException>(() => FileEventLog.Check([_folder.Path])).Message);

    [Fact]
    public void An_empty_name_is_refused() => Assert.Throws<EventLogException>(() => FileEventLog.Check([""]));

    [Fact]
    public void A_file_that_cannot_be_read_is_refused_by_name() =>
        // Opens, but its first byte is no one's to read.
        Assert.Contains("/proc/self/mem", Assert.Throws<EventLogException>(() => FileEventLog.Check(["/proc/self/mem"])).Message, StringComparison.Ordinal);

    [Fact]
    public void A_file_that_vanishes_before_its_turn_breaks_off_the_log_after_the_others()
    {
        var a = _folder.Write("a", "1\n"u8.ToArray());
        var b = _folder.Write("b", "2\n"u8.ToArray());
        using var log = FileEventLog.Open([a, b], [], _warnings.Add);
        File.Delete(b);
        var block = new RecordBlock();
        Assert.True(log.Poll(block, CancellationToken.None));
        Assert.Contains(b, Assert.Throws<EventLogException>(() => log.Poll(block, CancellationToken.None)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_without_an_end_takes_no_memory_of_its_length()
    {
        var path = _folder.File("long.jsonl");
        using (var file = File.Create(path))
        {
            file.Write("a\n"u8);
            // A hole: 200 MB of zeros that take no disk.
            file.SetLength(200_000_002);
        }
        using var log = FileEventLog.Open([path], [], _warnings.Add);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var records = Read(log).Records;
        Assert.Equal([1, 200_000_000], records.Select(record => record.Length));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 5_000_000);
    }

    private (string[] Records, List<LogPosition> Positions) ReadOn(string text, List<LogPosition> positions)
    {
        using var log = OpenLog(Utf8(text), positions);
        var records = new List<string>();
        var next = positions.ToList();
        var block = new RecordBlock();
        while (log.Poll(block, CancellationToken.None))
        {
            records.AddRange(block.Records.Select(record => System.Text.Encoding.UTF8.GetString(record.Text.In(block.Buffer.Bytes)) + "@" + record.Offset));
            next.RemoveAll(position => position.Partition == block.Partition);
            next.Add(new(block.Partition, block.NextOffset));
        }
        return ([.. records], next);
    }
}
