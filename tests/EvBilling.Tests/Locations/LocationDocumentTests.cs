using System.Text;
using EvBilling.Locations;
using NodaTime;

namespace EvBilling.Tests.Locations;

public class LocationDocumentTests
{
    private static IReadOnlyList<LocationEntry> Read(string json) => LocationDocument.Read(Encoding.UTF8.GetBytes(json));

    private static Location ReadOne(string json)
    {
        var entry = Assert.Single(Read(json));
        Assert.Null(entry.Error);
        return entry.Location!;
    }

    private static Connector ReadConnector(string connector) =>
        ReadOne($$"""{"id":"L","evses":[{"uid":"E","connectors":[{{connector}}]}]}""").Evses[0].Connectors[0];

    [Theory]
    [InlineData("""{"id":"A"}""", "A")]
    [InlineData("""[{"id":"A"},{"id":"B"}]""", "A,B")]
    [InlineData("""{"data":[{"id":"A"},{"id":"B"}],"status_code":1000}""", "A,B")]
    [InlineData("""{"status_code":1000,"data":{"id":"A"}}""", "A")]
    [InlineData("""{"content":[{"id":"A"}],"totalPages":1}""", "A")]
    [InlineData("""{"data":{"content":[{"id":"A"}]}}""", "A")]
    [InlineData("{\"id\":\"A\"}\n{\"id\":\"B\"}\n", "A,B")]
    [InlineData("{\"id\":\"A\"}\r\n\r\n{\"id\":\"B\"}", "A,B")]
    [InlineData("[{\"id\":\"A\"}]\n{\"data\":[{\"id\":\"B\"}]}", "A,B")]
    [InlineData("""{"id":"A","data":[{"id":"B"}]}""", "A")]
    [InlineData("\uFEFF{\"id\":\"A\"}", "A")]
    [InlineData("", "")]
    [InlineData(" \n", "")]
    [InlineData("[]", "")]
    [InlineData("""{"data":null}""", "")]
    [InlineData("""{"data":[]}""", "")]
    public void Object_list_envelope_page_and_lines_give_their_locations_in_order(string json, string ids) =>
        Assert.Equal(ids, string.Join(',', Read(json).Select(entry => entry.Location!.Id)));

    [Theory]
    [InlineData("""[ {"id":"A", "name":"é"} , {"id":"B"}]""", """{"id":"A", "name":"é"}""")]
    [InlineData("{\"id\":\"A\" }\n{\"id\":\"B\"}", "{\"id\":\"A\" }")]
    [InlineData("\uFEFF {\"id\":\"A\" }", "{\"id\":\"A\" }")]
    [InlineData("""{"data":[{"id" : "A"}]}""", """{"id" : "A"}""")]
    public void An_entry_keeps_the_json_of_its_one_location(string json, string expected)
    {
        var entry = Read(json)[0];
        Assert.Equal(expected, Encoding.UTF8.GetString(entry.Json.Span));
        Assert.Equal(expected, Encoding.UTF8.GetString(entry.Location!.Json.Span));
    }

