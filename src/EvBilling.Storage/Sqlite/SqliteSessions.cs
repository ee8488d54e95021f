using System.Buffers.Binary;
using System.Text;
using EvBilling.Billing;
using EvBilling.Engine;
using EvBilling.Sessions;
using Microsoft.Data.Sqlite;

namespace EvBilling.Storage.Sqlite;

/// <summary>Reads sessions' rows, on the thread that assembles.</summary>
internal sealed class SqliteSessions(SqliteDatabase database) : IDisposable
{
    private const string IsAfter = "($after IS NULL OR session_id > CAST($after AS TEXT))";

    private const string Columns = "record, state, bill_status, version, content_hash, tariffs_until, last_event_at";

    private SqliteStatement? _find;
    private SqliteStatement? _follower;
    private SqliteStatement? _archived;
    private SessionIdFilter? _filter;

    /// <summary>Whether there may be bills without a session's row.</summary>
    public bool HasArchive { get; set; }

    public void UseFilter(SessionIdFilter? filter)
    {
        _filter = filter;
        HasArchive = database.Scalar("SELECT value FROM meta WHERE key = 'has_archive'") is not null;
    }

    public StoredSession? Find(ReadOnlySpan<byte> sessionId)
    {
        if (_filter?.MayContain(sessionId) == false)
        {
            return null;
        }
        _find ??= database.Prepare($"SELECT {Columns} FROM sessions WHERE session_id = ?1");
        try
        {
            if (!_find.AddText(sessionId).Step())
            {
                return null;
            }
            var hash = _find.Blob(4);
            return new StoredSession
            {
                Record = StoredForms.Record(sessionId, _find.Blob(0)),
                State = (SessionState)_find.Integer(1),
                Status = (BillStatus)_find.Integer(2),
                Version = (int)_find.Integer(3),
                ContentHash = hash.IsEmpty ? default : new ContentHash(BinaryPrimitives.ReadUInt128BigEndian(hash)),
                TariffsUntil = _find.IsNull(5) ? null : _find.Integer(5),
                LastEventNs = _find.Integer(6),
            };
        }
        finally
        {
            _find.Reset();
        }
    }

    public bool IsArchived(ReadOnlySpan<byte> sessionId)
    {
        if (!HasArchive || _filter?.MayContain(sessionId) == false)
        {
            return false;
        }
        _archived ??= database.Prepare("SELECT 1 FROM bills WHERE session_id = ?1 LIMIT 1");
        try
        {
            return _archived.AddText(sessionId).Step();
        }
        finally
        {
            _archived.Reset();
        }
    }

    public bool HasFollower(long connectorHash, long atNs, ReadOnlySpan<byte> sessionId)
    {
        _follower ??= database.Prepare("SELECT 1 FROM sessions WHERE connector = ?1 AND started_at >= ?2 AND session_id <> ?3 LIMIT 1");
        try
        {
            return _follower.Add(connectorHash).Add(atNs).AddText(sessionId).Step();
        }
        finally
        {
            _follower.Reset();
        }
    }

    public SessionIdPage Held(byte[]? after, int limit) => SessionIdPage.Of(
        database.Query(
            $"SELECT CAST(session_id AS BLOB) FROM sessions WHERE bill_status = 2 AND {IsAfter} ORDER BY session_id LIMIT $limit",
            row => ((byte[])row.GetValue(0), true),
            ("$after", after),
            ("$limit", limit)).ToList(),
        limit);

    public static SessionIdPage Closable(SqliteDatabase database, ClosingQuery query, byte[]? after, int limit)
    {
        const string Followed = "EXISTS (SELECT 1 FROM sessions AS f WHERE f.connector = s.connector AND f.started_at >= s.last_event_at AND f.session_id <> s.session_id)";
        const string Unended = $"SELECT session_id, state, connector, partition, last_event_at FROM sessions WHERE state IN (0, 3) AND {IsAfter} ORDER BY session_id LIMIT $limit";
        // All that stands in the text are numbers.
        var partitions = query.Partitions is null ? "" : $" AND (partition IS NULL OR partition IN ({string.Join(',', query.Partitions)}))";
        var looked = database.Query(
            $"SELECT CAST(session_id AS BLOB), (last_event_at <= {query.OldUntilNs} OR (state = 3) <> {Followed}){partitions} FROM ({Unended}) AS s ORDER BY session_id",
            row => (Id: (byte[])row.GetValue(0), IsClosable: row.GetBoolean(1)),
            ("$after", after),
            ("$limit", limit)).ToList();
        return SessionIdPage.Of(looked, limit);
    }

    public IEnumerable<StoredSession> Open(string? sessionId) => database.Query(
        $"SELECT {Columns}, session_id FROM sessions WHERE state = 0{(sessionId is null ? "" : " AND session_id = $id")} ORDER BY session_id",
        Read,
        sessionId is null ? [] : [("$id", sessionId)]);

    public void Dispose()
    {
        _find?.Dispose();
        _follower?.Dispose();
        _archived?.Dispose();
    }

    private static StoredSession Read(SqliteDataReader row) => new()
    {
        Record = StoredForms.Record(Encoding.UTF8.GetBytes(row.GetString(7)), (byte[])row.GetValue(0)),
        State = (SessionState)row.GetInt32(1),
        Status = (BillStatus)row.GetInt32(2),
        Version = row.GetInt32(3),
        ContentHash = row.IsDBNull(4) ? default : new ContentHash(BinaryPrimitives.ReadUInt128BigEndian((byte[])row.GetValue(4))),
        TariffsUntil = row.IsDBNull(5) ? null : row.GetInt64(5),
        LastEventNs = row.GetInt64(6),
    };
}
