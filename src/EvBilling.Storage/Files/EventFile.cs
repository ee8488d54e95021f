using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using EvBilling.Engine;

namespace EvBilling.Storage.Files;

/// <summary>
/// A file of events and how far it was read. A position belongs to the file's path and the hash of its beginning: the first 4 KiB, or as much as there was
/// when it was first read. A file that is shorter than what was read, or begins otherwise, is a new source.
/// </summary>
internal sealed class EventFile
{
    public const string StandardInput = "-";
    private const int HeadBytes = 4096;

    private readonly string _path;
    private Stream? _raw;

    private EventFile(string path, LogPartition partition, long position, long? lengthBytes, bool isCompressed = false)
    {
        _path = path;
        Partition = partition;
        Position = position;
        LengthBytes = lengthBytes;
        IsCompressed = isCompressed;
    }

    public LogPartition Partition { get; }

    /// <summary>Where to go on, in bytes of the text (not of the compressed file).</summary>
    public long Position { get; }

    /// <summary>Null = not known.</summary>
    public long? LengthBytes { get; }

    public bool IsCompressed { get; }

    /// <summary>Of the file itself; may be asked for on any thread at any time.</summary>
    public long ReadBytes
    {
        get
        {
            try
            {
                return _raw switch { null => 0, { CanRead: false } => LengthBytes ?? 0, { CanSeek: true } => _raw.Position, _ => 0 };
            }
            catch (ObjectDisposedException)
            {
                return LengthBytes ?? 0;
            }
        }
    }

    /// <summary>After <see cref="OpenAtPosition"/>: the byte in front of the position is no line feed.</summary>
    public bool IsMidLine { get; private set; }

    public static EventFile OfStandardInput() => new(StandardInput, new(StandardInput, "", 0), 0, null);

    public static void Check(string path)
    {
        using var file = OpenRaw(path);
        try
        {
            if (GzipText.IsGzip(file))
            {
                using var text = GzipText.Unpack(file);
                text.ReadByte();
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw Unreadable(path, e);
        }
    }

    public static EventFile Find(string path, IReadOnlyList<LogPosition> positions, Action<string> warn)
    {
        var full = Path.GetFullPath(path);
        using var file = OpenRaw(full);
        var known = positions.Where(position => position.Partition.Source == full).ToList();
        var isGzip = GzipText.IsGzip(file);
        foreach (var position in known)
        {
            var length = int.Parse(position.Partition.Incarnation.Split('-')[0], CultureInfo.InvariantCulture);
            // The length of a compressed text is not known before it is read to its end.
            if (Head(file, length) == position.Partition.Incarnation && (isGzip || file.Length >= position.NextOffset))
            {
                return new(full, position.Partition, position.NextOffset, file.Length, isGzip);
            }
        }
        if (known.Count > 0)
        {
            warn($"{path}: this is not the file that was read before (it is shorter, or begins otherwise); it is read as a new source, from its start.");
        }
        return new(full, new(full, Head(file, (int)Math.Min(HeadBytes, file.Length)), 0), 0, file.Length, isGzip);
    }

    /// <summary>Opens the text at <see cref="Position"/>.</summary>
    public Stream OpenAtPosition(CancellationToken cancellation)
    {
        if (_path == StandardInput)
        {
            return _raw = Console.OpenStandardInput();
        }
        var file = OpenRaw(_path);
        _raw = file;
        if (!GzipText.IsGzip(file))
        {
            file.Position = Math.Max(0, Position - 1);
            IsMidLine = Position > 0 && file.ReadByte() != '\n';
            return file;
        }
        var text = GzipText.Unpack(file);
        Skip(text, cancellation);
        return text;
    }

    private void Skip(GZipStream text, CancellationToken cancellation)
    {
        var buffer = new byte[64 * 1024];
        for (var left = Position; left > 0;)
        {
            cancellation.ThrowIfCancellationRequested();
            int read;
            try
            {
                read = text.Read(buffer, 0, (int)Math.Min(buffer.Length, left));
            }
            catch (InvalidDataException e)
            {
                throw Shorter(e);
            }
            if (read == 0)
            {
                throw Shorter(null);
            }
            left -= read;
            IsMidLine = buffer[read - 1] != '\n';
        }
    }

    private EventLogException Shorter(Exception? e) =>
        new($"{_path}: the file is shorter than what was read before ({Position} bytes of text); give the whole file again.", e!);

    private static FileStream OpenRaw(string path)
    {
        try
        {
            if (path.Length == 0)
            {
                throw new EventLogException("--events names no file; give one of JSON Lines (.jsonl, also .gz), or - for standard input.");
            }
            if (Directory.Exists(path))
            {
                throw new EventLogException($"{path} is a folder; name a file of JSON Lines (.jsonl, also .gz), or - for standard input.");
            }
            var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1, FileOptions.SequentialScan);
            if (file.CanSeek)
            {
                return file;
            }
            file.Dispose();
            throw new EventLogException($"{path} is a pipe or a device, in which no position can be found again; give it as standard input: --events - < {path}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, e);
        }
    }

    private static EventLogException Unreadable(string path, Exception e) => new(e switch
    {
        FileNotFoundException or DirectoryNotFoundException => $"{path}: there is no such file; name a file of JSON Lines (.jsonl, also .gz), or - for standard input.",
        InvalidDataException => $"{path}: the file is no whole gzip file; compress it anew.",
        UnauthorizedAccessException => $"{path}: the file may not be read; give this user the right to read it.",
        _ => $"{path}: the file cannot be read ({e.Message.TrimEnd('.')}).",
    }, e);

    private static string Head(FileStream file, int length)
    {
        var head = new byte[length];
        file.Position = 0;
        var read = file.ReadAtLeast(head, length, throwOnEndOfStream: false);
        return $"{length}-{Convert.ToHexStringLower(SHA256.HashData(head.AsSpan(0, read)))[..32]}";
    }
}
