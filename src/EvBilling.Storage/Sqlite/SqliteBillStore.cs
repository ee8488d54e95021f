using System.Globalization;
using EvBilling.Billing;
using EvBilling.Engine;
using EvBilling.Events;
using EvBilling.Locations;
using EvBilling.Sessions;
using EvBilling.Tariffs;
using Microsoft.Data.Sqlite;

namespace EvBilling.Storage.Sqlite;

/// <summary>A bill store in one SQLite file: for one machine and one writer at a time; readers may look on.</summary>
public sealed class SqliteBillStore : IBillStore
{
    // Of the memory that a run may take, what the writer's and the reader's pages get.
    private const int WriterCacheKib = 24 * 1024;
    private const int ReaderCacheKib = 4 * 1024;
    private static readonly TimeSpan PruneEvery = TimeSpan.FromDays(1);

    private readonly string _path;
    private readonly SqliteDatabase _reader;
    private readonly SqliteDatabase? _writer;
    private readonly TimeProvider _time;
    private readonly SqliteSessions _sessions;
    private SqliteCommits? _commits;

    private SqliteBillStore(string path, SqliteDatabase reader, SqliteDatabase? writer, TimeProvider time)
    {
        _path = path;
        _reader = reader;
        _writer = writer;
        _time = time;
        _sessions = new SqliteSessions(reader);
    }

    /// <summary>Opens a store to write and read; makes it where it is not there.</summary>
    /// <exception cref="BillStoreException">It cannot be opened, or is another program's.</exception>
    public static SqliteBillStore Open(string path, TimeProvider time)
    {
        var isNew = !File.Exists(path) || new FileInfo(path).Length == 0;
        var writer = SqliteDatabase.Open(path, SqliteOpenMode.ReadWriteCreate, WriterCacheKib);
        SqliteDatabase? reader = null;
        try
        {
            if (isNew)
            {
                writer.Execute("PRAGMA page_size = 16384;");
            }
            else
            {
                SqliteUpgrade.Check(writer, path);
            }
            writer.Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864; PRAGMA soft_heap_limit = 33554432;");
            SqliteUpgrade.Run(writer);
            reader = SqliteDatabase.Open(path, SqliteOpenMode.ReadWrite, ReaderCacheKib);
            return new SqliteBillStore(path, reader, writer, time);
        }
        catch
        {
            reader?.Dispose();
            writer.Dispose();
            throw;
        }
    }

