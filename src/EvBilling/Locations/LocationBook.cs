using System.Text;

namespace EvBilling.Locations;

/// <summary>
/// Where sessions take place: finds location, station, EVSE and connector by the ids that charging events state.
/// Immutable, and safe for use by several threads; a lookup costs a few dictionary reads and allocates nothing.
/// </summary>
/// <remarks>
/// <list type="bullet">
/// <item>A stated location is binding: an id that no location has, matches nothing. Station and EVSE are looked for within it.</item>
/// <item>Without one, the station finds the location, else the EVSE does, if only one location has that id.</item>
/// <item>An EVSE is found by <c>evse_id</c>, else by <c>uid</c>. One that is REMOVED counts only where no other has the id.</item>
/// <item>A stated station that is known narrows the choice of EVSEs to its own and those that state none; an unknown one narrows nothing.</item>
/// <item>EVSE not stated: the only one there is in the station or location, or the only one with the stated connector.</item>
/// <item>Connector not stated: the only one of its EVSE.</item>
/// <item>A location id that several parties publish is told apart by the EVSE, else it matches nothing.</item>
/// <item>Ids compare as <see cref="IdIndex{TValue}"/> says; an empty id counts as not stated.</item>
/// </list>
/// </remarks>
public sealed class LocationBook
{
    // Longer ids than this are taken to the heap; OCPI's and the charging events' have at most 64 characters.
    private const int StackCharacters = 128;

    private readonly Place[] _locations;
    private readonly IdIndex<Place[]> _byLocationId;
    private readonly IdIndex<Place[]> _byStationId;
    private readonly IdIndex<Place[]> _byEvseId;
    private readonly IdIndex<Place[]> _byEvseUid;

    /// <param name="inLoadingOrder">
    /// Locations in the order they were loaded. Of those with one id and one publisher the newest <c>last_updated</c> counts
    /// (none is the oldest; equal: the last loaded). A location without a publisher belongs to the id's only publisher, if there is one.
    /// </param>
    public LocationBook(IEnumerable<Location> inLoadingOrder)
    {
        var builder = new LocationBookBuilder(inLoadingOrder);
        _locations = builder.Locations;
        Locations = [.. _locations.Select(place => place.Location)];
        _byLocationId = builder.ByLocationId.Build();
        _byStationId = builder.ByStationId.Build();
        _byEvseId = builder.ByEvseId.Build();
        _byEvseUid = builder.ByEvseUid.Build();
    }

    public static LocationBook Empty { get; } = new([]);

    /// <summary>The locations that count, ordered by id and publisher (ordinal).</summary>
    public IReadOnlyList<Location> Locations { get; }

    /// <summary>What is known about the place these ids name; null and empty: not stated.</summary>
    public LocationMatch Find(string? locationId, string? stationId, string? evseId, string? connectorId) =>
        FindChars(locationId, stationId, evseId, connectorId);

    /// <summary>The same for ids in UTF-8, as they stand in an event's buffer; empty: not stated.</summary>
    public LocationMatch Find(ReadOnlySpan<byte> locationId, ReadOnlySpan<byte> stationId, ReadOnlySpan<byte> evseId, ReadOnlySpan<byte> connectorId) =>
        FindChars(
            Characters(locationId, stackalloc char[StackCharacters]),
            Characters(stationId, stackalloc char[StackCharacters]),
            Characters(evseId, stackalloc char[StackCharacters]),
            Characters(connectorId, stackalloc char[StackCharacters]));

    // A text has at most as many UTF-16 units as UTF-8 bytes.
    private static ReadOnlySpan<char> Characters(ReadOnlySpan<byte> utf8, Span<char> buffer) =>
        utf8.Length <= buffer.Length ? buffer[..Encoding.UTF8.GetChars(utf8, buffer)] : Encoding.UTF8.GetString(utf8);

    private LocationMatch FindChars(ReadOnlySpan<char> locationId, ReadOnlySpan<char> stationId, ReadOnlySpan<char> evseId, ReadOnlySpan<char> connectorId)
    {
        if (!locationId.IsEmpty)
        {
            return _byLocationId.Find(locationId) is { } locations ? FindInOneOf(locations, stationId, evseId, connectorId) : default;
        }
        if (!stationId.IsEmpty && _byStationId.Find(stationId) is { } stations)
        {
            return FindInOneOf(stations, stationId, evseId, connectorId);
        }
        if (evseId.IsEmpty || (_byEvseId.Find(evseId) ?? _byEvseUid.Find(evseId)) is not { } evses)
        {
            return default;
        }
        return OnlyLocation(evses) is { } location ? FindIn(location, stationId, evseId, connectorId) : LocationMatch.OneOfSeveral;
    }

