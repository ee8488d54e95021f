using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using EvBilling.Billing;
using EvBilling.Engine;
using EvBilling.Events;
using EvBilling.Sessions;
using Npgsql;

namespace EvBilling.Storage.Postgres;

/// <summary>Reads sessions' rows.</summary>
internal sealed class PostgresSessions(PostgresConnections connections) : IDisposable
{
    /// <summary>
    /// Makes the planner find rows by their ids, one by one, whatever it believes of the size of tables that grew since; compiling such a plan would take longer than it runs.
    /// </summary>
    public const string PlanById = "SET jit = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_seqscan = off; SET enable_bitmapscan = off; ";

    /// <summary>What <see cref="Read"/> reads, of a row named s.</summary>
    public const string Columns = "s.record, s.state, s.bill_status, s.version, s.content_hash, s.tariffs_until, s.last_event_at, s.revision";

    private const string Found = $"SELECT i.n, {Columns} FROM unnest($1) WITH ORDINALITY AS i(id, n) JOIN evbilling.sessions AS s ON s.session_id = i.id";
    private const string HasArchive = "SELECT 1 FROM evbilling.meta WHERE key = 'has_archive'";
    private const string Archived =
        "SELECT i.n FROM unnest($1) WITH ORDINALITY AS i(id, n) WHERE EXISTS (SELECT 1 FROM evbilling.bill_versions AS b WHERE b.session_id = i.id)";

    // Of the first two parameters.
    private const string IsAfter = "session_id > $1";

    // Where little flows, the server is always asked: it knows what others have written.
    private const int FewIds = 16;

    private readonly KeptConnection _kept = new(connections, PlanById);
    private readonly List<int> _asked = [];
    private readonly List<TextSlice> _askedIds = [];

    public static StoredSession Read(NpgsqlDataReader row, int column, ReadOnlySpan<byte> sessionId) => new()
    {
        Record = StoredForms.Record(sessionId, row.Blob(column)),
        State = (SessionState)row.GetInt16(column + 1),
        Status = (BillStatus)row.GetInt16(column + 2),
        Version = row.GetInt32(column + 3),
        ContentHash = row.IsDBNull(column + 4) ? default : new ContentHash(BinaryPrimitives.ReadUInt128BigEndian(row.Blob(column + 4))),
        TariffsUntil = row.NullableBigint(column + 5),
        LastEventNs = row.GetInt64(column + 6),
        Revision = row.GetInt32(column + 7),
    };

    /// <summary>Ids that need not be asked for; null = all are.</summary>
    public PostgresKnownIds? Known { get; set; }

    /// <summary>All ids with one question; a second one where rows are missing and old ones were ever removed.</summary>
    public void Find(ReadOnlySpan<TextSlice> ids, ReadOnlySpan<byte> texts, Span<FoundSession> found)
    {
        if (ids.Length < FewIds || Known is not { } known)
        {
            Ask(ids, texts, found);
            return;
        }
        _asked.Clear();
        _askedIds.Clear();
        for (var i = 0; i < ids.Length; i++)
        {
            found[i] = default;
            if (!known.IsNew(ids[i].In(texts), connections))
            {
                _asked.Add(i);
                _askedIds.Add(ids[i]);
            }
        }
        var answers = new FoundSession[_asked.Count];
        Ask(CollectionsMarshal.AsSpan(_askedIds), texts, answers);
        for (var i = 0; i < answers.Length; i++)
        {
            found[_asked[i]] = answers[i];
        }
    }

    private void Ask(ReadOnlySpan<TextSlice> ids, ReadOnlySpan<byte> texts, Span<FoundSession> found)
    {
        if (ids.IsEmpty)
        {
            return;
        }
        var keys = new string[ids.Length];
        for (var i = 0; i < ids.Length; i++)
        {
            keys[i] = Encoding.UTF8.GetString(ids[i].In(texts));
        }
        try
        {
            if (FindRows(keys, ids, texts, found))
            {
                FindArchived(keys, found);
            }
        }
        catch (Exception e) when (PostgresErrors.IsServers(e))
        {
            throw PostgresErrors.Of(e, connections.Target);
        }
    }