    /// <summary>Opens a store to read; it must be there.</summary>
    /// <exception cref="BillStoreException">It is not there, or is another program's.</exception>
    public static SqliteBillStore OpenToRead(string path, TimeProvider time)
    {
        // A reader of a WAL database needs to write its shared memory, so it is opened like that, and then told to write nothing.
        var reader = SqliteDatabase.Open(path, SqliteOpenMode.ReadWrite, ReaderCacheKib);
        try
        {
            SqliteUpgrade.Check(reader, path);
            if (SqliteUpgrade.IsOld(reader))
            {
                SqliteUpgrade.Run(reader);
            }
            reader.Execute("PRAGMA query_only = ON;");
            return new SqliteBillStore(path, reader, null, time);
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    private SqliteCommits Commits => _commits ?? throw new InvalidOperationException("BeginWriting comes first.");

    private SqliteDatabase Aside() => SqliteDatabase.Open(_path, SqliteOpenMode.ReadWrite, ReaderCacheKib);

    private SqliteDatabase Writer => _writer ?? throw new InvalidOperationException("The store was opened to read.");

    public void BeginWriting()
    {
        _commits = new SqliteCommits(Writer, _time);
        _commits.Begin();
        _sessions.UseFilter(_commits.BuildFilter());
    }

    public IReadOnlyList<LogPosition> Claim(IReadOnlyList<LogPartition> partitions) =>
        [.. ReadPositions().Where(position => partitions.Contains(position.Partition))];

    public IReadOnlyList<LogPosition> ReadPositions() => [.. ReadPartitions().Select(partition => partition.Position)];

    // On a connection of its own: it may be called by another thread than the rest.
    public IReadOnlyList<PartitionState> ReadPartitions()
    {
        using var database = Aside();
        return [.. database.Query(
            "SELECT source, incarnation, partition, next_offset, end_offset, clock_ns, read_at, gap_records FROM positions ORDER BY source, incarnation, partition",
            row => new PartitionState(
                new(new LogPartition(row.GetString(0), row.GetString(1), row.GetInt32(2)), row.GetInt64(3)),
                row.IsDBNull(4) ? -1 : row.GetInt64(4), row.GetInt64(5), row.GetInt64(6), row.GetInt64(7)))];
    }

    public void Rewind(string source) => Commits.Rewind(source);

    public void SkipGap(LogPartition partition, long nextOffset, long records) => Commits.SkipGap(partition, nextOffset, records);

    public StoreCounts ReadCounts() => new(Meta("sessions") ?? 0, Meta("final") ?? 0, Meta("held") ?? 0, Meta("void") ?? 0);

    public long ReadEventClock() => Meta("event_clock_ns") ?? 0;

    public void Register(IReadOnlyList<TariffEntry> tariffs, IReadOnlyList<LocationEntry> locations, StoredOptions options)
    {
        var now = _time.GetUtcNow().ToUnixTimeSeconds();
        Writer.InTransaction(() =>
        {
            using var tariff = Writer.Prepare(
                "INSERT INTO tariffs(sequence, content_hash, tariff_id, json, loaded_at) "
                + "SELECT coalesce(max(sequence), 0) + 1, ?1, ?2, ?3, ?4 FROM tariffs WHERE true ON CONFLICT(content_hash) DO NOTHING");
            // Without an id no session can ever name it.
            foreach (var entry in tariffs.Where(entry => entry.Id is not null))
            {
                tariff.Add(StoredForms.Hash(entry.Json)).Add(entry.Id).AddBlob(entry.Json.Span).Add(now).Run();
            }
            using var location = Writer.Prepare(
                "INSERT INTO locations(sequence, content_hash, location_id, json, loaded_at) "
                + "SELECT coalesce(max(sequence), 0) + 1, ?1, ?2, ?3, ?4 FROM locations WHERE true ON CONFLICT(content_hash) DO NOTHING");
            foreach (var entry in locations.Where(entry => entry.Location is not null))
            {
                location.Add(StoredForms.Hash(entry.Json)).Add(entry.Location!.Id).AddBlob(entry.Json.Span).Add(now).Run();
            }
            // A new store has no old rows, so that they are not looked for on its first day.
            using var pruned = Writer.Prepare("INSERT INTO meta(key, value) VALUES('pruned_at', ?1) ON CONFLICT(key) DO NOTHING");
            pruned.Add(now).Run();
            using var meta = Writer.Prepare("INSERT INTO meta(key, value) VALUES(?1, ?2) ON CONFLICT(key) DO UPDATE SET value = excluded.value");
            meta.Add("default_tariff_id").Add(options.DefaultTariffId).Run();
            meta.Add("time_zone_id").Add(options.TimeZoneId).Run();
            meta.Add("max_session_s").Add(options.MaxSessionSeconds).Run();
            meta.Add("close_after_s").Add(options.CloseAfterSeconds).Run();
            if (options.Readings is not null)
            {
                meta.Add("readings").Add(options.Readings).Run();
            }
        });
    }

    public IReadOnlyList<StoredTariff> ReadTariffs() =>
        [.. _reader.Query(
            "SELECT sequence, content_hash, json FROM tariffs ORDER BY sequence",
            row => new StoredTariff(row.GetInt64(0), row.GetString(1), TariffDocument.ReadOne((byte[])row.GetValue(2))))];

    public IReadOnlyList<Location> ReadLocations() =>
        [.. _reader.Query("SELECT json FROM locations ORDER BY sequence", row => LocationDocument.ReadOne((byte[])row.GetValue(0)).Location).OfType<Location>()];

    public StoredOptions? ReadOptions() => Meta("max_session_s") is { } maxSession
        ? new StoredOptions(MetaText("default_tariff_id"), MetaText("time_zone_id"), maxSession, Meta("close_after_s") ?? 0) { Readings = MetaText("readings") ?? "" }
        : null;

    public void FindSessions(ReadOnlySpan<TextSlice> ids, ReadOnlySpan<byte> texts, Span<FoundSession> found)
    {
        for (var i = 0; i < ids.Length; i++)
        {
            var id = ids[i].In(texts);
            var session = _sessions.Find(id);
            found[i] = new(session, session is null && _sessions.IsArchived(id));
        }
    }

    // On a connection of its own: it may be called by another thread than the rest.
    public SessionIdPage ReadClosable(ClosingQuery query, byte[]? after, int limit)
    {
        using var database = Aside();
        return SqliteSessions.Closable(database, query, after, limit);
    }

    public SessionIdPage ReadHeld(byte[]? after, int limit) => _sessions.Held(after, limit);

    public bool HasFollower(long connectorHash, long atNs, ReadOnlySpan<byte> sessionIdUtf8) => _sessions.HasFollower(connectorHash, atNs, sessionIdUtf8);

    // There is one writer, so that a row is always the one that a batch rests on.
    public void Commit(CommitBatch batch, IConflictResolver resolver) => Commits.Commit(batch);

    public void Prune(TimeSpan keepSessions)
    {
        var now = _time.GetUtcNow();
        if (keepSessions == TimeSpan.Zero || now.ToUnixTimeSeconds() - (Meta("pruned_at") ?? 0) < PruneEvery.TotalSeconds)
        {
            return;
        }
        Commits.Prune(now.ToUnixTimeSeconds(), (now - keepSessions).ToUnixTimeSeconds());
        _sessions.HasArchive = Meta("has_archive") == 1;
    }

    public IEnumerable<Bill> ReadBills(string? sessionId, bool allVersions)
    {
        const string Current = "NOT EXISTS (SELECT 1 FROM bills AS n WHERE n.session_id = b.session_id AND n.version > b.version)"
            + " AND NOT EXISTS (SELECT 1 FROM sessions AS s WHERE s.session_id = b.session_id AND s.state = 0)";
        return _reader.Query(
            $"SELECT {BillColumns.Names} FROM bills AS b WHERE {(allVersions ? "true" : Current)}{(sessionId is null ? "" : " AND session_id = $id")} ORDER BY session_id, version",
            BillColumns.Read,
            sessionId is null ? [] : [("$id", sessionId)]);
    }

    public IEnumerable<StoredSession> ReadOpen(string? sessionId) => _sessions.Open(sessionId);

    public IEnumerable<DeadLetter> ReadDeadLetters() => _reader.Query(
        "SELECT number, source, partition, position, reason, detail, bytes, redacted, at FROM dead_letters ORDER BY number",
        row => new DeadLetter(
            row.GetInt64(0), row.GetString(1), row.GetInt32(2), row.GetInt64(3), row.GetString(4), row.GetString(5), (byte[])row.GetValue(6), row.GetInt64(7) != 0, row.GetInt64(8)));

    public IReadOnlyList<(string Reason, long Letters)> CountDeadLetters() =>
        [.. _reader.Query("SELECT reason, count(*) FROM dead_letters GROUP BY reason ORDER BY reason", row => (row.GetString(0), row.GetInt64(1)))];

    public IEnumerable<StoredContact> ReadContacts() => _reader.Query(
        "SELECT session_id, phone_number, email, erased_at FROM contacts ORDER BY session_id",
        row => new StoredContact(row.GetString(0), row.IsDBNull(1) ? null : row.GetString(1), row.IsDBNull(2) ? null : row.GetString(2), !row.IsDBNull(3)));

    public int EraseContacts(ContactQuery query) => Commits.EraseContacts(query);

    public void Dispose()
    {
        _commits?.Dispose();
        _sessions.Dispose();
        _reader.Dispose();
        _writer?.Dispose();
    }

    private long? Meta(string key) => _reader.Scalar("SELECT value FROM meta WHERE key = $key", ("$key", key)) is { } value
        ? Convert.ToInt64(value, CultureInfo.InvariantCulture)
        : null;

    private string? MetaText(string key) => _reader.Scalar("SELECT value FROM meta WHERE key = $key", ("$key", key)) as string;
}
