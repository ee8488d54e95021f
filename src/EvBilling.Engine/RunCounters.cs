using System.Collections.Concurrent;
using System.Diagnostics;
using EvBilling.Events;

namespace EvBilling.Engine;

/// <summary>A batch as it was committed.</summary>
/// <param name="Sessions">Rows that were written.</param>
/// <param name="Bills">New versions of bills.</param>
/// <param name="DeadLetters">Records that were refused.</param>
/// <param name="Partitions">Partitions whose positions moved.</param>
public readonly record struct CommittedBatch(int Sessions, int Bills, int DeadLetters, int Partitions, TimeSpan Took);

/// <summary>How far a partition is read and committed here.</summary>
/// <param name="CommittedOffset">What is read next after a restart; -1 = nothing was committed yet.</param>
/// <param name="LagRecords">Records that are in the log and not committed yet; -1 = not known.</param>
public readonly record struct PartitionFigures(LogPartition Partition, long CommittedOffset, long LagRecords);

/// <summary>What runs have done so far; read by other threads meanwhile. One may serve several runs, one after the other.</summary>
public sealed class RunCounters
{
    private static readonly string[] Reasons = Enum.GetNames<EventRefusalReason>();

    private readonly ConcurrentDictionary<LogPartition, PartitionCounter> _partitions = new();
    private readonly long[] _refused = new long[Reasons.Length];
    private long _events;
    private long _newEvents;
    private long _duplicates;
    private long _deadLetters;
    private long _versionsWritten;
    private long _batches;
    private long _sessionsMerged;
    private long _sessionsInMemory;
    private long _lastCommitUnixMs;
    private long _aliveTimestamp;

    public long Events => Volatile.Read(ref _events);

    public long NewEvents => Volatile.Read(ref _newEvents);

    public long Duplicates => Volatile.Read(ref _duplicates);

    public long DeadLetters => Volatile.Read(ref _deadLetters);

    public long VersionsWritten => Volatile.Read(ref _versionsWritten);

    /// <summary>Batches committed.</summary>
    public long Batches => Volatile.Read(ref _batches);

    /// <summary>Rows that another worker had changed meanwhile, and that were merged.</summary>
    public long SessionsMerged => Volatile.Read(ref _sessionsMerged);

    public long SessionsInMemory => Volatile.Read(ref _sessionsInMemory);

    /// <summary>Records that are not committed yet, of the partitions that are read here, as far as is known.</summary>
    public long LagRecords => _partitions.Values.Sum(partition => Math.Max(0, partition.Lag));

    /// <summary>When a batch was last committed, in milliseconds since 1970; 0 = never.</summary>
    public long LastCommitUnixMs => Volatile.Read(ref _lastCommitUnixMs);

    /// <summary>When the worker last ended a batch, be it an empty one, as <see cref="TimeProvider.GetTimestamp"/> of the run's clock; 0 = never.</summary>
    public long AliveTimestamp => Volatile.Read(ref _aliveTimestamp);

    /// <summary>How long commits took.</summary>
    public DurationHistogram CommitDurations { get; } = new();

    /// <summary>From when the log had the record that ended a session until its bill was committed.</summary>
    public DurationHistogram EventToBill { get; } = new();

    /// <summary>The partitions that are read here.</summary>
    public IEnumerable<PartitionFigures> Partitions =>
        _partitions.Select(partition => new PartitionFigures(partition.Key, Volatile.Read(ref partition.Value.CommittedOffset), partition.Value.Lag));

    /// <summary>Is told of each batch after its commit, on the thread that commits. Set before the run begins.</summary>
    public Action<CommittedBatch>? BatchCommitted { get; set; }

    /// <summary>Committed dead letters by the name of their reason, without the member: each that there can be, also those that there are none of.</summary>
    public IEnumerable<(string Reason, long Letters)> DeadLettersByReason()
    {
        for (var reason = 1; reason < Reasons.Length; reason++)
        {
            yield return (Reasons[reason], Volatile.Read(ref _refused[reason]));
        }
    }

    /// <summary>Adds what another process has done: a batch whose figures it has told.</summary>
    /// <param name="letters">Dead letters by the names of <see cref="DeadLettersByReason"/>.</param>
    /// <param name="took">How long the batch took.</param>
    /// <param name="now">When it was committed.</param>
    /// <param name="timestamp">The same by the clock of this process.</param>
    public void AddElsewhere(
        long events, long newEvents, long duplicates, IReadOnlyCollection<(string Reason, long Letters)> letters, long versionsWritten, TimeSpan took, DateTimeOffset now, long timestamp)
    {
        Count(events, newEvents, duplicates, letters.Sum(reason => reason.Letters));
        foreach (var (name, count) in letters)
        {
            var reason = ReasonOf(name);
            Volatile.Write(ref _refused[reason], _refused[reason] + count);
        }
        Volatile.Write(ref _versionsWritten, _versionsWritten + versionsWritten);
        Volatile.Write(ref _batches, _batches + 1);
        CommitDurations.Add(took);
        Volatile.Write(ref _lastCommitUnixMs, now.ToUnixTimeMilliseconds());
        Volatile.Write(ref _aliveTimestamp, timestamp);
    }