    public bool HasFollower(long connectorHash, long atNs, ReadOnlySpan<byte> sessionId)
    {
        var id = Encoding.UTF8.GetString(sessionId);
        var connection = _kept.Get();
        return connections.Try(() => connection.Scalar<int?>(
            "SELECT 1 FROM evbilling.sessions WHERE connector = $1 AND started_at >= $2 AND session_id <> $3 LIMIT 1",
            PostgresSql.Bigint(connectorHash), PostgresSql.Bigint(atNs), PostgresSql.Text(id))) is not null;
    }

    public SessionIdPage Held(byte[]? after, int limit) => SessionIdPage.Of(
        connections.Query(
            $"SELECT session_id FROM evbilling.sessions WHERE bill_status = 2 AND {IsAfter} ORDER BY session_id LIMIT $2",
            row => (Encoding.UTF8.GetBytes(row.GetString(0)), true),
            Page(after, limit)),
        limit);

    public SessionIdPage Closable(ClosingQuery query, byte[]? after, int limit)
    {
        const string Followed =
            "EXISTS (SELECT 1 FROM evbilling.sessions AS f WHERE f.connector = s.connector AND f.started_at >= s.last_event_at AND f.session_id <> s.session_id)";
        const string Unended =
            $"SELECT session_id, state, connector, partition, last_event_at FROM evbilling.sessions WHERE state IN (0, 3) AND {IsAfter} ORDER BY session_id LIMIT $2";
        var looked = connections.Query(
            $"SELECT session_id, (last_event_at <= $3 OR (state = 3) <> {Followed}) AND ($4::int[] IS NULL OR partition IS NULL OR partition = ANY($4)) FROM ({Unended}) AS s ORDER BY session_id",
            row => (Id: Encoding.UTF8.GetBytes(row.GetString(0)), IsClosable: row.GetBoolean(1)),
            [.. Page(after, limit), PostgresSql.Bigint(query.OldUntilNs), PostgresSql.Integers(query.Partitions)]);
        return SessionIdPage.Of(looked, limit);
    }

    public IEnumerable<StoredSession> Open(string? sessionId) => connections.Stream(
        $"SELECT {Columns}, s.session_id FROM evbilling.sessions AS s WHERE s.state = 0{(sessionId is null ? "" : " AND s.session_id = $1")} ORDER BY s.session_id",
        row => Read(row, 0, Encoding.UTF8.GetBytes(row.GetString(8))),
        sessionId is null ? [] : [PostgresSql.Text(sessionId)]);

    public void Dispose() => _kept.Dispose();

    private bool FindRows(string[] keys, ReadOnlySpan<TextSlice> ids, ReadOnlySpan<byte> texts, Span<FoundSession> found)
    {
        using var batch = _kept.Get().CreateBatch();
        var rows = new NpgsqlBatchCommand(Found);
        rows.Parameters.Add(PostgresSql.Texts(keys));
        batch.BatchCommands.Add(rows);
        // Asked after the rows: what was removed in between is then known to be archived.
        batch.BatchCommands.Add(new NpgsqlBatchCommand(HasArchive));
        using var reader = batch.ExecuteReader();
        var count = 0;
        for (; reader.Read(); count++)
        {
            var i = (int)reader.GetInt64(0) - 1;
            found[i] = new(Read(reader, 1, ids[i].In(texts)), false);
        }
        reader.NextResult();
        return reader.Read() && count < keys.Length;
    }

    private void FindArchived(string[] keys, Span<FoundSession> found)
    {
        using var command = _kept.Get().Command(Archived, PostgresSql.Texts(keys));
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            var i = (int)reader.GetInt64(0) - 1;
            found[i] = found[i].Session is null ? new(null, true) : found[i];
        }
    }

    // An id is never empty, so that all are greater than "".
    private static NpgsqlParameter[] Page(byte[]? after, int limit) => [PostgresSql.Text(after is null ? "" : Encoding.UTF8.GetString(after)), PostgresSql.Integer(limit)];
}
