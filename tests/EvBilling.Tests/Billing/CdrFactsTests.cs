using EvBilling.Billing.Ocpi;
using EvBilling.Locations;
using static EvBilling.Tests.Billing.Given;

namespace EvBilling.Tests.Billing;

public sealed class CdrFactsTests
{
    private static readonly LocationBook NoEvse = new(LocationDocument.Read(Utf8("""
        {"id":"LOC-1","country_code":"NL","party_id":"EVB","address":"a","city":"c","country":"NL","coordinates":{"latitude":"1","longitude":"2"}}
        """)).Select(entry => entry.Location!));

    private static readonly string[] Cities = ["the location's city"];

    [Theory]
    [InlineData("\"address\":\"Mahlerlaan 1\",", "the location's address")]
    [InlineData("\"city\":\"Amsterdam\",", "the location's city")]
    [InlineData("\"country\":\"NLD\",", "the location's country (ISO 3166-1)")]
    [InlineData("\"longitude\":\"4.8719\"", "the location's coordinates")]
    [InlineData("\"evse_id\":\"NL*EVB*E1\",", "the EVSE's evse_id")]
    [InlineData("\"id\":\"1\",", "the connector's id")]
    [InlineData("\"standard\":\"IEC_62196_T2\",", "the connector's standard (one of OCPI 2.2.1)")]
    [InlineData("\"format\":\"SOCKET\",", "the connector's format")]
    [InlineData("\"power_type\":\"AC_3_PHASE\",", "the connector's power_type")]
    [InlineData("\"uid\":\"3256\",", "")]
    [InlineData("\"name\":\"Zuidas\",", "")]
    [InlineData("\"postal_code\":\"1082 MS\",", "")]
    public void A_location_without_it_lacks_it(string member, string missing)
    {
        Assert.Contains(member, LocationJson.ReplaceLineEndings(""), StringComparison.Ordinal);
        var location = LocationJson.ReplaceLineEndings("").Replace(member, "", StringComparison.Ordinal).Replace(",}", "}", StringComparison.Ordinal);
        var by = new Billed(Utf8(TariffJson), Utf8(location));
        var bill = by.Bill("S", Hour_of_charging_and_half_an_hour_of_parking
            .Select(line => line.Replace("\"evse_id\":\"NL*EVB*E1\",\"connector_id\":\"1\",", "", StringComparison.Ordinal)));
        Assert.Equal(missing, string.Join("; ", CdrWriter.MissingFacts(bill, by.Facts(bill))));
    }

    [Fact]
    public void What_is_not_known_at_all_is_named_once()
    {
        var nowhere = new Billed(Utf8("""{"id":"T1","currency":"EUR","elements":[{"price_components":[{"type":"ENERGY","price":0.4}]}]}"""));
        Assert.Equal(
            [
                "the operator's country_code (of the location or the tariff)", "the operator's party_id (of the location or the tariff)",
                "the token (token_id)", "the location (location_id LOC-1)", "the tariff's last_updated",
            ],
            CdrWriter.MissingFacts(Bill(tokenId: null), nowhere.Facts(Bill()) with { TariffJson = Utf8("""{"id":"T1"}""") }));
    }

    [Fact]
    public void An_EVSE_or_a_connector_that_cannot_be_told_is_named()
    {
        var two = new Billed(Utf8(TariffJson), Utf8(LocationJson.Replace(
            "\"connectors\":[", """
            "connectors":[{"id":"2","standard":"CHADEMO","format":"CABLE","power_type":"DC"},
            """, StringComparison.Ordinal)));
        Assert.Equal(["the EVSE's connector (no connector_id is stated)"], CdrWriter.MissingFacts(Bill(), two.Facts(Bill())));
        var stranger = Bill(evseId: null);
        var facts = two.Facts(stranger) with { Place = NoEvse.Find("LOC-1", null, null, null) };
        Assert.Equal(["the EVSE (no station_id is stated)"], CdrWriter.MissingFacts(stranger, facts));
    }