    /// <summary>Another process works, although it has nothing to do.</summary>
    public void AliveElsewhere(long timestamp) => Volatile.Write(ref _aliveTimestamp, timestamp);

    /// <summary>How far another process is with a partition.</summary>
    /// <param name="endOffset">-1 = not known.</param>
    public void FollowElsewhere(LogPartition partition, long committedOffset, long endOffset)
    {
        var counter = Counter(partition);
        Volatile.Write(ref counter.CommittedOffset, committedOffset);
        counter.Follow(committedOffset, endOffset);
    }

    internal void Count(long events, long newEvents, long duplicates, long deadLetters)
    {
        Volatile.Write(ref _events, _events + events);
        Volatile.Write(ref _newEvents, _newEvents + newEvents);
        Volatile.Write(ref _duplicates, _duplicates + duplicates);
        Volatile.Write(ref _deadLetters, _deadLetters + deadLetters);
    }

    /// <summary>How far a partition is taken in, and reaches.</summary>
    internal void Follow(LogPartition partition, PartitionTrack track) => Counter(partition).Follow(track.BeginOffset, track.EndOffset);

    /// <summary>How the worker stands at the end of a batch.</summary>
    internal void Holds(long sessionsInMemory, IReadOnlyDictionary<LogPartition, PartitionTrack> tracks, long timestamp)
    {
        foreach (var (partition, _) in _partitions)
        {
            if (!tracks.ContainsKey(partition))
            {
                _partitions.TryRemove(partition, out _);
            }
        }
        Volatile.Write(ref _sessionsInMemory, sessionsInMemory);
        Volatile.Write(ref _aliveTimestamp, timestamp);
    }

    /// <param name="merged">Rows that were merged for this batch.</param>
    internal void Committed(CommitBatch batch, TimeSpan took, DateTimeOffset now, long merged)
    {
        var bills = batch.CountBills();
        Volatile.Write(ref _versionsWritten, _versionsWritten + bills);
        Volatile.Write(ref _batches, _batches + 1);
        Volatile.Write(ref _sessionsMerged, _sessionsMerged + merged);
        CommitDurations.Add(took);
        var nowMs = now.ToUnixTimeMilliseconds();
        Volatile.Write(ref _lastCommitUnixMs, nowMs);
        foreach (var writtenMs in batch.EndsWrittenAtUnixMs)
        {
            EventToBill.Add(TimeSpan.FromMilliseconds(Math.Max(0, nowMs - writtenMs)));
        }
        foreach (var (partition, progress) in batch.Positions)
        {
            Volatile.Write(ref Counter(partition).CommittedOffset, progress.NextOffset);
        }
        foreach (var letter in batch.DeadLetters)
        {
            var reason = ReasonOf(letter.Reason);
            Volatile.Write(ref _refused[reason], _refused[reason] + 1);
        }
        BatchCommitted?.Invoke(new(batch.Sessions.Length, bills, batch.DeadLetters.Count, batch.Positions.Count, took));
    }

    private PartitionCounter Counter(LogPartition partition) => _partitions.GetOrAdd(partition, static _ => new PartitionCounter());

    private static int ReasonOf(string code)
    {
        var end = code.IndexOf(':', StringComparison.Ordinal);
        var name = end < 0 ? code : code.AsSpan(0, end);
        for (var reason = Reasons.Length - 1; reason > 0; reason--)
        {
            if (name.SequenceEqual(Reasons[reason]))
            {
                return reason;
            }
        }
        throw new UnreachableException($"{code} is no reason of a dead letter.");
    }

    private sealed class PartitionCounter
    {
        public long CommittedOffset = -1;
        private long _beginOffset = -1;
        private long _endOffset = -1;

        /// <summary>What is handed over waits until it is committed. -1 = not known.</summary>
        public long Lag
        {
            get
            {
                var end = Volatile.Read(ref _endOffset);
                return end < 0 ? -1 : Math.Max(0, end - Math.Max(Volatile.Read(ref CommittedOffset), Volatile.Read(ref _beginOffset)));
            }
        }

        public void Follow(long beginOffset, long endOffset)
        {
            Volatile.Write(ref _beginOffset, beginOffset);
            Volatile.Write(ref _endOffset, endOffset);
        }
    }
}
