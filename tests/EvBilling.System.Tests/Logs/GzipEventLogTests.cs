using System.IO.Compression;
using System.Text;
using EvBilling.Engine;
using EvBilling.Storage.Files;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Logs;

/// <summary>The contract on compressed files: positions are those of the text.</summary>
public class GzipEventLogTests : EventLogContract
{
    private readonly TemporaryFolder _folder = new();

    protected override IEventLog OpenLog(byte[] text, IReadOnlyList<LogPosition> positions) => Open(Compress(text), positions);

    /// <summary>The text as a compressed file's bytes.</summary>
    protected virtual byte[] Compress(byte[] text) => Gzip(text);

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _folder.Dispose();
    }

    [Fact]
    public void A_member_added_later_is_read_on()
    {
        var text = Numbered(0, 3000);
        Assert.True(Compress(text).Length > 4096, "its beginning must not change as it grows");
        var read = Read(OpenLog(text, []));
        var more = Read(Open([.. Compress(text), .. Gzip(Numbered(3000, 10))], [new(PartitionOf(text), read.Next)]));
        Assert.Equal(Enumerable.Range(3000, 10).Select(Line), more.Records.Select(record => record.Text));
    }

    /// <summary>The last 8 bytes are a member's checksum and length, so that all of the text may be there and still not be vouched for.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(2000)]
    [InlineData(15_000)]
    public void A_truncated_file_breaks_off_after_its_good_lines_and_is_read_on_once_mended(int missing)
    {
        var text = Numbered(0, 40_000);
        var whole = Compress(text);
        var (records, next, failure) = ReadUntilFailure(Open(whole[..^missing], []));
        Assert.NotNull(failure);
        Assert.Contains("events.jsonl.gz: the input breaks off at byte " + next, failure.Message, StringComparison.Ordinal);
        Assert.Equal(Enumerable.Range(0, records.Count).Select(Line), records);
        var rest = Read(Open(whole, [new(PartitionOf(text), next)])).Records;
        Assert.Equal(Enumerable.Range(records.Count, 40_000 - records.Count).Select(Line), rest.Select(record => record.Text));
    }

    [Fact]
    public void A_damaged_file_breaks_off()
    {
        var bytes = Compress(Numbered(0, 40_000));
        bytes.AsSpan(bytes.Length / 2, 200).Fill(0xFF);
        Assert.NotNull(ReadUntilFailure(Open(bytes, [])).Failure);
    }

    [Fact]
    public void A_file_shorter_than_what_was_read_before_breaks_off()
    {
        var text = Numbered(0, 3000);
        var failure = ReadUntilFailure(OpenLog(text, [new(PartitionOf(text), text.Length + 1)])).Failure;
        Assert.Contains("shorter than what was read before", failure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_compressed_file_is_known_by_its_bytes_not_by_its_name()
    {
        using var log = FileEventLog.Open([_folder.Write("plain.txt", Compress("a\nb"u8.ToArray())), _folder.Write("no.gz", "c"u8.ToArray())], [], _ => { });
        Assert.Equal(["a", "b", "c"], Read(log).Records.Select(record => record.Text));
    }

    protected static byte[] Gzip(ReadOnlySpan<byte> text)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Fastest))
        {
            gzip.Write(text);
        }
        return bytes.ToArray();
    }

    // Hashes, so that it compresses badly and is longer than what makes a file itself.
    private static string Line(int number) =>
        number + Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(BitConverter.GetBytes(number)))[..12];

    private static byte[] Numbered(int from, int count) => Encoding.ASCII.GetBytes(EventLines.Text(Enumerable.Range(from, count).Select(Line)));

    private FileEventLog Open(byte[] bytes, IReadOnlyList<LogPosition> positions) =>
        FileEventLog.Open([_folder.Write("events.jsonl.gz", bytes)], positions, _ => { });

    private static (List<string> Records, long Next, EventLogException? Failure) ReadUntilFailure(IEventLog log)
    {
        var records = new List<string>();
        var next = 0L;
        var block = new RecordBlock();
        try
        {
            while (log.Poll(block, CancellationToken.None))
            {
                records.AddRange(block.Records.Select(record => Encoding.ASCII.GetString(record.Text.In(block.Buffer.Bytes))));
                next = block.NextOffset;
            }
            return (records, next, null);
        }
        catch (EventLogException e)
        {
            return (records, next, e);
        }
    }
}

/// <summary>The contract on compressed files of several members, as `cat a.gz b.gz` makes them, cut within lines.</summary>
public sealed class MultiMemberGzipEventLogTests : GzipEventLogTests
{
    protected override byte[] Compress(byte[] text) => [.. Gzip(text.AsSpan(0, text.Length / 3)), .. Gzip([]), .. Gzip(text.AsSpan(text.Length / 3))];
}
