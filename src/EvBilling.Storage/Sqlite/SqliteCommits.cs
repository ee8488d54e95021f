using System.Buffers.Binary;
using System.Globalization;
using EvBilling.Engine;

namespace EvBilling.Storage.Sqlite;

/// <summary>Writes batches, each in one transaction, on the thread that commits.</summary>
internal sealed class SqliteCommits : IDisposable
{
    private readonly SqliteDatabase _database;
    private readonly TimeProvider _time;
    private readonly BillColumns _columns = new();
    private readonly SqliteStatement _session;
    private readonly SqliteStatement _sessionEvents;
    private readonly SqliteStatement _bill;
    private readonly SqliteStatement _deadLetter;
    private readonly SqliteStatement _removeDeadLetter;
    private readonly SqliteStatement _completeDeadLetter;
    private readonly SqliteStatement _position;
    private readonly SqliteStatement _contact;
    private readonly SqliteStatement _count;
    private readonly SqliteStatement _clock;
    private SessionIdFilter? _filter;
    private long _epoch;

    public SqliteCommits(SqliteDatabase database, TimeProvider time)
    {
        _database = database;
        _time = time;
        _session = database.Prepare(
            "INSERT INTO sessions(session_id, state, bill_status, version, content_hash, tariffs_until, connector, started_at, last_event_at, changed_at, record, partition) "
            + "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) ON CONFLICT(session_id) DO UPDATE SET state = excluded.state, "
            + "bill_status = excluded.bill_status, version = excluded.version, content_hash = excluded.content_hash, tariffs_until = excluded.tariffs_until, "
            + "connector = excluded.connector, started_at = excluded.started_at, last_event_at = excluded.last_event_at, changed_at = excluded.changed_at, "
            + "record = excluded.record, partition = excluded.partition");
        _sessionEvents = database.Prepare("UPDATE sessions SET last_event_at = ?1, changed_at = ?2, record = ?3, partition = ?4 WHERE session_id = ?5");
        _bill = database.Prepare(
            $"INSERT INTO bills({BillColumns.Names}) VALUES({string.Join(", ", Enumerable.Range(1, 28).Select(i => $"?{i}"))})");
        _deadLetter = database.Prepare(
            "INSERT INTO dead_letters(source, partition, position, reason, detail, bytes, redacted, at, digest) "
            + "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT(digest) DO NOTHING");
        _removeDeadLetter = database.Prepare("DELETE FROM dead_letters WHERE number = ?1");
        _completeDeadLetter = database.Prepare("DELETE FROM dead_letters WHERE source = ?1 AND partition = ?2 AND position = ?3");
        _position = database.Prepare(
            "INSERT INTO positions(source, incarnation, partition, next_offset, end_offset, clock_ns, read_at) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7) "
            + "ON CONFLICT(source, incarnation, partition) DO UPDATE SET next_offset = excluded.next_offset, end_offset = excluded.end_offset, "
            + "clock_ns = max(clock_ns, excluded.clock_ns), read_at = CASE WHEN excluded.next_offset > next_offset THEN excluded.read_at ELSE read_at END");
        // Contradicting copies: the lesser text, so that the order does not matter; what was erased stays so.
        _contact = database.Prepare(
            "INSERT INTO contacts(session_id, phone_number, email) VALUES(?1, ?2, ?3) ON CONFLICT(session_id) DO UPDATE SET "
            + "phone_number = min(coalesce(phone_number, excluded.phone_number), coalesce(excluded.phone_number, phone_number)), "
            + "email = min(coalesce(email, excluded.email), coalesce(excluded.email, email)) WHERE erased_at IS NULL");
        _count = database.Prepare("INSERT INTO meta(key, value) VALUES(?1, ?2) ON CONFLICT(key) DO UPDATE SET value = value + excluded.value");
        _clock = database.Prepare("INSERT INTO meta(key, value) VALUES('event_clock_ns', ?1) ON CONFLICT(key) DO UPDATE SET value = max(value, excluded.value)");
    }

    /// <summary>Fences off whoever wrote before.</summary>
    public void Begin()
    {
        _database.Execute("INSERT INTO meta(key, value) VALUES('writer_epoch', 1) ON CONFLICT(key) DO UPDATE SET value = value + 1");
        _epoch = Epoch();
    }

