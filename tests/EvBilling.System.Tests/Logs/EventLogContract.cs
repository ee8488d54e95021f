using System.Text;
using EvBilling.Engine;

namespace EvBilling.SystemTests.Logs;

/// <summary>A record as a reader sees it.</summary>
public sealed record SeenRecord(string Text, long Offset, long Length);

/// <summary>What every event log of lines must do. A variant says how a text becomes a log.</summary>
public abstract class EventLogContract : IDisposable
{
    private const int Kib64 = 65_536;

    /// <summary>Opens a text as a log, after what was read of it before.</summary>
    protected abstract IEventLog OpenLog(byte[] text, IReadOnlyList<LogPosition> positions);

    /// <summary>Whether it goes on after what was read before.</summary>
    protected virtual bool GoesOn => true;

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    public static TheoryData<string, string> Lines => new()
    {
        { "", "" },
        { "a", "a@0/1" },
        { "a\n", "a@0/1" },
        { "a\nbc\n", "a@0/1 bc@2/2" },
        { "a\nbc", "a@0/1 bc@2/2" },
        { "a\r\nbc\r\n", "a@0/1 bc@3/2" },
        { "a\rb\r\r\n", "a\rb\r@0/4" },
        { "a\n\nb\n\r\n", "a@0/1 @2/0 b@3/1 @5/0" },
        { "\n", "@0/0" },
        { "\uFEFFa\n\uFEFFb\n", "a@0/1 \uFEFFb@5/4" },
        { "\uFEFF\r\na", "@0/0 a@5/1" },
        { "ä€𝄞\n\0\n", "ä€𝄞@0/9 \0@10/1" },
    };

    [Theory]
    [MemberData(nameof(Lines))]
    public void Records_are_lines_and_their_positions_are_bytes(string text, string expected) =>
        Assert.Equal(expected, string.Join(' ', Read(Utf8(text)).Records.Select(record => $"{record.Text}@{record.Offset}/{record.Length}")));

    [Theory]
    [InlineData(Kib64 - 1, Kib64 - 1)]
    [InlineData(Kib64, Kib64)]
    [InlineData(Kib64 + 1, Kib64 + 1)]
    [InlineData(Kib64 + 2, Kib64 + 1)]
    [InlineData(1_000_000, Kib64 + 1)]
    public void Of_a_line_over_64_kib_only_the_beginning_is_kept_and_its_length_told(int length, int kept)
    {
        var text = Enumerable.Range(0, length).Select(i => (byte)('a' + (i % 23))).ToArray();
        foreach (var end in new[] { "\n", "\r\n", "" })
        {
            var records = Read([.. "first\n"u8, .. text, .. Utf8(end), .. end.Length == 0 ? [] : "last"u8]).Records;
            Assert.Equal(end.Length == 0 ? 2 : 3, records.Count);
            Assert.Equal((Encoding.ASCII.GetString(text[..kept]), 6, length), (records[1].Text, records[1].Offset, records[1].Length));
            Assert.True(end.Length == 0 || records[2] == new SeenRecord("last", 6 + length + end.Length, 4));
        }
    }

    [Fact]
    public void Lines_of_any_length_are_whole_wherever_blocks_end()
    {
        const int Seed = 20260105;
        var random = new Random(Seed);
        var lines = Enumerable.Range(0, 400)
            .Select(i => new string((char)('a' + (i % 26)), random.Next(20) == 0 ? random.Next(Kib64) : random.Next(700))).ToList();
        var (records, next) = Read(Utf8(string.Concat(lines.Select(line => line + "\r\n"))));
        Assert.True(lines.SequenceEqual(records.Select(record => record.Text)), $"seed {Seed}");
        Assert.Equal(lines.Sum(line => line.Length + 2), next);
    }

    [Fact]
    public void Reading_goes_on_after_any_position()
    {
        Assert.SkipUnless(GoesOn, "This log starts at its beginning each time.");
        var text = Utf8("\uFEFFa\nbb\r\n\nccc");
        var all = Read(text);
        Assert.Equal(4, all.Records.Count);
        for (var i = 0; i <= all.Records.Count; i++)
        {
            var from = i == all.Records.Count ? all.Next : all.Records[i].Offset;
            Assert.Equal(all.Records.Skip(i), Read(text, [new LogPosition(PartitionOf(text), from)]).Records);
        }
    }

    [Fact]
    public void A_log_without_records_has_no_position()
    {
        using var log = OpenLog([], []);
        Assert.False(log.Poll(new RecordBlock(), CancellationToken.None));
        Assert.False(log.Poll(new RecordBlock(), CancellationToken.None));
    }

    [Fact]
    public void A_block_holds_no_more_after_the_end()
    {
        using var log = OpenLog(Utf8("a\n"), []);
        var block = new RecordBlock();
        Assert.True(log.Poll(block, CancellationToken.None));
        Assert.Equal(2, block.NextOffset);
        Assert.False(log.Poll(block, CancellationToken.None));
        Assert.Empty(block.Records);
    }

    [Fact]
    public void What_is_read_reaches_the_total_where_that_is_known()
    {
        using var log = OpenLog(Utf8("a\nb\n"), []);
        var block = new RecordBlock();
        while (log.Poll(block, CancellationToken.None))
        {
        }
        Assert.Equal(log.TotalBytes ?? 0, log.ReadBytes);
    }

    protected virtual void Dispose(bool disposing)
    {
    }

    protected static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>Reads a log to its end.</summary>
    protected static (List<SeenRecord> Records, long Next) Read(IEventLog log)
    {
        var records = new List<SeenRecord>();
        var next = 0L;
        var block = new RecordBlock();
        while (log.Poll(block, CancellationToken.None))
        {
            records.AddRange(block.Records.Select(
                record => new SeenRecord(Encoding.UTF8.GetString(record.Text.In(block.Buffer.Bytes)), record.Offset, record.Length)));
            next = block.NextOffset;
        }
        return (records, next);
    }

    protected LogPartition PartitionOf(byte[] text)
    {
        using var log = OpenLog(text, []);
        var block = new RecordBlock();
        Assert.True(log.Poll(block, CancellationToken.None));
        return block.Partition;
    }

    private (List<SeenRecord> Records, long Next) Read(byte[] text, IReadOnlyList<LogPosition>? positions = null)
    {
        using var log = OpenLog(text, positions ?? []);
        return Read(log);
    }
}
