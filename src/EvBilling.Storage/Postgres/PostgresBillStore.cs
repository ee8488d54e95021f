using System.Globalization;
using EvBilling.Billing;
using EvBilling.Engine;
using EvBilling.Events;
using EvBilling.Locations;
using EvBilling.Tariffs;
using Npgsql;

namespace EvBilling.Storage.Postgres;

/// <summary>
/// A bill store in PostgreSQL, for any number of workers at once: they are kept apart by the partitions that they claim, and by the revisions of sessions' rows.
/// </summary>
public sealed class PostgresBillStore : IBillStore
{
    private readonly PostgresConnections _connections;
    private readonly PostgresPositions _positions;
    private readonly PostgresSessions _sessions;
    private readonly PostgresUpkeep _upkeep;
    private readonly PostgresBooks _books = new();
    private readonly TimeProvider _time;
    private readonly bool _isToRead;
    private PostgresCommits? _commits;
    private PostgresKnownIds? _ownKnown;

    private PostgresBillStore(PostgresConnections connections, TimeProvider time, bool isToRead)
    {
        _connections = connections;
        _time = time;
        _isToRead = isToRead;
        _positions = new PostgresPositions(connections, time);
        _sessions = new PostgresSessions(connections);
        _upkeep = new PostgresUpkeep(connections, time);
    }

    /// <summary>Opens a store to write and read; makes its tables where they are not there.</summary>
    /// <param name="password">With <see cref="PostgresTarget.UsesEntra"/>: makes a token that is good for a while; asked whenever a connection is made.</param>
    /// <exception cref="BillStoreException">It cannot be reached, or is another program's.</exception>
    public static PostgresBillStore Open(PostgresTarget target, TimeProvider time, Func<CancellationToken, ValueTask<string>>? password = null) =>
        Open(target, time, password, isToRead: false);

    /// <summary>Opens a store to read; it must be there.</summary>
    /// <inheritdoc cref="Open(PostgresTarget, TimeProvider, Func{CancellationToken, ValueTask{string}})"/>
    public static PostgresBillStore OpenToRead(PostgresTarget target, TimeProvider time, Func<CancellationToken, ValueTask<string>>? password = null) =>
        Open(target, time, password, isToRead: true);

    public void BeginWriting() => BeginWriting(_ownKnown ??= new PostgresKnownIds(_time));

    /// <inheritdoc cref="BeginWriting()"/>
    /// <param name="known">Shared with this process's other stores of the same database.</param>
    public void BeginWriting(PostgresKnownIds known)
    {
        CheckWritable();
        if (_commits is null)
        {
            _commits = new PostgresCommits(_connections, _positions, _books, _time);
            _commits.Begin();
            known.Prepare(() => ReadCounts().Sessions);
            _sessions.Known = _commits.Known = known;
        }
    }

    public IReadOnlyList<LogPosition> Claim(IReadOnlyList<LogPartition> partitions)
    {
        CheckWritable();
        return _positions.Claim(partitions);
    }

    public IReadOnlyList<LogPosition> ReadPositions() => [.. ReadPartitions().Select(partition => partition.Position)];

    public IReadOnlyList<PartitionState> ReadPartitions() => _positions.Read();

    public void Rewind(string source)
    {
        CheckWritable();
        _positions.Rewind(source);
    }

    public void SkipGap(LogPartition partition, long nextOffset, long records)
    {
        CheckWritable();
        _positions.SkipGap(partition, nextOffset, records);
    }

