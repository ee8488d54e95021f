using EvBilling.Billing;
using EvBilling.Events;
using EvBilling.Sessions;

namespace EvBilling.Engine;

/// <summary>
/// Puts events into their sessions and works out the bills of what changed, batch by batch. A session's row is the truth; what is here is a cache of it.
/// </summary>
internal sealed class SessionWorker(
    IBillStore store, Biller biller, long tariffsUntil, RunOptions options, TimeProvider time, RunCounters counters, BatchCommitter committer)
{
    private const int ReviewChunk = 2_000;

    private readonly SessionCache _cache = new(options.CacheBytesMax);
    private readonly List<CachedSession> _dirty = [];
    private readonly HashSet<LogPartition> _begun = [];
    private readonly BillContent _content = new();
    private readonly MemoryKeeper _memory = new(options.HeapBytesTarget);
    private CommitBatch _batch = null!;
    private AssembledSession _session = null!;
    private int _number;
    private int _batchEvents;
    private int _batchEnded;
    private long _batchStarted;
    private long _clockNs;

    public void Begin(long clockNs)
    {
        _batch = committer.Rent();
        _batchStarted = time.GetTimestamp();
        _clockNs = clockNs;
    }

    /// <summary>Takes a parsed block; ends the batch where that is due.</summary>
    public void Take(RecordBlock block)
    {
        var (added, duplicates, refused) = (0L, 0L, 0L);
        var texts = block.Buffer.Bytes;
        for (var i = 0; i < block.Records.Count; i++)
        {
            ref readonly var e = ref block.Events[i];
            var refusal = block.Refusals[i];
            CachedSession? session = null;
            if (!refusal.IsRefused)
            {
                session = Find(e.SessionId.In(texts), out refusal);
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
            else if (i == 0 && !_begun.Contains(block.Partition))
            {
                // Where an earlier run left off there may have been half a line.
                _batch.CompletedAt.Add((block.Partition, block.Records[0].Offset));
            }
            if (Add(session, e, texts))
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
            _batch.Advance(block.Partition, isTorn ? block.Records[^1].Offset : block.NextOffset);
            _begun.Add(block.Partition);
        }
        _batchEvents += block.Records.Count;
        counters.Count(block.Records.Count, added, duplicates, refused);
        if (_batchEvents >= options.BatchEventsMax || _dirty.Count >= options.BatchSessionsMax || _batchEnded >= options.BatchEndedMax || _batch.DeadLetterBytes >= options.BatchDeadLetterBytesMax
            || time.GetElapsedTime(_batchStarted) >= options.BatchTimeMax)
        {
            Seal();
        }
    }

    /// <summary>Works out the bills of what changed and hands the batch over.</summary>
    public void Seal()
    {
        var change = default(StoreCounts);
        foreach (var session in _dirty)
        {
            Bill(session, ref change);
        }
        _dirty.Clear();
        _batch.Change = change;
        _batch.EventClockNs = _clockNs;
        if (!_batch.IsEmpty)
        {
            committer.Commit(_batch, _number++);
            _batch = committer.Rent();
            _cache.Shrink(committer.Committed);
            _memory.Collect();
        }
        _batchEvents = _batchEnded = 0;
        _batchStarted = time.GetTimestamp();
    }

    /// <summary>Works out anew what is held.</summary>
    /// <returns>False if it was cancelled.</returns>
    public bool ReviewHeld(CancellationToken cancellation) => Review(store.ReadHeld, static (_, _) => true, cancellation);

    /// <summary>Looks at the close policy, now that input has ended.</summary>
    /// <returns>False if it was cancelled.</returns>
    public bool Close(CancellationToken cancellation) => Review(store.ReadUnended, (session, id) =>
    {
        var state = Policy(session, id);
        var changed = state != session.State;
        session.State = state;
        session.HasNews |= changed;
        return changed;
    }, cancellation);

    private bool Review(Func<byte[]?, int, IReadOnlyList<byte[]>> read, Func<CachedSession, byte[], bool> isDue, CancellationToken cancellation)
    {
        byte[]? after = null;
        while (!cancellation.IsCancellationRequested)
        {
            var ids = read(after, ReviewChunk);
            foreach (var id in ids)
            {
                if (Find(id, out _) is { Record.Count: > 0 } session && isDue(session, id))
                {
                    Touch(session);
                }
            }
            if (ids.Count < ReviewChunk)
            {
                return true;
            }
            after = ids[^1];
            _cache.Shrink(committer.Committed);
            if (_dirty.Count >= options.BatchEndedMax)
            {
                Seal();
            }
        }
        return false;
    }

    private SessionState Policy(CachedSession session, byte[] id)
    {
        if (session.Record.HasEnded)
        {
            return SessionState.Ended;
        }
        if (session.State == SessionState.ClosedByAge || _clockNs - session.LastEventNs >= options.CloseAfter.Ticks * 100)
        {
            return SessionState.ClosedByAge;
        }
        var connector = ConnectorKey.Hash(session.Record, biller.Look(session.Record));
        return connector != 0 && store.HasFollower(connector, session.LastEventNs, id) ? SessionState.ClosedByFollower : SessionState.Open;
    }

    private bool Add(CachedSession session, in ChargingEvent e, ReadOnlySpan<byte> texts)
    {
        _clockNs = Math.Max(_clockNs, e.NewestTimeNs);
        var before = session.Record.ApproximateBytes;
        var outcome = session.Record.Add(e, texts);
        if (outcome == AddOutcome.Duplicate)
        {
            return false;
        }
        session.HasNews = true;
        _cache.Grew(session.Record.ApproximateBytes - before);
        if (e.Type != ChargingEventType.Completed && e.TimestampNs > session.LastEventNs)
        {
            session.LastEventNs = e.TimestampNs;
            if (session.IsClosed)
            {
                session.State = SessionState.Open;
            }
        }
        Touch(session);
        _batchEnded += e.Type is ChargingEventType.Ended or ChargingEventType.Completed ? 1 : 0;
        return outcome == AddOutcome.Added;
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

    private CachedSession? Find(ReadOnlySpan<byte> id, out EventRefusal refusal)
    {
        refusal = default;
        if (_cache.TryFind(id, out var session))
        {
            return session;
        }
        var stored = store.FindSession(id);
        if (stored is null && store.IsArchived(id))
        {
            refusal = new EventRefusal(EventRefusalReason.SessionArchived);
            return null;
        }
        session = stored is null ? new CachedSession(new SessionRecord(id)) : CachedSession.From(stored);
        // What was only read may be given up at once.
        session.Batch = stored is null ? _number : -1;
        _cache.Add(session);
        return session;
    }

    private DeadLetter Refused(RecordBlock block, int index, EventRefusal refusal, ReadOnlySpan<byte> texts)
    {
        var record = block.Records[index];
        var text = record.Text.In(texts);
        var bytes = Redaction.Redact(text, out var redacted);
        var detail = refusal.Reason == EventRefusalReason.TooLarge ? $"{refusal.Detail} It has {record.Length} bytes." : refusal.Detail;
        return new(
            0, block.Partition.Source, block.Partition.Partition, record.Offset, refusal.Code, detail, bytes, redacted, time.GetUtcNow().ToUnixTimeSeconds());
    }

    private void Bill(CachedSession session, ref StoreCounts change)
    {
        var record = session.Record;
        session.IsDirty = false;
        if (record.HasEnded)
        {
            session.State = SessionState.Ended;
        }
        else if (session.State == SessionState.Ended)
        {
            session.State = SessionState.Open;
        }
        var (statusBefore, versionBefore) = (session.Status, session.Version);
        var status = session.State == SessionState.Open ? LookAtOpen(record) : MakeBill(session);
        if (!session.HasNews && status == statusBefore && session.Version == versionBefore)
        {
            return;
        }
        session.HasNews = false;
        Count(ref change, session, status);
        session.Status = status;
        session.LastEventNs = _session.LastEventNs;
        var written = new WrittenSession(session.State, session.Status, session.Version, ConnectorKey.Hash(record, _session), _session.StartNs);
        var stored = _batch.Texts.Commit(record.WriteTo(_batch.Texts.Reserve(record.StoredLengthMax)));
        _batch.Sessions.Add(new(
            _batch.Texts.Append(record.SessionIdUtf8), stored, session.State, session.Status, session.Version, session.ContentHash, session.TariffsUntil,
            written.ConnectorHash, written.StartedAtNs, session.LastEventNs, written == session.Written));
        session.Written = written;
    }

    // An open session has no bill but the preview that `bills` works out from its row.
    private BillStatus LookAtOpen(SessionRecord record)
    {
        _session = biller.Look(record);
        return BillStatus.Open;
    }

    private BillStatus MakeBill(CachedSession session)
    {
        var bill = biller.Make(session.Record, session.IsClosed, session.TariffsUntil);
        _session = biller.Session;
        var hash = _content.Hash(bill);
        if (session.Version == 0 || hash != session.ContentHash)
        {
            bill.Supersedes = session.Version == 0 ? null : session.Version;
            bill.Version = ++session.Version;
            session.ContentHash = hash;
            _batch.Bills.Add(bill);
        }
        if (bill.Status == BillStatus.Final)
        {
            session.TariffsUntil ??= tariffsUntil;
        }
        return bill.Status;
    }

    private static void Count(ref StoreCounts change, CachedSession session, BillStatus now)
    {
        var before = session.Status;
        change = new StoreCounts(
            change.Sessions + (session.IsNew ? 1 : 0),
            change.Final + (now == BillStatus.Final ? 1 : 0) - (before == BillStatus.Final ? 1 : 0),
            change.Held + (now == BillStatus.Held ? 1 : 0) - (before == BillStatus.Held ? 1 : 0),
            change.Void + (now == BillStatus.Void ? 1 : 0) - (before == BillStatus.Void ? 1 : 0));
        session.IsNew = false;
    }
}
