using System.Text;
using EvBilling.Billing;
using EvBilling.Engine;
using Npgsql;

namespace EvBilling.Storage.Postgres;

/// <summary>
/// Writes batches, each in one transaction, on the thread that commits. At first a batch is written as it is; where a row turns out to be another's, it is
/// written once more with its rows locked, read and merged.
/// </summary>
internal sealed class PostgresCommits : IDisposable
{
    private const int AttemptsMax = 20;
    private const int PauseMs = 5;
    private const string SetUp = PostgresSessions.PlanById + "SET synchronous_commit = on; " + FrozenWorkers.SetUp + PostgresSessionWrites.SetUp + PostgresLetters.SetUp;

    private readonly PostgresConnections _connections;
    private readonly PostgresPositions _positions;
    private readonly PostgresBooks _books;
    private readonly TimeProvider _time;
    private readonly KeptConnection _kept;
    private readonly PostgresSessionWrites _sessions;
    private readonly PostgresBills _bills;
    private readonly PostgresLetters _letters;
    private bool[] _isNew = [];

    public PostgresCommits(PostgresConnections connections, PostgresPositions positions, PostgresBooks books, TimeProvider time)
    {
        var copy = new CopyRows();
        _connections = connections;
        _positions = positions;
        _books = books;
        _time = time;
        _kept = new KeptConnection(connections, SetUp);
        _bills = new PostgresBills(copy);
        _sessions = new PostgresSessionWrites(copy, _bills);
        _letters = new PostgresLetters(copy);
    }

    /// <summary>Is told of new sessions; null = nobody.</summary>
    public PostgresKnownIds? Known { get; set; }

    /// <summary>Connects, so that what is wrong is said at the start.</summary>
    public void Begin()
    {
        var connection = _kept.Get();
        _connections.Try(() =>
        {
            _books.Learn(connection);
            return true;
        });
    }

    public void Commit(CommitBatch batch, IConflictResolver resolver)
    {
        // In one order for all, so that workers do not wait for each other crosswise, and that neighbouring rows fall on neighbouring pages.
        batch.Sessions.Sort((a, b) => a.SessionId.In(batch.Texts.Bytes).SequenceCompareTo(b.SessionId.In(batch.Texts.Bytes)));
        if (TryWrite(batch, null))
        {
            return;
        }
        var writes = batch.Sessions.ToArray();
        for (var attempt = 1; attempt < AttemptsMax; attempt++)
        {
            writes.CopyTo(batch.Sessions);
            resolver.Begin();
            if (TryWrite(batch, resolver))
            {
                return;
            }
            Thread.Sleep(attempt * PauseMs);
        }
        throw new BillStoreException(
            $"A batch could not be written in {AttemptsMax} attempts, since other workers write the same sessions; nothing of it was.", isTransient: true);
    }

    public void Dispose()
    {
        _kept.Dispose();
        _bills.Dispose();
    }

    /// <param name="resolver">Null = the batch as it is.</param>
    /// <returns>False: nothing was written, since rows are not as the batch has them.</returns>
    private bool TryWrite(CommitBatch batch, IConflictResolver? resolver)
    {
        var connection = _kept.Get();
        return _connections.Try(() =>
        {
            using var transaction = connection.BeginTransaction();
            try
            {
                if (!Write(connection, batch, resolver))
                {
                    return false;
                }
                transaction.Commit();
                return true;
            }
            catch (PostgresException e) when (IsConflict(e))
            {
                return false;
            }
            catch (PostgresException e) when (e is { SqlState: PostgresErrorCodes.UniqueViolation, TableName: "bill_versions" })
            {
                // It took the session for a new one, whose row came and went since it looked.
                throw RemovedForAge();
            }
        });
    }

    private bool Write(NpgsqlConnection connection, CommitBatch batch, IConflictResolver? resolver)
    {
        var now = _time.GetUtcNow().ToUnixTimeSeconds();
        _positions.Advance(connection, batch);
        if (_isNew.Length < batch.Sessions.Length)
        {
            _isNew = new bool[batch.Sessions.Length * 2];
        }
        var isNew = _isNew.AsSpan(0, batch.Sessions.Length);
        if (resolver is not null)
        {
            Merge(connection, batch, resolver, isNew);
        }
        else
        {
            for (var i = 0; i < isNew.Length; i++)
            {
                isNew[i] = batch.Sessions[i].Revision == 0;
            }
        }
        if (!_sessions.Write(connection, batch, isNew, now))
        {
            return false;
        }
        Known?.Add(batch);
        _bills.Write(connection, batch, isNew, now);
        _letters.WriteDeadLetters(connection, batch);
        _letters.WriteContacts(connection, batch, resolver is null ? isNew : default);
        if (_books.Check(connection))
        {
            CheckArchive(connection, batch, isNew);
        }
        Count(connection, batch);
        return true;
    }