    public SessionIdFilter? BuildFilter()
    {
        var count = Convert.ToInt64(_database.Scalar("SELECT count(*) FROM sessions"), CultureInfo.InvariantCulture);
        if (!SessionIdFilter.IsWorthwhile(count))
        {
            return _filter = null;
        }
        _filter = new SessionIdFilter(count);
        using var ids = _database.Prepare("SELECT session_id FROM sessions UNION SELECT session_id FROM bills WHERE EXISTS (SELECT 1 FROM meta WHERE key = 'has_archive')");
        while (ids.Step())
        {
            _filter.Add(ids.Blob(0));
        }
        return _filter;
    }

    public void Commit(CommitBatch batch)
    {
        var now = _time.GetUtcNow().ToUnixTimeSeconds();
        _database.InTransaction(() =>
        {
            CheckEpoch();
            WriteSessions(batch, now);
            WriteBills(batch, now);
            WriteDeadLetters(batch);
            foreach (var (partition, progress) in batch.Positions)
            {
                _position.Add(partition.Source).Add(partition.Incarnation).Add(partition.Partition).Add(progress.NextOffset)
                    .Add(progress.EndOffset < 0 ? null : progress.EndOffset).Add(progress.ClockNs).Add(now).Run();
            }
            WriteContacts(batch);
            WriteCounts(batch);
        });
    }

    public void Prune(long nowSeconds, long beforeSeconds) => _database.InTransaction(() =>
    {
        CheckEpoch();
        using var delete = _database.Prepare("DELETE FROM sessions WHERE changed_at < ?1 AND version > 0 AND state <> 0");
        delete.Add(beforeSeconds).Run();
        if (Convert.ToInt64(_database.Scalar("SELECT changes()"), CultureInfo.InvariantCulture) > 0)
        {
            _database.Execute("INSERT INTO meta(key, value) VALUES('has_archive', 1) ON CONFLICT(key) DO NOTHING");
        }
        _database.Execute(string.Create(
            CultureInfo.InvariantCulture, $"INSERT INTO meta(key, value) VALUES('pruned_at', {nowSeconds}) ON CONFLICT(key) DO UPDATE SET value = excluded.value"));
    });

    public void Rewind(string source) => _database.InTransaction(() =>
    {
        CheckEpoch();
        using var delete = _database.Prepare("DELETE FROM positions WHERE source = ?1");
        delete.Add(source).Run();
    });

    public void SkipGap(LogPartition partition, long nextOffset, long records) => _database.InTransaction(() =>
    {
        CheckEpoch();
        using var skip = _database.Prepare(
            "INSERT INTO positions(source, incarnation, partition, next_offset, gap_records) VALUES(?1, ?2, ?3, ?4, ?5) "
            + "ON CONFLICT(source, incarnation, partition) DO UPDATE SET next_offset = excluded.next_offset, gap_records = gap_records + excluded.gap_records");
        skip.Add(partition.Source).Add(partition.Incarnation).Add(partition.Partition).Add(nextOffset).Add(records).Run();
    });

    public int EraseContacts(ContactQuery query)
    {
        var erased = 0;
        _database.InTransaction(() =>
        {
            CheckEpoch();
            using var erase = _database.Prepare(
                "UPDATE contacts SET phone_number = NULL, email = NULL, erased_at = ?1 WHERE erased_at IS NULL AND (session_id = ?2 OR phone_number = ?3 OR email = ?4)");
            erase.Add(_time.GetUtcNow().ToUnixTimeSeconds()).Add(query.SessionId).Add(query.PhoneNumber).Add(query.Email).Run();
            erased = Convert.ToInt32(_database.Scalar("SELECT changes()"), CultureInfo.InvariantCulture);
            using var tombstone = _database.Prepare("INSERT INTO contacts(session_id, erased_at) SELECT ?1, ?2 WHERE ?1 IS NOT NULL ON CONFLICT(session_id) DO NOTHING");
            tombstone.Add(query.SessionId).Add(_time.GetUtcNow().ToUnixTimeSeconds()).Run();
        });
        return erased;
    }