    /// <param name="roots">Locations or stations that share the stated id; where they are several, only the EVSE tells them apart.</param>
    private LocationMatch FindInOneOf(
        Place[] roots, ReadOnlySpan<char> stationId, ReadOnlySpan<char> evseId, ReadOnlySpan<char> connectorId)
    {
        if (roots.Length == 1)
        {
            return FindIn(_locations[roots[0].Ordinal], stationId, evseId, connectorId);
        }
        if (evseId.IsEmpty)
        {
            return LocationMatch.OneOfSeveral;
        }
        LocationMatch? only = null;
        foreach (var root in roots)
        {
            var match = FindIn(_locations[root.Ordinal], stationId, evseId, connectorId);
            if (match.Evse is null)
            {
                continue;
            }
            if (only is not null)
            {
                return LocationMatch.OneOfSeveral;
            }
            only = match;
        }
        return only ?? LocationMatch.OneOfSeveral;
    }

    private LocationMatch FindIn(Place location, ReadOnlySpan<char> stationId, ReadOnlySpan<char> evseId, ReadOnlySpan<char> connectorId)
    {
        var stations = stationId.IsEmpty ? [] : Place.In(location.Ordinal, _byStationId.Find(stationId));
        var station = stations.IsEmpty ? null : stations[0];
        var several = false;
        Place? evse;
        if (evseId.IsEmpty)
        {
            evse = OnlyEvse((station ?? location).Evses, connectorId);
        }
        else
        {
            evse = PickEvse(Place.In(location.Ordinal, _byEvseId.Find(evseId)), station?.Station, connectorId, ref several);
            if (evse is null && !several)
            {
                evse = PickEvse(Place.In(location.Ordinal, _byEvseUid.Find(evseId)), station?.Station, connectorId, ref several);
            }
        }
        if (evse?.Evse is not { } found)
        {
            return new LocationMatch(station ?? location, null, null, [], several);
        }
        var connector = connectorId.IsEmpty
            ? found.Connectors is [var single] ? single : null
            : evse.FindConnector(connectorId);
        var tariffIds = connector?.TariffIds ?? (connectorId.IsEmpty ? evse.SharedTariffIds : []);
        return new LocationMatch(evse, station?.Station, connector, tariffIds, ambiguous: false);
    }

    /// <summary>The one location that the EVSEs lie in; null: they lie in several.</summary>
    private Place? OnlyLocation(ReadOnlySpan<Place> evses)
    {
        foreach (var removed in (ReadOnlySpan<bool>)[false, true])
        {
            Place? only = null;
            foreach (var evse in evses)
            {
                if (evse.Removed != removed)
                {
                    continue;
                }
                if (only is not null && only.Ordinal != evse.Ordinal)
                {
                    return null;
                }
                only = evse;
            }
            if (only is not null)
            {
                return _locations[only.Ordinal];
            }
        }
        return null;
    }

    /// <summary>The one EVSE of those that share an id within a location; null: none, or several that nothing tells apart.</summary>
    private static Place? PickEvse(ReadOnlySpan<Place> evses, Station? station, ReadOnlySpan<char> connectorId, ref bool several)
    {
        foreach (var removed in (ReadOnlySpan<bool>)[false, true])
        {
            Place? found = null;
            Place? withConnector = null;
            var (count, countWithConnector) = (0, 0);
            foreach (var evse in evses)
            {
                if (evse.Removed != removed || (station is not null && evse.Station is not null && evse.Station != station))
                {
                    continue;
                }
                found = evse;
                count++;
                if (!connectorId.IsEmpty && evse.FindConnector(connectorId) is not null)
                {
                    withConnector = evse;
                    countWithConnector++;
                }
            }
            if (count > 0)
            {
                var only = count == 1 ? found : countWithConnector == 1 ? withConnector : null;
                several = only is null;
                return only;
            }
        }
        return null;
    }

    /// <summary>The EVSE that must be meant where none is stated; null: it may be any of several.</summary>
    private static Place? OnlyEvse(List<Place> evses, ReadOnlySpan<char> connectorId)
    {
        Place? only = null;
        Place? withConnector = null;
        var (count, countWithConnector) = (0, 0);
        foreach (var evse in evses)
        {
            if (evse.Removed)
            {
                continue;
            }
            only = evse;
            count++;
            if (!connectorId.IsEmpty && evse.FindConnector(connectorId) is not null)
            {
                withConnector = evse;
                countWithConnector++;
            }
        }
        return count == 1 ? only : countWithConnector == 1 ? withConnector : null;
    }
}