    // What a batch has of a row that was removed meanwhile for its age may be less than the row had, and must not be billed in its place.
    private static void Merge(NpgsqlConnection connection, CommitBatch batch, IConflictResolver resolver, Span<bool> isNew)
    {
        var rows = Lock(connection, batch);
        for (var i = 0; i < isNew.Length; i++)
        {
            var write = batch.Sessions[i];
            isNew[i] = rows[i] is null;
            if (isNew[i] && write.Revision > 0)
            {
                throw RemovedForAge();
            }
            if (rows[i] is { } row && row.Revision != write.Revision)
            {
                batch.Sessions[i] = resolver.Resolve(row, write, batch);
            }
        }
    }

    // Where rows were removed since this worker began: a bill in a new session's row has no key that tells it from one that is there.
    private static void CheckArchive(NpgsqlConnection connection, CommitBatch batch, ReadOnlySpan<bool> isNew)
    {
        var ids = new List<string>();
        for (var i = 0; i < isNew.Length; i++)
        {
            if (isNew[i])
            {
                ids.Add(Encoding.UTF8.GetString(batch.Sessions[i].SessionId.In(batch.Texts.Bytes)));
            }
        }
        if (connection.Scalar<int?>(
            "SELECT 1 FROM unnest($1) AS i(id) JOIN evbilling.bill_versions AS b ON b.session_id = i.id LIMIT 1", PostgresSql.Texts(ids)) is not null)
        {
            throw RemovedForAge();
        }
    }

    private static StoredSession?[] Lock(NpgsqlConnection connection, CommitBatch batch)
    {
        var ids = new string[batch.Sessions.Length];
        for (var i = 0; i < ids.Length; i++)
        {
            ids[i] = Encoding.UTF8.GetString(batch.Sessions[i].SessionId.In(batch.Texts.Bytes));
        }
        var rows = new StoredSession?[ids.Length];
        using var command = connection.Command(
            $"SELECT s.session_id, {PostgresSessions.Columns} FROM evbilling.sessions AS s WHERE s.session_id = ANY($1) ORDER BY s.session_id FOR UPDATE", PostgresSql.Texts(ids));
        using var reader = command.ExecuteReader();
        // Both are in the order of UTF-8.
        for (var i = 0; reader.Read(); i++)
        {
            var id = reader.GetString(0);
            while (ids[i] != id)
            {
                i++;
            }
            rows[i] = PostgresSessions.Read(reader, 1, Encoding.UTF8.GetBytes(id));
        }
        return rows;
    }

    // Last of all, since others may wait for the row until the transaction ends.
    private static void Count(NpgsqlConnection connection, CommitBatch batch)
    {
        var change = batch.Change();
        var slot = batch.Positions.Count == 0 ? -1 : batch.Positions.Keys.Min(partition => partition.Partition);
        connection.Execute(
            "INSERT INTO evbilling.counters AS c(slot, sessions, final, held, void, event_clock_ns) VALUES($1, $2, $3, $4, $5, $6) ON CONFLICT (slot) DO UPDATE SET "
            + "sessions = c.sessions + excluded.sessions, final = c.final + excluded.final, held = c.held + excluded.held, void = c.void + excluded.void, "
            + "event_clock_ns = greatest(c.event_clock_ns, excluded.event_clock_ns)",
            PostgresSql.Integer(slot), PostgresSql.Bigint(change.Sessions), PostgresSql.Bigint(change.Final), PostgresSql.Bigint(change.Held),
            PostgresSql.Bigint(change.Void), PostgresSql.Bigint(batch.EventClockNs));
    }

    private static BillStoreException RemovedForAge() => new(
        "Sessions that this worker has in memory were removed from the store for their age (--keep-sessions), so that a batch was not written; late events of them are refused (SessionArchived).",
        isTransient: true);

    private static bool IsConflict(PostgresException e) =>
        e is { SqlState: PostgresErrorCodes.UniqueViolation, TableName: "sessions" or "contacts" }
        || e.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure;
}
