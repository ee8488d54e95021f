using EvBilling.Billing;
using EvBilling.Events;
using EvBilling.Sessions;

namespace EvBilling.Engine;

/// <summary>
/// Puts events into their sessions and works out the bills of what changed, batch by batch. A session's row is the truth; what is here is a cache of it.
/// </summary>
internal sealed class SessionWorker
{
    // So long another worker may have a partition, or wait for it to be read from its start, until one that gets nothing of it finds out.
    private static readonly TimeSpan ProvesItselfEvery = TimeSpan.FromSeconds(3);

    private readonly BillMaker _maker;
    private readonly RunOptions _options;
    private readonly TimeProvider _time;
    private readonly RunCounters _counters;
    private readonly BatchCommitter _committer;
    private readonly ConflictResolver _resolver;
    private readonly SessionCache _cache;
    private readonly SessionLoader _loader;
    private readonly MemoryKeeper _memory;
    private readonly List<CachedSession> _dirty = [];
    private readonly Dictionary<LogPartition, PartitionTrack> _tracks = [];
    private CommitBatch _batch = null!;
    private int _number;
    private int _batchEvents;
    private int _batchEnded;
    private long _batchStarted;
    private long _handedOver;

    public SessionWorker(
        IBillStore store, BillMaker maker, RunOptions options, TimeProvider time, RunCounters counters, BatchCommitter committer, ConflictResolver resolver,
        MemoryKeeper memory)
    {
        _maker = maker;
        _options = options;
        _time = time;
        _counters = counters;
        _committer = committer;
        _resolver = resolver;
        _memory = memory;
        _cache = new SessionCache(options.CacheBytesMax, _memory);
        _loader = new SessionLoader(store, _cache);
    }

    /// <summary>The newest time of all events, of this run and of those before it.</summary>
    public long ClockNs { get; set; }

    /// <summary>The partitions that are read here.</summary>
    public IReadOnlyDictionary<LogPartition, PartitionTrack> Tracks => _tracks;

    /// <summary>Whether so many sessions wait to be billed that the batch is to end.</summary>
    public bool IsFull => _dirty.Count >= _options.BatchEndedMax;

    public void Begin(long clockNs)
    {
        _batch = _committer.Rent();
        _batchStarted = _handedOver = _time.GetTimestamp();
        ClockNs = clockNs;
    }

    /// <summary>Takes a parsed block; ends the batch where that is due.</summary>
    public void Take(RecordBlock block)
    {
        TakeCorrections();
        _loader.Load(block, _number);
        var begun = _tracks.TryGetValue(block.Partition, out var track);
        track ??= new PartitionTrack(block.Records.Count > 0 ? block.Records[0].Offset : block.NextOffset);
        var (added, duplicates, refused) = (0L, 0L, 0L);
        var texts = block.Buffer.Bytes;
        for (var i = 0; i < block.Records.Count; i++)
        {
            var refusal = block.Refusals[i];
            var session = block.Sessions[i];
            if (session is { IsArchived: true })
            {
                refusal = new EventRefusal(EventRefusalReason.SessionArchived);
                session = null;
            }
            if (session is null)
            {
                if (!block.IsRetry)
                {
                    _batch.Add(Refused(block, i, refusal, texts));
                    refused++;
                }
                continue;
            }
            if (block.IsRetry)
            {
                _batch.RemovedDeadLetters.Add(block.Records[i].Offset);
            }
            else if (i == 0 && !begun)
            {
                // Where an earlier run left off there may have been half a line.
                _batch.CompletedAt.Add((block.Partition, block.Records[0].Offset));
            }
            AddContact(block.Events[i], texts);
            if (Add(session, block, i, texts, track))
            {
                added++;
            }
            else
            {
                duplicates++;
            }
        }
        if (!block.IsRetry)
        {
            // Half a line is a dead letter for now; when the rest of it is there, the whole line is read.
            var isTorn = block.LastMayGrow && block.Refusals[block.Records.Count - 1].IsRefused;
            track.Advance(isTorn ? block.Records[^1].Offset : block.NextOffset, block.EndOffset);
            _tracks[block.Partition] = track;
            _counters.Follow(block.Partition, track);
            _batch.Advance(block.Partition, track.Progress with { Records = block.Records.Count, Events = added + duplicates });
        }
        _batchEvents += block.Records.Count;
        _counters.Count(block.Records.Count, added, duplicates, refused);
        var isDue = _batchEvents >= _options.BatchEventsMax || _dirty.Count >= SessionsMax || _batchEnded >= _options.BatchEndedMax
            || _batch.DeadLetterBytes >= _options.BatchDeadLetterBytesMax;
        if (isDue || IsTimeUp())
        {
            Seal();
        }
    }

    /// <summary>Ends the batch where its time is up, although nothing came.</summary>
    public void Tick()
    {
        if (IsTimeUp())
        {
            ProveItself();
            Seal();
        }
    }

    /// <summary>Works out the bills of what changed and hands the batch over.</summary>
    public void Seal()
    {
        TakeCorrections();
        foreach (var session in _dirty)
        {
            Settle(session);
        }
        _dirty.Clear();
        _batch.EventClockNs = ClockNs;
        if (!_batch.IsEmpty)
        {
            var isLarge = _batch.IsLarge;
            _committer.Commit(_batch, _number++);
            _handedOver = _time.GetTimestamp();
            _batch = isLarge ? _committer.RentWhenDone() : _committer.Rent();
            _cache.Shrink(_committer.Committed);
            if (_cache.IsPressed)
            {
                _batch.Trim();
            }
            _memory.Collect();
        }
        _counters.Holds(_cache.Count, _tracks, _time.GetTimestamp());
        _batchEvents = _batchEnded = 0;
        _batchStarted = _time.GetTimestamp();
    }