    public StoreCounts ReadCounts() => _connections.Query(
        "SELECT coalesce(sum(sessions), 0)::bigint, coalesce(sum(final), 0)::bigint, coalesce(sum(held), 0)::bigint, coalesce(sum(void), 0)::bigint FROM evbilling.counters",
        row => new StoreCounts(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3)))[0];

    public long ReadEventClock() => _connections.On(connection => connection.Scalar<long>("SELECT coalesce(max(event_clock_ns), 0) FROM evbilling.counters"));

    public void Register(IReadOnlyList<TariffEntry> tariffs, IReadOnlyList<LocationEntry> locations, StoredOptions options)
    {
        CheckWritable();
        _upkeep.Register(tariffs, locations, options, _books);
    }

    public IReadOnlyList<StoredTariff> ReadTariffs() => _connections.Query(
        "SELECT sequence, content_hash, json FROM evbilling.tariffs ORDER BY sequence",
        row => new StoredTariff(row.GetInt64(0), row.GetString(1), TariffDocument.ReadOne(row.Blob(2))));

    public IReadOnlyList<Location> ReadLocations() =>
        [.. _connections.Stream("SELECT json FROM evbilling.locations ORDER BY sequence", row => LocationDocument.ReadOne(row.Blob(0)).Location).OfType<Location>()];

    public StoredOptions? ReadOptions()
    {
        var meta = _connections.Query("SELECT key, value FROM evbilling.meta", row => (Key: row.GetString(0), Value: row.NullableText(1)))
            .ToDictionary(row => row.Key, row => row.Value);
        return meta.TryGetValue("max_session_s", out var maxSession)
            ? new StoredOptions(
                meta["default_tariff_id"], meta["time_zone_id"], long.Parse(maxSession!, CultureInfo.InvariantCulture),
                long.Parse(meta["close_after_s"]!, CultureInfo.InvariantCulture))
            {
                Readings = meta.GetValueOrDefault(PostgresBooks.ReadingsKey) ?? "",
            }
            : null;
    }

    public void FindSessions(ReadOnlySpan<TextSlice> ids, ReadOnlySpan<byte> texts, Span<FoundSession> found) => _sessions.Find(ids, texts, found);

    public SessionIdPage ReadClosable(ClosingQuery query, byte[]? after, int limit) => _sessions.Closable(query, after, limit);

    public SessionIdPage ReadHeld(byte[]? after, int limit) => _sessions.Held(after, limit);

    public bool HasFollower(long connectorHash, long atNs, ReadOnlySpan<byte> sessionIdUtf8) => _sessions.HasFollower(connectorHash, atNs, sessionIdUtf8);

    public void Commit(CommitBatch batch, IConflictResolver resolver)
    {
        CheckWritable();
        (_commits ?? throw new InvalidOperationException("BeginWriting comes first.")).Commit(batch, resolver);
    }

    public void Prune(TimeSpan keepSessions)
    {
        CheckWritable();
        _upkeep.Prune(keepSessions);
    }

    public IEnumerable<Bill> ReadBills(string? sessionId, bool allVersions) => PostgresBills.Read(_connections, sessionId, allVersions);

    public IEnumerable<StoredSession> ReadOpen(string? sessionId) => _sessions.Open(sessionId);

    public IEnumerable<DeadLetter> ReadDeadLetters() => _connections.Stream(
        "SELECT number, source, partition, position, reason, detail, bytes, redacted, at FROM evbilling.dead_letters ORDER BY number",
        row => new DeadLetter(
            row.GetInt64(0), row.GetString(1), row.GetInt32(2), row.GetInt64(3), row.GetString(4), row.GetString(5), row.Blob(6), row.GetBoolean(7), row.Seconds(8)));

    public IReadOnlyList<(string Reason, long Letters)> CountDeadLetters() => _connections.Query(
        "SELECT reason, count(*) FROM evbilling.dead_letters GROUP BY reason ORDER BY reason", row => (row.GetString(0), row.GetInt64(1)));

    public IEnumerable<StoredContact> ReadContacts() => _connections.Stream(
        "SELECT session_id, phone_number, email, erased_at IS NOT NULL FROM evbilling.contacts ORDER BY session_id",
        row => new StoredContact(row.GetString(0), row.NullableText(1), row.NullableText(2), row.GetBoolean(3)));

    public int EraseContacts(ContactQuery query)
    {
        CheckWritable();
        return _upkeep.EraseContacts(query);
    }

    public void Dispose()
    {
        _ownKnown?.Stop();
        _commits?.Dispose();
        _sessions.Dispose();
        _connections.Dispose();
    }

    private static PostgresBillStore Open(PostgresTarget target, TimeProvider time, Func<CancellationToken, ValueTask<string>>? password, bool isToRead)
    {
        var connections = new PostgresConnections(target, password);
        try
        {
            if (isToRead)
            {
                PostgresUpgrade.CheckToRead(connections);
            }
            else
            {
                PostgresUpgrade.Run(connections);
            }
            return new PostgresBillStore(connections, time, isToRead);
        }
        catch
        {
            connections.Dispose();
            throw;
        }
    }

    private void CheckWritable()
    {
        if (_isToRead)
        {
            throw new InvalidOperationException("The store was opened to read.");
        }
    }
}
