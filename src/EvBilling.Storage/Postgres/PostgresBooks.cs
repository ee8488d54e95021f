using EvBilling.Engine;
using Npgsql;

namespace EvBilling.Storage.Postgres;

/// <summary>
/// Which tariffs, locations and readings of OCPI this worker's bills rest on. A batch that was billed without newer ones of the store is not written: else a bill would change
/// to and fro between workers that were started with different files, or be made final with prices that are no longer in force.
/// </summary>
internal sealed class PostgresBooks
{
    /// <summary>Of the readings among the store's options.</summary>
    public const string ReadingsKey = "readings";

    private const string Newest =
        "SELECT coalesce((SELECT max(sequence) FROM evbilling.tariffs), 0), coalesce((SELECT max(sequence) FROM evbilling.locations), 0), "
        + $"coalesce((SELECT value FROM evbilling.meta WHERE key = '{ReadingsKey}'), ''), "
        + "(SELECT value FROM evbilling.meta WHERE key = 'has_archive')";

    private (long Tariffs, long Locations, string Readings, string? Archive) _known = (0, 0, "", null);
    private bool _isBegun;

    /// <summary>What the store has now is known; what is read later may only be newer. Which rows are gone counts from the first time on.</summary>
    public void Learn(NpgsqlConnection connection)
    {
        var archive = _known.Archive;
        _known = Read(connection);
        if (_isBegun)
        {
            _known.Archive = archive;
        }
        _isBegun = true;
    }

    /// <summary>
    /// Within a commit, and behind its writes to sessions: by the time that a row is another's with newer ones, these are there to be seen, so that nothing need be locked.
    /// </summary>
    /// <returns>Whether sessions' rows were removed for their age since this worker began.</returns>
    /// <exception cref="BillStoreException">Another worker has brought newer ones.</exception>
    public bool Check(NpgsqlConnection connection)
    {
        var (tariffs, locations, readings, archive) = Read(connection);
        if (readings != _known.Readings)
        {
            throw new BillStoreException(
                $"Another run has set readings of OCPI ({(readings.Length == 0 ? "the default ones" : readings)}) for this store, so that a batch billed by others was not written; it is billed anew by them.", isTransient: true);
        }
        if (tariffs > _known.Tariffs || locations > _known.Locations)
        {
            var what = tariffs > _known.Tariffs ? locations > _known.Locations ? "tariffs and locations" : "tariffs" : "locations";
            throw new BillStoreException($"Another run has brought newer {what} into the store, so that a batch billed without them was not written; it is billed anew with them.", isTransient: true);
        }
        return archive != _known.Archive;
    }

    private static (long Tariffs, long Locations, string Readings, string? Archive) Read(NpgsqlConnection connection)
    {
        using var command = connection.Command(Newest);
        using var reader = command.ExecuteReader();
        reader.Read();
        return (reader.GetInt64(0), reader.GetInt64(1), reader.GetString(2), reader.NullableText(3));
    }
}