    /// <summary>Commits what was read of the partitions, and forgets what belongs to them.</summary>
    public void GiveUp(IReadOnlyList<LogPartition> partitions)
    {
        Seal();
        _committer.Finish();
        TakeCorrections();
        _cache.Forget(partitions, _committer.Committed);
        foreach (var partition in partitions)
        {
            _tracks.Remove(partition);
        }
    }

    /// <summary>Loads sessions that have rows, and touches those that are due.</summary>
    public void Touch(IReadOnlyList<byte[]> ids, Func<CachedSession, byte[], bool> isDue)
    {
        foreach (var session in _loader.Load(ids, _number, _committer.Committed))
        {
            if (isDue(session, session.Record.SessionIdMemory.ToArray()))
            {
                Touch(session);
            }
        }
        _cache.Shrink(_committer.Committed);
    }

    private int SessionsMax => _cache.IsPressed ? _options.BatchSessionsMaxPressed : _options.BatchSessionsMax;

    // A batch that would have to wait for the one before it rather goes on being filled: a session that changes meanwhile is then written once, not twice.
    private bool IsTimeUp()
    {
        if (!_committer.IsIdle)
        {
            return false;
        }
        var timeMax = _tracks.Count > 0 && PartitionTrack.IsNearEnd(_tracks.Values) ? _options.BatchTimeCaughtUp : _options.BatchTimeMax;
        return _time.GetElapsedTime(_batchStarted) >= timeMax;
    }

    // Positions that stand still are committed again now and then: it fails where the partitions were rewound or are another's, which else nobody would tell.
    private void ProveItself()
    {
        if (_batch.IsEmpty && _time.GetElapsedTime(_handedOver) >= ProvesItselfEvery)
        {
            foreach (var (partition, track) in _tracks)
            {
                _batch.Advance(partition, track.Progress);
            }
        }
    }

    private bool Add(CachedSession session, RecordBlock block, int index, ReadOnlySpan<byte> texts, PartitionTrack track)
    {
        ref readonly var e = ref block.Events[index];
        var writtenAtMs = block.Records[index].WrittenAtUnixMs;
        if (track.Clock(e.NewestTimeNs, writtenAtMs))
        {
            ClockNs = Math.Max(ClockNs, e.NewestTimeNs);
        }
        var before = session.Record.ApproximateBytes;
        var outcome = session.Record.Add(e, texts);
        if (outcome == AddOutcome.Duplicate)
        {
            return false;
        }
        session.HasNews = true;
        session.Partition = block.IsRetry ? session.Partition : block.Partition.Partition;
        _cache.Grew(session.Record.ApproximateBytes - before);
        if (e.Type != ChargingEventType.Completed && e.TimestampNs > session.Standing.LastEventNs)
        {
            session.Standing.LastEventNs = e.TimestampNs;
            if (session.Standing.IsClosed)
            {
                session.Standing.State = SessionState.Open;
            }
        }
        Touch(session);
        if (e.Type is ChargingEventType.Ended or ChargingEventType.Completed)
        {
            _batchEnded++;
            if (writtenAtMs > 0)
            {
                _batch.EndsWrittenAtUnixMs.Add(writtenAtMs);
            }
        }
        return outcome == AddOutcome.Added;
    }

    // Not a part of the session: also a copy brings it, and the store knows what was erased.
    private void AddContact(in ChargingEvent e, ReadOnlySpan<byte> texts)
    {
        if (e.PhoneNumber.Length > 0 || e.Email.Length > 0)
        {
            _batch.Contacts.Add(new(
                _batch.Texts.Append(e.SessionId.In(texts)), _batch.Texts.Append(e.PhoneNumber.In(texts)), _batch.Texts.Append(e.Email.In(texts))));
        }
    }

    private void Touch(CachedSession session)
    {
        session.Batch = _number;
        if (!session.IsDirty)
        {
            session.IsDirty = true;
            _dirty.Add(session);
        }
    }

    // A session that was written again since will be merged, and corrected, once more.
    private void TakeCorrections()
    {
        while (_resolver.TryTake(out var correction))
        {
            if (_cache.TryFind(correction.Session.Record.SessionIdUtf8, out var session) && session.WrittenIn == correction.Batch)
            {
                var before = session.Record.ApproximateBytes;
                session.Correct(correction);
                _cache.Grew(session.Record.ApproximateBytes - before);
            }
        }
    }

    private DeadLetter Refused(RecordBlock block, int index, EventRefusal refusal, ReadOnlySpan<byte> texts)
    {
        var record = block.Records[index];
        var text = record.Text.In(texts);
        var bytes = Redaction.Redact(text, out var redacted);
        var detail = refusal.Reason == EventRefusalReason.TooLarge ? $"{refusal.Detail} It has {record.Length} bytes." : refusal.Detail;
        return new(
            0, block.Partition.Source, block.Partition.Partition, record.Offset, refusal.Code, detail, bytes, redacted, _time.GetUtcNow().ToUnixTimeSeconds());
    }

    private void Settle(CachedSession session)
    {
        session.IsDirty = false;
        var (statusBefore, versionBefore) = (session.Standing.Status, session.Standing.Version);
        var bill = _maker.Settle(session.Record, ref session.Standing);
        if (!session.HasNews && session.Standing.Status == statusBefore && session.Standing.Version == versionBefore)
        {
            return;
        }
        session.HasNews = false;
        var before = session.Revision == 0 ? (BillStatus?)null : statusBefore;
        _batch.Add(_maker.Write(
            session.Record, session.Standing, bill, session.Revision, before, session.Partition, session.Written, _batch, out var written));
        session.Written = written;
        session.WrittenIn = _number;
        session.Revision++;
    }
}