    [Theory]
    [InlineData("hello", 1, 1)]
    [InlineData("{\"id\":\"A\"}\n{\"id\":}", 2, 7)]
    [InlineData("{\"id\":\"A\"}\n\n{\"id\":\"B\"", 3, 10)]
    [InlineData("[{\"id\":\"A\"},]", 1, 13)]
    [InlineData("id,name\nA,Gent", 1, 1)]
    public void A_document_that_is_not_json_is_refused_with_line_and_byte(string json, long line, long byteInLine)
    {
        var e = Assert.Throws<LocationDocumentException>(() => Read(json));
        Assert.Equal((line, byteInLine), (e.Line, e.ByteInLine));
        Assert.StartsWith($"Line {line}, byte {byteInLine}: ", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", "/id")]
    [InlineData("""{"id":null}""", "/id")]
    [InlineData("""{"id":"  "}""", "/id")]
    [InlineData("""{"id":{}}""", "/id")]
    [InlineData("7", "")]
    [InlineData("""["A"]""", "")]
    [InlineData("[[]]", "")]
    [InlineData("""{"id":"\ud800"}""", "")]
    [InlineData("""{"id":"A","\ud800":1}""", "")]
    [InlineData("""{"\ud800":1}""", "")]
    public void A_location_that_cannot_be_used_is_an_error_with_its_path_and_not_the_end_of_reading(string json, string path)
    {
        var entries = Read(json + "\n{\"id\":\"B\"}");
        Assert.Equal(2, entries.Count);
        Assert.Equal(path, entries[0].Error!.Path);
        Assert.Null(entries[0].Location);
        Assert.Equal("B", entries[1].Location!.Id);
    }

    [Fact]
    public void Bytes_that_are_no_utf8_in_a_text_are_an_error_of_that_location()
    {
        byte[] json = [.. "{\"id\":\""u8, 0xFF, .. "\"}"u8];
        Assert.NotNull(Assert.Single(LocationDocument.Read(json)).Error);
    }

    [Fact]
    public void Every_member_that_a_cdr_needs_is_read()
    {
        var location = ReadOne("""
            {"country_code":"BE","party_id":"BEC","id":"LOC1","name":"Gent Zuid","address":"F.Rooseveltlaan 3A","city":"Gent","postal_code":"9000",
             "country":"BEL","coordinates":{"latitude":"51.047599","longitude":"3.729944"},"time_zone":"Europe/Brussels","last_updated":"2015-06-29T20:39:09Z",
             "tariff_ids":["L1"],"stations":[{"id":"S1","tariff_ids":["T1"]}],
             "evses":[{"uid":"3256","evse_id":"BE*BEC*E041503001","station_id":"S1","status":"AVAILABLE","tariff_ids":["E1"],
               "connectors":[{"id":"1","standard":"IEC_62196_T2","format":"CABLE","power_type":"AC_3_PHASE","max_voltage":220,"max_amperage":16,
                 "max_electric_power":11000,"tariff_ids":["11","12"]}]}]}
            """);
        Assert.Equal(
            ("LOC1", "BE", "BEC", "Gent Zuid", "F.Rooseveltlaan 3A", "Gent", "9000", "BEL"),
            (location.Id, location.CountryCode, location.PartyId, location.Name, location.Address, location.City, location.PostalCode, location.Country));
        Assert.Equal(new Coordinates("51.047599", "3.729944"), location.Coordinates);
        Assert.Equal(("Europe/Brussels", Instant.FromUtc(2015, 6, 29, 20, 39, 9)), (location.TimeZone, location.LastUpdated));
        Assert.Equal(["L1"], location.TariffIds);
        Assert.Equal("S1", Assert.Single(location.Stations).Id);
        Assert.Equal(["T1"], location.Stations[0].TariffIds);
        var evse = Assert.Single(location.Evses);
        Assert.Equal(("3256", "BE*BEC*E041503001", "S1", false), (evse.Uid, evse.EvseId, evse.StationId, evse.Removed));
        Assert.Equal(["E1"], evse.TariffIds);
        var connector = Assert.Single(evse.Connectors);
        Assert.Equal(
            ("1", "IEC_62196_T2", "CABLE", "AC_3_PHASE", 220, 16, 11000),
            (connector.Id, connector.Standard, connector.Format, connector.PowerType,
                connector.MaxVoltage, connector.MaxAmperage, connector.MaxElectricPowerW));
        Assert.Equal(["11", "12"], connector.TariffIds);
    }

    [Theory]
    [InlineData("""{"id":"L","evses":null,"tariff_ids":null,"stations":null,"time_zone":null,"last_updated":null,"coordinates":null,"name":null}""")]
    [InlineData("""{"id":"L","evses":[],"tariff_ids":[],"stations":[],"time_zone":"","unknown":{"a":[1]}}""")]
    public void Null_empty_and_unknown_members_count_as_absent_without_a_finding(string json)
    {
        var entry = Assert.Single(Read(json));
        Assert.Empty(entry.Findings);
        var location = entry.Location!;
        Assert.Equal((null, null, null, null), (location.TimeZone, location.LastUpdated, location.Coordinates, location.Name));
        Assert.True(location.Evses.IsEmpty && location.TariffIds.IsEmpty && location.Stations.IsEmpty);
    }

    [Theory]
    [InlineData("""{"id":1}""", "1")]
    [InlineData("""{"location_id":"A"}""", "A")]
    [InlineData("""{"locationId":"A","ocpiId":"B"}""", "B")]
    public void The_id_may_be_a_number_or_have_one_of_its_other_names(string json, string id) => Assert.Equal(id, ReadOne(json).Id);

    [Theory]
    [InlineData("11000", 11000)]
    [InlineData("\"11000\"", 11000)]
    [InlineData("\" 11000.0 \"", 11000)]
    [InlineData("1.1e4", 11000)]
    [InlineData("11000.2", 11001)]
    [InlineData("null", null)]
    [InlineData("\"\"", null)]
    public void Power_is_watts_however_the_number_is_written(string value, int? expected)
    {
        var entry = Assert.Single(Read($$"""{"id":"L","evses":[{"uid":"E","connectors":[{"id":"1","max_electric_power":{{value}}}]}]}"""));
        Assert.Equal(expected, entry.Location!.Evses[0].Connectors[0].MaxElectricPowerW);
        Assert.Empty(entry.Findings);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("\"11 kW\"")]
    [InlineData("3000000000")]
    [InlineData("1e99")]
    [InlineData("true")]
    [InlineData("[11000]")]
    public void Power_that_is_none_counts_as_not_stated_and_is_found(string value)
    {
        var entry = Assert.Single(Read($$"""{"id":"L","evses":[{"uid":"E","connectors":[{"id":"1"},{"id":"2","max_electric_power":{{value}}}]}]}"""));
        Assert.Null(entry.Location!.Evses[0].Connectors[1].MaxElectricPowerW);
        Assert.Equal("/evses/0/connectors/1/max_electric_power", Assert.Single(entry.Findings).Path);
    }

    [Fact]
    public void Power_is_never_derived_from_voltage_and_amperage()
    {
        var connector = ReadConnector("""{"id":"1","power_type":"ac_3_phase","voltage":230,"amperage":"16"}""");
        Assert.Equal((null, 230, 16, "AC_3_PHASE"), (connector.MaxElectricPowerW, connector.MaxVoltage, connector.MaxAmperage, connector.PowerType));
    }

    [Theory]
    [InlineData("""{"tariff_ids":["A","B"]}""", "A,B")]
    [InlineData("""{"tariff_ids":["A",null,"",7]}""", "A,7")]
    [InlineData("""{"tariff_ids":"A"}""", "A")]
    [InlineData("""{"tariff_id":"A"}""", "A")]
    [InlineData("""{"tariff_id":3}""", "3")]
    [InlineData("""{"tariff_id":"A","tariff_ids":["B"]}""", "B")]
    [InlineData("""{"tariff_id":"A","tariff_ids":[]}""", "A")]
    [InlineData("""{"tariff_id":"A","tariff_ids":null}""", "A")]
    [InlineData("""{"tariff_id":null}""", "")]
    [InlineData("""{"tariff_ids":[" * "]}""", " * ")]
    public void Tariff_ids_are_a_list_or_a_lone_id_and_taken_literally(string connector, string expected) =>
        Assert.Equal(expected, string.Join(',', ReadConnector(connector).TariffIds));

    [Fact]
    public void Evses_may_lie_within_their_station()
    {
        var location = ReadOne("""{"id":"L","evses":[{"uid":"1"}],"stations":[{"id":"S","evses":[{"uid":"2"}]},{"name":"no id"}]}""");
        Assert.Equal([(string?)null, "S"], location.Evses.Select(evse => evse.StationId));
        Assert.Equal(["S"], location.Stations.Select(station => station.Id));
    }

    [Theory]
    [InlineData("REMOVED", true)]
    [InlineData("removed", true)]
    [InlineData("AVAILABLE", false)]
    public void A_removed_evse_is_kept_and_marked(string status, bool removed) =>
        Assert.Equal(removed, ReadOne($$"""{"id":"L","evses":[{"uid":"1","status":"{{status}}"}]}""").Evses[0].Removed);

    [Theory]
    [InlineData("2026-06-07T16:25:39Z", 39)]
    [InlineData("2026-06-07T18:25:39+02:00", 39)]
    [InlineData("2026-06-07T16:25:39", 39)]
    [InlineData("2026-06-07T16:25:39.000Z", 39)]
    public void A_time_without_a_zone_is_utc(string text, int second) =>
        Assert.Equal(Instant.FromUtc(2026, 6, 7, 16, 25, second), ReadOne($$"""{"id":"L","last_updated":"{{text}}"}""").LastUpdated);

    [Theory]
    [InlineData("""{"id":"L","time_zone":"NL"}""", "/time_zone")]
    [InlineData("""{"id":"L","last_updated":"yesterday"}""", "/last_updated")]
    [InlineData("""{"id":"L","evses":{}}""", "/evses")]
    [InlineData("""{"id":"L","evses":[1]}""", "/evses/0")]
    [InlineData("""{"id":"L","name":[]}""", "/name")]
    [InlineData("""{"id":"L","stations":[{}]}""", "/stations/0/id")]
    [InlineData("""{"id":"L","evses":[{"tariff_ids":[{}]}]}""", "/evses/0/tariff_ids")]
    public void What_is_not_understood_counts_as_absent_and_is_found_with_its_path(string json, string path)
    {
        var entry = Assert.Single(Read(json));
        Assert.NotNull(entry.Location);
        Assert.Equal(path, Assert.Single(entry.Findings).Path);
    }

    [Fact]
    public void Every_location_of_the_dutch_access_point_is_read()
    {
        var entries = LocationDocument.Read(SharedData.Read("tariffs/ndw_nl_locations_sample_20260607.jsonl.xz"));
        Assert.Equal(2546, entries.Count);
        Assert.All(entries, entry => Assert.Null(entry.Error));
        Assert.All(entries, entry => Assert.Empty(entry.Findings));
        var locations = entries.Select(entry => entry.Location!).ToList();
        Assert.All(locations, location => Assert.True(location is { PostalCode: not null, Coordinates: not null, LastUpdated: not null, Country: "NLD" }));
        var connectors = locations.SelectMany(location => location.Evses).SelectMany(evse => evse.Connectors).ToList();
        Assert.Equal((6342, 6390), (locations.Sum(location => location.Evses.Length), connectors.Count));
        Assert.Equal(4736, connectors.Sum(connector => connector.TariffIds.Length));
        Assert.Equal(4263, connectors.Count(connector => connector.MaxElectricPowerW is not null));
        Assert.Equal(40, locations.SelectMany(location => location.Evses).Count(evse => evse.Removed));
    }

    [Theory]
    [InlineData("tariffs/ndw_receiver_test_data/locations/small-locations.json", 1)]
    [InlineData("tariffs/ndw_receiver_test_data/locations/small-page-locations-0.json", 1)]
    [InlineData("tariffs/ndw_receiver_test_data/locations/small-page-locations-1.json", 1)]
    [InlineData("tariffs/ndw_receiver_test_data/locations/small-page-locations-total-pages.json", 1)]
    [InlineData("tariffs/ndw_receiver_test_data/mapper-test-objects/test-location.json", 1)]
    [InlineData("tariffs/ndw_receiver_test_data/data-analyzer-test/test-location.json", 1)]
    [InlineData("cdrs/ocpi_examples_2.2.1/location_example.json", 1)]
    [InlineData("cdrs/ocpi_examples_2.2.1/location_example_parking_garage_opening_hours.json", 1)]
    [InlineData("cdrs/ocpi_examples_2.2.1/location_example_uc2_destination_charger.json", 1)]
    [InlineData("cdrs/ocpi_examples_2.2.1/location_example_uc3_destination_charger_not_published.json", 1)]
    [InlineData("cdrs/ocpi_examples_2.2.1/location_example_uc4_limited_visibility.json", 1)]
    [InlineData("cdrs/ocpi_examples_2.2.1/location_example_uc5_home_charge_point.json", 1)]
    public void Samples_of_others_are_read(string path, int atLeast)
    {
        var entries = LocationDocument.Read(SharedData.Read(path));
        Assert.True(entries.Count >= atLeast);
        Assert.All(entries, entry => Assert.Null(entry.Error));
        Assert.All(entries, entry => Assert.All(entry.Location!.Evses, evse => Assert.NotNull(evse.Uid)));
    }
}
