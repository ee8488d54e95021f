using NodaTime;

namespace EvBilling.Locations;

/// <summary>Decides which locations count, numbers them, and gathers the places behind every id.</summary>
internal sealed class LocationBookBuilder
{
    private const string NoPublisher = "";

    public LocationBookBuilder(IEnumerable<Location> inLoadingOrder)
    {
        var current = Current(inLoadingOrder);
        Locations = new Place[current.Count];
        for (var ordinal = 0; ordinal < current.Count; ordinal++)
        {
            Locations[ordinal] = Add(ordinal, current[ordinal]);
        }
    }

    /// <summary>By ordinal.</summary>
    public Place[] Locations { get; }

    public PlacesById ByLocationId { get; } = new();

    public PlacesById ByStationId { get; } = new();

    public PlacesById ByEvseId { get; } = new();

    public PlacesById ByEvseUid { get; } = new();

    private Place Add(int ordinal, Location location)
    {
        var place = new Place(ordinal, location);
        ByLocationId.Add(location.Id, place);
        var stations = new Dictionary<string, Place>(StringComparer.Ordinal);
        foreach (var station in location.Stations)
        {
            AddStation(place, station, stations);
        }
        foreach (var evse in location.Evses)
        {
            // An EVSE may name a station that the location does not list.
            var station = evse.StationId is { } id
                ? stations.GetValueOrDefault(id) ?? AddStation(place, new Station(id, []), stations)
                : null;
            var evsePlace = new Place(ordinal, location, station?.Station, evse);
            place.Evses.Add(evsePlace);
            station?.Evses.Add(evsePlace);
            ByEvseId.Add(evse.EvseId, evsePlace);
            ByEvseUid.Add(evse.Uid, evsePlace);
        }
        return place;
    }

    private Place AddStation(Place location, Station station, Dictionary<string, Place> stations)
    {
        var place = new Place(location.Ordinal, location.Location, station);
        if (stations.TryAdd(station.Id, place))
        {
            ByStationId.Add(station.Id, place);
        }
        return stations[station.Id];
    }

    private static List<Location> Current(IEnumerable<Location> inLoadingOrder)
    {
        var current = new List<Location>();
        foreach (var sameId in inLoadingOrder.GroupBy(location => location.Id, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            var byPublisher = sameId.GroupBy(Publisher).ToList();
            var stated = byPublisher.Count(group => group.Key != NoPublisher);
            if (stated <= 1)
            {
                current.Add(Newest(sameId));
            }
            else
            {
                current.AddRange(byPublisher.OrderBy(group => group.Key, StringComparer.Ordinal).Select(Newest));
            }
        }
        return current;
    }

    // Country and party codes are case-insensitive in OCPI.
    private static string Publisher(Location location) =>
        location.CountryCode is null && location.PartyId is null
            ? NoPublisher
            : $"{location.CountryCode}*{location.PartyId}".ToUpperInvariant();

    private static Location Newest(IEnumerable<Location> inLoadingOrder) =>
        inLoadingOrder.Aggregate((best, next) => LastUpdated(next) >= LastUpdated(best) ? next : best);

    private static Instant LastUpdated(Location location) => location.LastUpdated ?? Instant.MinValue;

    /// <summary>Places by id, each id's in the order of their locations' ordinals because they are added so.</summary>
    internal sealed class PlacesById
    {
        private readonly Dictionary<string, List<Place>> _places = new(StringComparer.Ordinal);

        public void Add(string? id, Place place)
        {
            if (string.IsNullOrEmpty(id))
            {
                return;
            }
            if (!_places.TryGetValue(id, out var places))
            {
                _places.Add(id, places = new List<Place>(1));
            }
            places.Add(place);
        }

        public IdIndex<Place[]> Build() => new([.. _places.Select(pair => KeyValuePair.Create(pair.Key, pair.Value.ToArray()))]);
    }
}
