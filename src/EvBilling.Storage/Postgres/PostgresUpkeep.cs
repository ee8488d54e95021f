using System.Globalization;
using EvBilling.Engine;
using EvBilling.Locations;
using EvBilling.Tariffs;
using Npgsql;

namespace EvBilling.Storage.Postgres;

/// <summary>What is written beside batches: tariffs, locations, options; rows that are removed. May be used by several workers at once.</summary>
internal sealed class PostgresUpkeep(PostgresConnections connections, TimeProvider time)
{
    private const int Chunk = 500;
    private static readonly TimeSpan PruneEvery = TimeSpan.FromDays(1);

    /// <param name="books">Learns what the store has with these.</param>
    public void Register(IReadOnlyList<TariffEntry> tariffs, IReadOnlyList<LocationEntry> locations, StoredOptions options, PostgresBooks books) => connections.InTransaction(connection =>
    {
        // Without an id no session can ever name it.
        Add(connection, "tariffs", "tariff_id", tariffs.Where(entry => entry.Id is not null).Select(entry => (entry.Id!, entry.Json)));
        Add(connection, "locations", "location_id", locations.Where(entry => entry.Location is not null).Select(entry => (entry.Location!.Id, entry.Json)));
        SetMeta(connection, "default_tariff_id", options.DefaultTariffId);
        SetMeta(connection, "time_zone_id", options.TimeZoneId);
        SetMeta(connection, "max_session_s", options.MaxSessionSeconds.ToString(CultureInfo.InvariantCulture));
        SetMeta(connection, "close_after_s", options.CloseAfterSeconds.ToString(CultureInfo.InvariantCulture));
        if (options.Readings is not null)
        {
            SetMeta(connection, PostgresBooks.ReadingsKey, options.Readings);
        }
        // A new store has no old rows, so that they are not looked for on its first day.
        connection.Execute(
            "INSERT INTO evbilling.meta(key, value) VALUES('pruned_at', $1) ON CONFLICT (key) DO NOTHING", PostgresSql.Text(UnixSeconds(time.GetUtcNow())));
        books.Learn(connection);
        return true;
    });

    public void Prune(TimeSpan keepSessions)
    {
        if (keepSessions == TimeSpan.Zero)
        {
            return;
        }
        var now = time.GetUtcNow();
        connections.InTransaction(connection =>
        {
            // Another worker may be at it.
            PostgresLocks.Take(connection, PostgresLocks.Prune);
            var before = connection.Scalar<string>("SELECT value FROM evbilling.meta WHERE key = 'pruned_at'") ?? "0";
            if (now.ToUnixTimeSeconds() - long.Parse(before, CultureInfo.InvariantCulture) < PruneEvery.TotalSeconds)
            {
                return 0;
            }
            var removed = connection.ExecutePatiently(
                "DELETE FROM evbilling.sessions WHERE changed_at < $1 AND version > 0 AND state <> 0", PostgresSql.Time((now - keepSessions).ToUnixTimeSeconds()));
            if (removed > 0)
            {
                // A value of its own each time: workers look whether it is another.
                SetMeta(connection, "has_archive", Guid.NewGuid().ToString("N"));
            }
            SetMeta(connection, "pruned_at", UnixSeconds(now));
            return removed;
        });
    }

    public int EraseContacts(ContactQuery query) => connections.InTransaction(connection =>
    {
        const string Meant = "erased_at IS NULL AND (session_id = $1 OR phone_number = $2 OR email = $3)";
        if (query.SessionId is not null)
        {
            // Its contact data may come yet, or come from a worker at this very moment.
            connection.Execute("INSERT INTO evbilling.contacts(session_id) VALUES($1) ON CONFLICT (session_id) DO NOTHING", PostgresSql.Text(query.SessionId));
        }
        var erased = connection.Scalar<long>(
            $"SELECT count(phone_number IS NOT NULL OR email IS NOT NULL OR NULL) FROM (SELECT phone_number, email FROM evbilling.contacts WHERE {Meant} FOR UPDATE) AS c",
            Parameters());
        connection.Execute(
            $"UPDATE evbilling.contacts SET phone_number = NULL, email = NULL, erased_at = $4 WHERE {Meant}",
            [.. Parameters(), PostgresSql.Time(time.GetUtcNow().ToUnixTimeSeconds())]);
        return (int)erased;

        NpgsqlParameter[] Parameters() => [PostgresSql.Text(query.SessionId), PostgresSql.Text(query.PhoneNumber), PostgresSql.Text(query.Email)];
    });

    // Numbers are given one after the other, whichever worker reads a file first.
    private void Add(NpgsqlConnection connection, string table, string idColumn, IEnumerable<(string Id, ReadOnlyMemory<byte> Json)> entries)
    {
        PostgresLocks.Take(connection, PostgresLocks.Register);
        var seen = new HashSet<string>();
        using var known = connection.Command($"SELECT content_hash FROM evbilling.{table}");
        using (var reader = known.ExecuteReader())
        {
            while (reader.Read())
            {
                seen.Add(reader.GetString(0));
            }
        }
        var fresh = entries.Select(entry => (Hash: StoredForms.Hash(entry.Json), entry.Id, entry.Json)).Where(entry => seen.Add(entry.Hash));
        foreach (var chunk in fresh.Chunk(Chunk))
        {
            connection.Execute(
                $"INSERT INTO evbilling.{table}(sequence, content_hash, {idColumn}, json, loaded_at) "
                + $"SELECT (SELECT coalesce(max(sequence), 0) FROM evbilling.{table}) + n.number, n.content_hash, n.id, n.json, $4 "
                + "FROM unnest($1, $2, $3) WITH ORDINALITY AS n(content_hash, id, json, number)",
                PostgresSql.Texts(chunk.Select(entry => entry.Hash)), PostgresSql.Texts(chunk.Select(entry => entry.Id.Replace('\0', '\uFFFD'))),
                PostgresSql.Blobs(chunk.Select(entry => entry.Json.ToArray())), PostgresSql.Time(time.GetUtcNow().ToUnixTimeSeconds()));
        }
    }

    private static string UnixSeconds(DateTimeOffset time) => time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    private static void SetMeta(NpgsqlConnection connection, string key, string? value) => connection.Execute(
        "INSERT INTO evbilling.meta(key, value) VALUES($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value", PostgresSql.Text(key), PostgresSql.Text(value));
}

/// <summary>Locks by number, which belong to this program in a database.</summary>
internal static class PostgresLocks
{
    // "EvBi".
    private const int Space = 0x45764269;

    public const int Upgrade = 1;
    public const int Register = 2;
    public const int Prune = 3;

    /// <summary>Waits for the lock, and keeps it until the transaction ends.</summary>
    public static void Take(NpgsqlConnection connection, int number) =>
        connection.ExecutePatiently("SELECT pg_advisory_xact_lock($1, $2)", PostgresSql.Integer(Space), PostgresSql.Integer(number));
}
