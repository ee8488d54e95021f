using System.Text.Json;
using NodaTime;

namespace EvBilling.Simulator;

/// <summary>The fleet's sites as OCPI 2.2.1 locations.</summary>
internal static class FleetLocations
{
    private const int BytesBeforeFlush = 64 * 1024;
    private const int MicroDegrees = 1_000_000;

    public static void Write(Site[] sites, Instant lastUpdated, Stream to)
    {
        var timestamps = default(TimestampFormatter);
        Span<byte> buffer = stackalloc byte[FleetIds.BytesMax];
        var updated = new Utf8Cursor(buffer);
        timestamps.Append(ref updated, lastUpdated.ToUnixTimeSeconds());
        using var json = new Utf8JsonWriter(to);
        json.WriteStartArray();
        foreach (var site in sites)
        {
            Write(json, site, buffer[..updated.Length]);
            if (json.BytesPending > BytesBeforeFlush)
            {
                json.Flush();
            }
        }

        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, Site site, ReadOnlySpan<byte> lastUpdated)
    {
        Span<byte> buffer = stackalloc byte[FleetIds.BytesMax];
        var id = new Utf8Cursor(buffer);
        FleetIds.AppendLocation(ref id, site);
        json.WriteStartObject();
        json.WriteString("country_code", site.Place.CountryCode);
        json.WriteString("party_id", FleetIds.PartyId);
        json.WriteString("id", buffer[..id.Length]);
        json.WriteBoolean("publish", true);
        json.WriteString("name", $"{site.Place.City} {site.Street}");
        json.WriteString("address", $"{site.Street} {site.HouseNumber}");
        json.WriteString("city", site.Place.City);
        json.WriteString("country", site.Place.Country);
        json.WriteStartObject("coordinates");
        json.WriteString("latitude", Degrees(site.LatitudeMicroDegrees));
        json.WriteString("longitude", Degrees(site.LongitudeMicroDegrees));
        json.WriteEndObject();
        json.WriteStartArray("evses");
        for (int number = site.FirstStation + 1; number <= site.FirstStation + site.Stations; number++)
        {
            WriteEvse(json, site, number, lastUpdated);
        }

        json.WriteEndArray();
        json.WriteString("time_zone", site.Place.TimeZone);
        json.WriteString("last_updated", lastUpdated);
        json.WriteEndObject();
    }

    private static void WriteEvse(Utf8JsonWriter json, Site site, int stationNumber, ReadOnlySpan<byte> lastUpdated)
    {
        Span<byte> buffer = stackalloc byte[FleetIds.BytesMax];
        var station = new Utf8Cursor(buffer);
        FleetIds.AppendStation(ref station, stationNumber);
        int stationLength = station.Length;
        station.Append("-1"u8);
        json.WriteStartObject();
        json.WriteString("uid", buffer[..station.Length]);
        json.WriteString("station_id", buffer[..stationLength]);
        var evse = new Utf8Cursor(buffer);
        FleetIds.AppendEvse(ref evse, site, stationNumber);
        json.WriteString("evse_id", buffer[..evse.Length]);
        json.WriteString("status", "AVAILABLE");
        json.WriteStartArray("connectors");
        WriteConnector(json, site.Profile.Connector, lastUpdated);
        json.WriteEndArray();
        json.WriteString("last_updated", lastUpdated);
        json.WriteEndObject();
    }

    private static void WriteConnector(Utf8JsonWriter json, ConnectorType type, ReadOnlySpan<byte> lastUpdated)
    {
        json.WriteStartObject();
        json.WriteString("id", "1");
        json.WriteString("standard", type.Standard);
        json.WriteString("format", type.Format);
        json.WriteString("power_type", type.PowerType);
        json.WriteNumber("max_voltage", type.MaxVoltageV);
        json.WriteNumber("max_amperage", type.MaxAmperageA);
        json.WriteNumber("max_electric_power", type.MaxPowerW);
        json.WriteStartArray("tariff_ids");
        json.WriteStringValue(type.TariffId);
        json.WriteEndArray();
        json.WriteString("last_updated", lastUpdated);
        json.WriteEndObject();
    }

    private static string Degrees(int microDegrees)
    {
        string sign = microDegrees < 0 ? "-" : string.Empty;
        (int whole, int micro) = Math.DivRem(Math.Abs(microDegrees), MicroDegrees);
        return $"{sign}{whole}.{micro:D6}";
    }
}
