using System.Collections.Immutable;
using System.Text.Json;

namespace EvBilling.Locations;

/// <summary>One JSON object to one <see cref="Location"/>; the names it knows stand at <see cref="LocationDocument"/>.</summary>
internal static class LocationReader
{
    public static LocationEntry Read(JsonElement value, ReadOnlyMemory<byte> json)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return Refused(json, "", "This is no JSON object.");
        }
        var members = new LenientMembers();
        try
        {
            return ReadLocation(value, json, members) is { } location
                ? new LocationEntry { Json = json, Location = location, Findings = members.Findings }
                : Refused(json, "/id", "A location needs an id.");
        }
        catch (InvalidOperationException)
        {
            // System.Text.Json looks at a text's bytes and escapes only when the text is asked for, and throws this if they are no Unicode.
            return Refused(json, "", "A text in it is not valid Unicode.");
        }
    }

    private static LocationEntry Refused(ReadOnlyMemory<byte> json, string path, string message) =>
        new() { Json = json, Error = new LocationProblem(path, message) };

    private static Location? ReadLocation(JsonElement value, ReadOnlyMemory<byte> json, LenientMembers members)
    {
        if (members.Text(value, "", "id", "location_id", "ocpiId", "locationId") is not { } id)
        {
            return null;
        }
        var evses = ImmutableArray.CreateBuilder<Evse>();
        foreach (var (element, path) in members.Objects(value, "", "evses"))
        {
            evses.Add(ReadEvse(element, path, null, members));
        }
        var stations = ReadStations(value, evses, members);
        return new Location
        {
            Id = id,
            CountryCode = members.Text(value, "", "country_code"),
            PartyId = members.Text(value, "", "party_id"),
            Name = members.Text(value, "", "name"),
            Address = members.Text(value, "", "address"),
            City = members.Text(value, "", "city"),
            PostalCode = members.Text(value, "", "postal_code", "postalCode"),
            Country = members.Text(value, "", "country"),
            Coordinates = ReadCoordinates(value, members),
            TimeZone = ReadTimeZone(value, members),
            TariffIds = members.TariffIds(value, ""),
            Stations = stations,
            Evses = evses.ToImmutable(),
            LastUpdated = members.Time(value, "", "last_updated", "lastUpdated"),
            Json = json,
        };
    }

    /// <summary><c>stations</c>: [{id, tariff_ids, evses}]; EVSEs may lie within their station or name it by <c>station_id</c>.</summary>
    private static ImmutableArray<Station> ReadStations(JsonElement location, ImmutableArray<Evse>.Builder evses, LenientMembers members)
    {
        var stations = ImmutableArray.CreateBuilder<Station>();
        foreach (var (element, path) in members.Objects(location, "", "stations"))
        {
            if (members.Text(element, path, "id", "station_id") is not { } id)
            {
                members.Note($"{path}/id", "A station needs an id; left out.");
                continue;
            }
            stations.Add(new Station(id, members.TariffIds(element, path)));
            foreach (var (evse, evsePath) in members.Objects(element, path, "evses"))
            {
                evses.Add(ReadEvse(evse, evsePath, id, members));
            }
        }
        return stations.ToImmutable();
    }

    private static Evse ReadEvse(JsonElement value, string path, string? stationId, LenientMembers members)
    {
        var connectors = ImmutableArray.CreateBuilder<Connector>();
        foreach (var (element, connectorPath) in members.Objects(value, path, "connectors"))
        {
            connectors.Add(ReadConnector(element, connectorPath, members));
        }
        return new Evse
        {
            Uid = members.Text(value, path, "uid"),
            EvseId = members.Text(value, path, "evse_id"),
            StationId = stationId ?? members.Text(value, path, "station_id"),
            Removed = members.EnumValue(value, path, "status") == "REMOVED",
            TariffIds = members.TariffIds(value, path),
            Connectors = connectors.ToImmutable(),
        };
    }

    private static Connector ReadConnector(JsonElement value, string path, LenientMembers members) => new()
    {
        Id = members.Text(value, path, "id"),
        Standard = members.EnumValue(value, path, "standard"),
        Format = members.EnumValue(value, path, "format"),
        PowerType = members.EnumValue(value, path, "power_type"),
        MaxElectricPowerW = members.Bound(value, path, "max_electric_power"),
        MaxVoltage = members.Bound(value, path, "max_voltage", "voltage"),
        MaxAmperage = members.Bound(value, path, "max_amperage", "amperage"),
        TariffIds = members.TariffIds(value, path),
    };

    private static Coordinates? ReadCoordinates(JsonElement location, LenientMembers members)
    {
        var (holder, path) = location.TryGetProperty("coordinates", out var own) && own.ValueKind == JsonValueKind.Object
            ? (own, "/coordinates")
            : (location, "");
        return members.Text(holder, path, "latitude") is { } latitude && members.Text(holder, path, "longitude") is { } longitude
            ? new Coordinates(latitude, longitude)
            : null;
    }

    private static string? ReadTimeZone(JsonElement location, LenientMembers members)
    {
        var id = members.Text(location, "", "time_zone");
        if (id is not null && TimeZoneChooser.FindZone(id) is null)
        {
            members.Note("/time_zone", $"'{id}' is no IANA time zone; a bill here that needs local time is held.");
        }
        return id;
    }
}
