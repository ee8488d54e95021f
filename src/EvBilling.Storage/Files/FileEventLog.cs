using System.IO.Compression;
using EvBilling.Engine;

namespace EvBilling.Storage.Files;

/// <summary>JSON Lines files, one after the other, also compressed by gzip; or standard input.</summary>
public sealed class FileEventLog : IEventLog
{
    private readonly Queue<EventFile> _waiting;
    private EventFile? _file;
    private LineReader? _lines;
    private long _bytesBefore;

    private FileEventLog(IEnumerable<EventFile> files)
    {
        _waiting = new Queue<EventFile>(files);
        Partitions = [.. _waiting.Select(file => file.Partition)];
        TotalBytes = _waiting.Any(file => file.LengthBytes is null) ? null : _waiting.Sum(file => file.LengthBytes!.Value);
    }

    public long? TotalBytes { get; }

    public IReadOnlyList<LogPartition> Partitions { get; }

    public Action<IReadOnlyList<LogPartition>>? GivingUp { get; set; }

    public long ReadBytes => _bytesBefore + (_file?.ReadBytes ?? 0);

    /// <summary>Opens files where an earlier run left off.</summary>
    /// <param name="paths">Paths; <c>-</c> is standard input, read from its start.</param>
    /// <param name="positions">How far earlier runs have read.</param>
    /// <param name="warn">Is told of a file that is not the one that it was.</param>
    /// <exception cref="EventLogException">A file cannot be read.</exception>
    public static FileEventLog Open(IReadOnlyList<string> paths, IReadOnlyList<LogPosition> positions, Action<string> warn) =>
        new(paths.Select(path => path == EventFile.StandardInput ? EventFile.OfStandardInput() : EventFile.Find(path, positions, warn)).ToList());

    /// <summary>Checks that each file is there and can be read.</summary>
    /// <exception cref="EventLogException">One is not; the message names it and the remedy.</exception>
    public static void Check(IReadOnlyList<string> paths)
    {
        foreach (var path in paths.Where(path => path != EventFile.StandardInput))
        {
            EventFile.Check(path);
        }
    }

    /// <summary>Looks where files stand, without reading them.</summary>
    /// <param name="positions">How far earlier runs have read; a file that is another one now counts as not read at all.</param>
    /// <returns>Of each file what would be read next, and where it ends: in bytes of its text, null where it is compressed.</returns>
    /// <exception cref="EventLogException">A file cannot be read.</exception>
    public static IReadOnlyList<(LogPosition Position, long? EndOffset)> LookAt(IReadOnlyList<string> paths, IReadOnlyList<LogPosition> positions) =>
        [.. paths.Select(path => EventFile.Find(path, positions, static _ => { })).Select(
            file => (new LogPosition(file.Partition, file.Position), file.IsCompressed ? null : file.LengthBytes))];

    public bool Poll(RecordBlock block, CancellationToken cancellation)
    {
        block.Clear();
        while (true)
        {
            if (_lines is null)
            {
                if (!_waiting.TryDequeue(out _file))
                {
                    return false;
                }
                var text = _file.OpenAtPosition(cancellation);
                _lines = new LineReader(text, _file.Position, _file.IsMidLine);
            }
            block.Partition = _file!.Partition;
            if (Read(block))
            {
                return true;
            }
            _lines.Dispose();
            _lines = null;
            _bytesBefore += _file.ReadBytes;
            _file = null;
        }
    }

    public void Dispose() => _lines?.Dispose();

    private bool Read(RecordBlock block)
    {
        try
        {
            return _lines!.Read(block);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            throw new EventLogException(
                $"{_file!.Partition.Source}: the input breaks off at byte {_lines!.Position} ({e.Message.TrimEnd('.')}). "
                + "What was read before is billed; mend the file and run again, it goes on from there.", e);
        }
    }
}