    [Theory]
    [InlineData("\"country_code\":\"NL\",", "\"country_code\":\"be\",", "BE EVB")]
    [InlineData("\"party_id\":\"EVB\",", "", "BE TNM")]
    [InlineData("\"party_id\":\"EVB\",", "\"party_id\":\"EVBILLING\",", "BE TNM")]
    public void The_operator_is_the_locations_publisher_else_the_tariffs_never_a_mixture(string member, string instead, string operatorIs)
    {
        var tariff = TariffJson.Replace("\"NL\",\"party_id\":\"EVB\"", "\"BE\",\"party_id\":\"TNM\"", StringComparison.Ordinal);
        var cdr = new Billed(Utf8(tariff), Utf8(LocationJson.Replace(member, instead, StringComparison.Ordinal))).Cdr(Bill());
        Assert.Equal(operatorIs, $"{cdr.GetProperty("country_code")} {cdr.GetProperty("party_id")}");
    }

    [Fact]
    public void A_simulated_fleet_lacks_nothing()
    {
        var (by, bills) = Billed.FieldWeek;
        Assert.All(bills, bill => Assert.Empty(CdrWriter.MissingFacts(bill, by.Facts(bill))));
    }

    [Fact]
    public void Without_its_facts_nothing_of_a_cdr_is_written()
    {
        var location = LocationJson.Replace("\"city\":\"Amsterdam\",", "", StringComparison.Ordinal);
        var json = new System.Buffers.ArrayBufferWriter<byte>();
        using var writer = new System.Text.Json.Utf8JsonWriter(json);
        Assert.False(CdrWriter.TryWrite(writer, new CdrItem(Bill(), false), new Billed(Utf8(TariffJson), Utf8(location)).Facts(Bill()), out var missing));
        Assert.Equal(Cities, missing);
        Assert.Equal(0, writer.BytesPending + writer.BytesCommitted);
    }

    [Fact]
    public void Placeholders_stand_for_all_that_is_missing()
    {
        var bill = Bill(tokenId: null);
        var cdr = Billed.Written(new CdrItem(bill, false), new CdrFacts { LastUpdated = Billed.At, Placeholders = true });
        Assert.Equal("ZZ ZZZ", $"{cdr.GetProperty("country_code")} {cdr.GetProperty("party_id")}");
        Assert.Equal(
            """{"country_code":"ZZ","party_id":"ZZZ","uid":"UNKNOWN","type":"OTHER","contract_id":"UNKNOWN"}""", cdr.GetProperty("cdr_token").GetRawText());
        Assert.Equal(
            CdrWriterTests.Compact("""
                {"id":"LOC-1","address":"UNKNOWN","city":"UNKNOWN","country":"ZZZ","coordinates":{"latitude":"0.00000","longitude":"0.00000"},
                "evse_uid":"NL*EVB*E1","evse_id":"NL*EVB*E1","connector_id":"UNKNOWN",
                "connector_standard":"IEC_62196_T2","connector_format":"SOCKET","connector_power_type":"AC_3_PHASE"}
                """),
            cdr.GetProperty("cdr_location").GetRawText());
        Assert.False(cdr.TryGetProperty("tariffs", out _));
    }

    [Fact]
    public void Placeholders_change_nothing_where_nothing_is_missing() => Assert.Equal(
        Operator.Cdr(Bill()).GetRawText(), Operator.Cdr(Bill(), change: facts => facts with { Placeholders = true }).GetRawText());

    [Theory]
    [InlineData("52.370216123", "52.370216")]
    [InlineData("-52.1234567", "-52.123457")]
    [InlineData("4.1", "4.10000")]
    [InlineData("90", "90.00000")]
    [InlineData("-0.00000001", "0.00000")]
    public void Coordinates_have_five_or_six_decimals(string published, string written)
    {
        var cdr = new Billed(Utf8(TariffJson), Utf8(LocationJson.Replace("52.33857", published, StringComparison.Ordinal))).Cdr(Bill());
        Assert.Equal(written, cdr.GetProperty("cdr_location").GetProperty("coordinates").GetProperty("latitude").GetString());
    }
}
