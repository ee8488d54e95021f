using System.Text.Json;
using System.Text.RegularExpressions;
using EvBilling.Simulator;
using NodaTime;

namespace EvBilling.Tests.Simulator;

public sealed partial class LocationsTests
{
    private static readonly SimulationOptions Fleet = SeenFleet.FaultlessWeek.Options;

    /// <summary>What a location says about a station's only connector.</summary>
    internal sealed record Connector(string LocationId, string EvseId, long MaxPowerW, string TariffId);

    internal static Dictionary<string, Connector> ConnectorsOf(SimulationOptions options)
    {
        using var document = JsonDocument.Parse(new FleetSimulation(options).LocationsJson());
        return document.RootElement.EnumerateArray()
            .SelectMany(
                location => location.GetProperty("evses").EnumerateArray(),
                (location, evse) => (location, evse, connector: evse.GetProperty("connectors")[0]))
            .ToDictionary(
                at => at.evse.GetProperty("station_id").GetString()!,
                at => new Connector(
                    at.location.GetProperty("id").GetString()!,
                    at.evse.GetProperty("evse_id").GetString()!,
                    at.connector.GetProperty("max_electric_power").GetInt64(),
                    at.connector.GetProperty("tariff_ids")[0].GetString()!));
    }

    [Fact]
    public void Every_event_comes_from_a_station_that_the_locations_name()
    {
        var connectors = ConnectorsOf(Fleet);
        Assert.Equal(Fleet.Stations, connectors.Count);
        Assert.All(SeenFleet.FaultlessWeek.Events, e =>
        {
            var connector = connectors[e.Station];
            Assert.Contains($"\"location_id\":\"{connector.LocationId}\"", e.Line, StringComparison.Ordinal);
            Assert.Contains($"\"evse_id\":\"{connector.EvseId}\"", e.Line, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void A_location_has_all_that_OCPI_requires()
    {
        using var document = JsonDocument.Parse(new FleetSimulation(Fleet).LocationsJson());
        Assert.All(document.RootElement.EnumerateArray(), location =>
        {
            Assert.Matches("^[A-Z]{2}$", Text(location, "country_code"));
            Assert.Equal("EVB", Text(location, "party_id"));
            Assert.InRange(Text(location, "id").Length, 1, 36);
            Assert.True(location.GetProperty("publish").GetBoolean());
            Assert.InRange(Text(location, "address").Length, 1, 45);
            Assert.InRange(Text(location, "city").Length, 1, 45);
            Assert.Matches("^[A-Z]{3}$", Text(location, "country"));
            Assert.Matches(Latitude(), Text(location.GetProperty("coordinates"), "latitude"));
            Assert.Matches(Longitude(), Text(location.GetProperty("coordinates"), "longitude"));
            Assert.NotNull(DateTimeZoneProviders.Tzdb.GetZoneOrNull(Text(location, "time_zone")));
            Assert.Equal("2026-01-05T00:00:00Z", Text(location, "last_updated"));
            Assert.InRange(location.GetProperty("evses").GetArrayLength(), 1, 12);
            Assert.All(location.GetProperty("evses").EnumerateArray(), AssertEvse);
        });
    }

    [Fact]
    public void The_largest_fleet_still_has_legal_ids()
    {
        Span<byte> buffer = stackalloc byte[FleetIds.BytesMax];
        var evse = new Utf8Cursor(buffer);
        var site = SitePlan.Deal(5, 1)[0];
        FleetIds.AppendEvse(ref evse, site, SimulationOptions.StationsMax);
        Assert.Equal(17, evse.Length);
        Assert.EndsWith("*EVB*E1000000*1", System.Text.Encoding.ASCII.GetString(buffer[..evse.Length]), StringComparison.Ordinal);
    }

    [Fact]
    public void Locations_are_the_same_for_every_shard() =>
        Assert.Equal(new FleetSimulation(Fleet).LocationsJson(), new FleetSimulation(Fleet with { Shards = 4, Shard = 3 }).LocationsJson());

    [Fact]
    public void Every_connectors_tariff_is_among_the_tariffs()
    {
        using var document = JsonDocument.Parse(new FleetSimulation(Fleet).TariffsJson());
        var ids = document.RootElement.EnumerateArray().Select(tariff => Text(tariff, "id")).Order(StringComparer.Ordinal);
        Assert.Equal(ConnectorsOf(Fleet).Values.Select(c => c.TariffId).Distinct().Order(StringComparer.Ordinal), ids);
    }

    [Fact]
    public void A_tariff_has_all_that_OCPI_requires_and_no_restriction()
    {
        using var document = JsonDocument.Parse(new FleetSimulation(Fleet).TariffsJson());
        Assert.All(document.RootElement.EnumerateArray(), tariff =>
        {
            Assert.Equal(("NL", "EVB", "EUR"), (Text(tariff, "country_code"), Text(tariff, "party_id"), Text(tariff, "currency")));
            Assert.Equal("2026-01-05T00:00:00Z", Text(tariff, "last_updated"));
            Assert.NotEmpty(tariff.GetProperty("elements").EnumerateArray());
            Assert.All(tariff.GetProperty("elements").EnumerateArray(), element =>
            {
                Assert.Equal(["price_components"], element.EnumerateObject().Select(member => member.Name));
                var component = Assert.Single(element.GetProperty("price_components").EnumerateArray());
                Assert.Contains(Text(component, "type"), new[] { "ENERGY", "TIME", "PARKING_TIME", "FLAT" });
                Assert.True(component.GetProperty("price").GetDecimal() > 0m);
                Assert.Equal(21m, component.GetProperty("vat").GetDecimal());
                Assert.True(component.GetProperty("step_size").GetInt32() >= 1);
            });
        });
    }

    private static void AssertEvse(JsonElement evse)
    {
        Assert.InRange(Text(evse, "uid").Length, 1, 36);
        Assert.Matches("^[A-Z]{2}\\*EVB\\*E[0-9]{6,7}\\*1$", Text(evse, "evse_id"));
        Assert.Equal("AVAILABLE", Text(evse, "status"));
        Assert.Equal("2026-01-05T00:00:00Z", Text(evse, "last_updated"));
        var connector = Assert.Single(evse.GetProperty("connectors").EnumerateArray());
        Assert.Equal("1", Text(connector, "id"));
        Assert.Contains(Text(connector, "standard"), new[] { "IEC_62196_T2", "IEC_62196_T2_COMBO" });
        Assert.Contains(Text(connector, "format"), new[] { "SOCKET", "CABLE" });
        Assert.Contains(Text(connector, "power_type"), new[] { "AC_1_PHASE", "DC" });
        Assert.True(connector.GetProperty("max_voltage").GetInt32() > 0);
        Assert.True(connector.GetProperty("max_amperage").GetInt32() > 0);
        Assert.Equal("2026-01-05T00:00:00Z", Text(connector, "last_updated"));
    }

    private static string Text(JsonElement element, string member) => element.GetProperty(member).GetString()!;

    [GeneratedRegex("^-?[0-9]{1,2}\\.[0-9]{5,7}$")]
    private static partial Regex Latitude();

    [GeneratedRegex("^-?[0-9]{1,3}\\.[0-9]{5,7}$")]
    private static partial Regex Longitude();
}