    public void Dispose()
    {
        _columns.Dispose();
        foreach (var statement in (SqliteStatement[])[_session, _sessionEvents, _bill, _deadLetter, _removeDeadLetter, _completeDeadLetter, _position, _contact, _count, _clock])
        {
            statement.Dispose();
        }
    }

    // In order of their ids, so that neighbouring rows fall on neighbouring pages.
    private void WriteSessions(CommitBatch batch, long now)
    {
        Span<byte> hash = stackalloc byte[16];
        batch.Sessions.Sort((a, b) => a.SessionId.In(batch.Texts.Bytes).SequenceCompareTo(b.SessionId.In(batch.Texts.Bytes)));
        var texts = batch.Texts.Bytes;
        foreach (ref readonly var write in batch.Sessions)
        {
            long? partition = write.Partition < 0 ? null : write.Partition;
            if (write.OnlyEventsChanged)
            {
                _sessionEvents.Add(write.LastEventNs).Add(now).AddBlob(write.Record.In(texts)).Add(partition).AddText(write.SessionId.In(texts)).Run();
                continue;
            }
            _filter?.Add(write.SessionId.In(texts));
            _session.AddText(write.SessionId.In(texts)).Add((int)write.State).Add((int)write.Status).Add(write.Version);
            if (write.Version == 0)
            {
                _session.AddNull();
            }
            else
            {
                BinaryPrimitives.WriteUInt128BigEndian(hash, write.ContentHash.Value);
                _session.AddBlob(hash);
            }
            _session.Add(write.TariffsUntil).Add(write.ConnectorHash == 0 ? null : write.ConnectorHash).Add(write.StartedAtNs).Add(write.LastEventNs).Add(now)
                .AddBlob(write.Record.In(texts)).Add(partition).Run();
        }
    }

    private void WriteBills(CommitBatch batch, long now)
    {
        foreach (ref readonly var session in batch.Sessions)
        {
            if (session.Bill is { } bill)
            {
                _columns.Bind(_bill, bill, now);
                _bill.Run();
            }
        }
    }

    private void WriteContacts(CommitBatch batch)
    {
        var texts = batch.Texts.Bytes;
        foreach (var contact in batch.Contacts)
        {
            _contact.AddText(contact.SessionId.In(texts));
            AddStated(contact.PhoneNumber.In(texts));
            AddStated(contact.Email.In(texts));
            _contact.Run();
        }

        void AddStated(ReadOnlySpan<byte> text) => _ = text.IsEmpty ? _contact.AddNull() : _contact.AddText(text);
    }

    private void WriteDeadLetters(CommitBatch batch)
    {
        foreach (var letter in batch.DeadLetters)
        {
            _deadLetter.Add(letter.Source).Add(letter.Partition).Add(letter.Position).Add(letter.Reason).Add(letter.Detail).AddBlob(letter.Bytes.Span)
                .Add(letter.Redacted ? 1 : 0).Add(letter.AtUnixSeconds).AddBlob(StoredForms.Digest(letter)).Run();
        }
        foreach (var (partition, offset) in batch.CompletedAt)
        {
            _completeDeadLetter.Add(partition.Source).Add(partition.Partition).Add(offset).Run();
        }
        foreach (var number in batch.RemovedDeadLetters)
        {
            _removeDeadLetter.Add(number).Run();
        }
    }

    private void WriteCounts(CommitBatch batch)
    {
        var change = batch.Change();
        foreach (var (name, by) in (ReadOnlySpan<(string, long)>)[("sessions", change.Sessions), ("final", change.Final), ("held", change.Held), ("void", change.Void)])
        {
            if (by != 0)
            {
                _count.Add(name).Add(by).Run();
            }
        }
        _clock.Add(batch.EventClockNs).Run();
    }

    private long Epoch() => Convert.ToInt64(_database.Scalar("SELECT value FROM meta WHERE key = 'writer_epoch'"), CultureInfo.InvariantCulture);

    private void CheckEpoch()
    {
        if (Epoch() != _epoch)
        {
            throw new BillStoreException("Another run has begun to write to this store, so this one stops. What it committed is kept.");
        }
    }
}
