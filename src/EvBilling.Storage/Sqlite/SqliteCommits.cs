using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
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
    private readonly SqliteStatement _count;
    private readonly SqliteStatement _clock;
    private SessionIdFilter? _filter;
    private long _epoch;

    public SqliteCommits(SqliteDatabase database, TimeProvider time)
    {
        _database = database;
        _time = time;
        _session = database.Prepare(
            "INSERT INTO sessions(session_id, state, bill_status, version, content_hash, tariffs_until, connector, started_at, last_event_at, changed_at, record) "
            + "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT(session_id) DO UPDATE SET state = excluded.state, "
            + "bill_status = excluded.bill_status, version = excluded.version, content_hash = excluded.content_hash, tariffs_until = excluded.tariffs_until, "
            + "connector = excluded.connector, started_at = excluded.started_at, last_event_at = excluded.last_event_at, changed_at = excluded.changed_at, "
            + "record = excluded.record");
        _sessionEvents = database.Prepare("UPDATE sessions SET last_event_at = ?1, changed_at = ?2, record = ?3 WHERE session_id = ?4");
        _bill = database.Prepare(
            $"INSERT INTO bills({BillColumns.Names}) VALUES({string.Join(", ", Enumerable.Range(1, 26).Select(i => $"?{i}"))})");
        _deadLetter = database.Prepare(
            "INSERT INTO dead_letters(source, partition, position, reason, detail, bytes, redacted, at, digest) "
            + "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT(digest) DO NOTHING");
        _removeDeadLetter = database.Prepare("DELETE FROM dead_letters WHERE number = ?1");
        _completeDeadLetter = database.Prepare("DELETE FROM dead_letters WHERE source = ?1 AND partition = ?2 AND position = ?3");
        _position = database.Prepare(
            "INSERT INTO positions(source, incarnation, partition, next_offset) VALUES(?1, ?2, ?3, ?4) "
            + "ON CONFLICT(source, incarnation, partition) DO UPDATE SET next_offset = excluded.next_offset");
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
            foreach (var (partition, nextOffset) in batch.Positions)
            {
                _position.Add(partition.Source).Add(partition.Incarnation).Add(partition.Partition).Add(nextOffset).Run();
            }
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

    public void Dispose()
    {
        _columns.Dispose();
        foreach (var statement in (SqliteStatement[])[_session, _sessionEvents, _bill, _deadLetter, _removeDeadLetter, _completeDeadLetter, _position, _count, _clock])
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
        foreach (var write in batch.Sessions)
        {
            if (write.OnlyEventsChanged)
            {
                _sessionEvents.Add(write.LastEventNs).Add(now).AddBlob(write.Record.In(texts)).AddText(write.SessionId.In(texts)).Run();
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
                .AddBlob(write.Record.In(texts)).Run();
        }
    }

    private void WriteBills(CommitBatch batch, long now)
    {
        batch.Bills.Sort(static (a, b) => string.CompareOrdinal(a.SessionId, b.SessionId));
        foreach (var bill in batch.Bills)
        {
            _columns.Bind(_bill, bill, now);
            _bill.Run();
        }
    }

    private void WriteDeadLetters(CommitBatch batch)
    {
        foreach (var letter in batch.DeadLetters)
        {
            _deadLetter.Add(letter.Source).Add(letter.Partition).Add(letter.Position).Add(letter.Reason).Add(letter.Detail).AddBlob(letter.Bytes.Span)
                .Add(letter.Redacted ? 1 : 0).Add(letter.AtUnixSeconds).AddBlob(Digest(letter)).Run();
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

    // The same record refused again (standard input is read from its start each time) is one dead letter.
    private static byte[] Digest(DeadLetter letter)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{letter.Source}\0{letter.Partition}\0{letter.Position}\0{letter.Reason}\0")));
        hash.AppendData(letter.Bytes.Span);
        return hash.GetHashAndReset()[..16];
    }

    private void WriteCounts(CommitBatch batch)
    {
        foreach (var (name, change) in (ReadOnlySpan<(string, long)>)
            [("sessions", batch.Change.Sessions), ("final", batch.Change.Final), ("held", batch.Change.Held), ("void", batch.Change.Void)])
        {
            if (change != 0)
            {
                _count.Add(name).Add(change).Run();
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
