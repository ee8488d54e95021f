using System.Text.Json;
using EvBilling.Billing;
using EvBilling.Billing.Ocpi;
using EvBilling.Locations;
using EvBilling.Rating;
using NodaTime;
using static EvBilling.Tests.Billing.Given;

namespace EvBilling.Tests.Billing;

public sealed class CdrWriterTests
{
    private const long Second = 1_000_000_000;

    private static readonly Bill Ninety_minutes = Operator.Bill("S", Hour_of_charging_and_half_an_hour_of_parking);

    [Fact]
    public void A_cdr_states_the_session_its_place_its_periods_and_its_costs()
    {
        var cdr = Operator.Cdr(Ninety_minutes);
        var expected = """
            {"country_code":"NL","party_id":"EVB","id":"S-1","start_date_time":"2026-01-05T08:00:00Z","end_date_time":"2026-01-05T09:30:00Z","session_id":"S",
            "cdr_token":{"country_code":"NL","party_id":"EVB","uid":"04A1B2C3D4E5F6","type":"OTHER","contract_id":"04A1B2C3D4E5F6"},"auth_method":"WHITELIST",
            "cdr_location":{"id":"LOC-1","name":"Zuidas","address":"Mahlerlaan 1","city":"Amsterdam","postal_code":"1082 MS","country":"NLD",
            "coordinates":{"latitude":"52.33857","longitude":"4.87190"},"evse_uid":"3256","evse_id":"NL*EVB*E1","connector_id":"1",
            "connector_standard":"IEC_62196_T2","connector_format":"SOCKET","connector_power_type":"AC_3_PHASE"},"currency":"EUR",
            "tariffs":[TARIFF],
            "charging_periods":[
            {"start_date_time":"2026-01-05T08:00:00Z","dimensions":[{"type":"ENERGY","volume":10},{"type":"TIME","volume":1}],"tariff_id":"T1"},
            {"start_date_time":"2026-01-05T09:00:00Z","dimensions":[{"type":"ENERGY","volume":0},{"type":"PARKING_TIME","volume":0.5}],"tariff_id":"T1"}],
            "total_cost":{"excl_vat":6.2,"incl_vat":7.5},"total_fixed_cost":{"excl_vat":0.5,"incl_vat":0.61},"total_energy":10,
            "total_energy_cost":{"excl_vat":4.2,"incl_vat":5.08},"total_time":1.5,"total_parking_time":0.5,
            "total_parking_cost":{"excl_vat":1.5,"incl_vat":1.81},
            "last_updated":"2026-02-01T03:04:05Z"}
            """.Replace("TARIFF", TariffJson, StringComparison.Ordinal);
        Assert.Equal(Compact(expected), cdr.GetRawText());
    }

    [Fact]
    public void Of_a_credit_cdr_only_total_cost_is_negative()
    {
        var original = Operator.Cdr(Ninety_minutes);
        var credit = Operator.Cdr(Ninety_minutes, isCredit: true);
        Assert.Equal("S-1-C", credit.GetProperty("id").GetString());
        Assert.True(credit.GetProperty("credit").GetBoolean());
        Assert.Equal("S-1", credit.GetProperty("credit_reference_id").GetString());
        Assert.Equal("""{"excl_vat":-6.2,"incl_vat":-7.5}""", credit.GetProperty("total_cost").GetRawText());
        Assert.All(
            original.EnumerateObject().Where(member => member.Name is not ("id" or "total_cost")),
            member => Assert.Equal(member.Value.GetRawText(), credit.GetProperty(member.Name).GetRawText()));
        Assert.False(original.TryGetProperty("credit", out _));
    }

    [Fact]
    public void A_credit_of_nothing_is_zero_without_a_sign() =>
        Assert.Equal("""{"excl_vat":0,"incl_vat":0}""", Operator.Cdr(Bill(), isCredit: true).GetProperty("total_cost").GetRawText());

    [Fact]
    public void Costs_are_the_sums_of_the_rounded_lines_and_stand_only_for_what_was_priced()
    {
        var cdr = Operator.Cdr(Bill(lines: [Line("ENERGY", 1.11m, 0.23m), Line("TIME", 2.22m, 0.47m), Line("ENERGY", 3.33m, 0.70m)]));
        Assert.Equal("""{"excl_vat":4.44,"incl_vat":5.37}""", cdr.GetProperty("total_energy_cost").GetRawText());
        Assert.Equal("""{"excl_vat":2.22,"incl_vat":2.69}""", cdr.GetProperty("total_time_cost").GetRawText());
        Assert.False(cdr.TryGetProperty("total_fixed_cost", out _));
        Assert.False(cdr.TryGetProperty("total_parking_cost", out _));
    }

    [Fact]
    public void Where_the_vat_is_not_known_no_price_has_an_incl_vat()
    {
        var cdr = Operator.Cdr(Bill(lines: [Line("ENERGY", 1.10m, null)]));
        Assert.Equal("""{"excl_vat":1.1}""", cdr.GetProperty("total_cost").GetRawText());
        Assert.Equal("""{"excl_vat":1.1}""", cdr.GetProperty("total_energy_cost").GetRawText());
    }

    [Theory]
    [InlineData(600_000, "0.1667")]
    [InlineData(180, "0.0001")]
    [InlineData(7_199_999, "2")]
    public void Times_are_hours_with_four_decimals_rounded_to_the_nearest(long milliseconds, string hours)
    {
        var bill = Copy(Bill(), [new RatingPeriod(Start, 123_400, milliseconds * 1_000_000, 0)], Start + (milliseconds * 1_000_000));
        var cdr = Operator.Cdr(bill);
        Assert.Equal(
            $$"""[{"type":"ENERGY","volume":0.1234},{"type":"TIME","volume":{{hours}}}]""",
            cdr.GetProperty("charging_periods")[0].GetProperty("dimensions").GetRawText());
        Assert.Equal(hours, cdr.GetProperty("total_time").GetRawText());
    }

    [Fact]
    public void Total_time_is_from_start_to_end_and_parking_time_is_rounded_once()
    {
        // Three times a third of 0.0001 h, and waiting between: what is no PARKING_TIME is in total_time alone.
        var third = 120_000_000L;
        var bill = Copy(
            Bill(),
            [new(Start, 0, 0, third), new(Start + Second, 0, 0, 0), new(Start + (2 * Second), 0, 0, third), new(Start + (3 * Second), 0, 0, third)],
            Start + Hour);
        var cdr = Operator.Cdr(bill);
        Assert.Equal("1", cdr.GetProperty("total_time").GetRawText());
        Assert.Equal("0.0001", cdr.GetProperty("total_parking_time").GetRawText());
        Assert.Equal("""[{"type":"ENERGY","volume":0}]""", cdr.GetProperty("charging_periods")[1].GetProperty("dimensions").GetRawText());
    }

    [Fact]
    public void Times_of_day_have_milliseconds_at_most()
    {
        var bill = Copy(Bill(), [new(Start + 1_000_000, 0, Second, 0)], Start + Second + 1_400_000, Start + 600_000);
        var cdr = Operator.Cdr(bill);
        Assert.Equal("2026-01-05T08:00:00.001Z", cdr.GetProperty("start_date_time").GetString());
        Assert.Equal("2026-01-05T08:00:01.001Z", cdr.GetProperty("end_date_time").GetString());
    }

    [Theory]
    [InlineData("DE-8AC-C12E46L89", "DE", "8AC")]
    [InlineData("DE8ACC12E46L89", "DE", "8AC")]
    [InlineData("nl*tnm*012204*5", "NL", "TNM")]
    [InlineData("DEADBEEFC12345", "NL", "EVB")]
    [InlineData("DEADBEC1234567", "NL", "EVB")]
    [InlineData("04A1B2C3D4E5F6", "NL", "EVB")]
    [InlineData("ZZ-8AC-C12E46L89", "NL", "EVB")]
    public void A_token_is_the_operators_own_unless_it_is_an_ema_id(string token, string countryCode, string partyId)
    {
        var cdrToken = Operator.Cdr(Bill(tokenId: token)).GetProperty("cdr_token");
        Assert.Equal(
            (countryCode, partyId, token, token),
            (Text(cdrToken, "country_code"), Text(cdrToken, "party_id"), Text(cdrToken, "uid"), Text(cdrToken, "contract_id")));
    }

    [Fact]
    public void A_token_that_is_known_is_stated_as_its_issuer_has_it()
    {
        var token = new CdrToken("DE", "TNM", "012345678", "RFID", "DE8ACC12E46L89");
        var cdr = Operator.Cdr(Bill(), change: facts => facts with { Token = token, AuthMethod = "AUTH_REQUEST" });
        Assert.Equal(
            """{"country_code":"DE","party_id":"TNM","uid":"012345678","type":"RFID","contract_id":"DE8ACC12E46L89"}""",
            cdr.GetProperty("cdr_token").GetRawText());
        Assert.Equal("AUTH_REQUEST", Text(cdr, "auth_method"));
    }

    [Fact]
    public void Long_ids_are_cut_with_a_hash_and_long_texts_are_cut()
    {
        var longId = string.Concat(Enumerable.Repeat("0123456789", 6));
        var location = LocationJson.Replace("Mahlerlaan 1", new string('x', 44) + "😀", StringComparison.Ordinal)
            .Replace("3256", longId, StringComparison.Ordinal);
        var cdr = new Billed(Utf8(TariffJson), Utf8(location)).Cdr(Bill(sessionId: longId, tokenId: longId));
        Assert.Equal(OcpiId.Of(longId, 34) + "-1", Text(cdr, "id"));
        Assert.Equal(OcpiId.Of(longId, 36), Text(cdr, "session_id"));
        Assert.Equal(OcpiId.Of(longId, 36), Text(cdr.GetProperty("cdr_token"), "uid"));
        Assert.Equal(OcpiId.Of(longId, 36), Text(cdr.GetProperty("cdr_location"), "evse_uid"));
        Assert.Equal(new string('x', 44), Text(cdr.GetProperty("cdr_location"), "address"));
    }

    [Theory]
    [InlineData("IEC_60309_2_three_16", "cable", "ac_3_phase", "IEC_60309_2_three_16 CABLE AC_3_PHASE")]
    [InlineData("IEC_60309_2_THREE_16", "SOCKET", "DC", "IEC_60309_2_three_16 SOCKET DC")]
    public void Connectors_are_spelt_as_OCPI_spells_them(string standard, string format, string powerType, string expected)
    {
        var location = LocationJson.Replace("IEC_62196_T2", standard, StringComparison.Ordinal).Replace("SOCKET", format, StringComparison.Ordinal)
            .Replace("AC_3_PHASE", powerType, StringComparison.Ordinal);
        var at = new Billed(Utf8(TariffJson), Utf8(location)).Cdr(Bill()).GetProperty("cdr_location");
        Assert.Equal(expected, $"{Text(at, "connector_standard")} {Text(at, "connector_format")} {Text(at, "connector_power_type")}");
    }

    [Fact]
    public void Only_a_final_bill_has_a_cdr() => Assert.All(
        [BillStatus.Held, BillStatus.Open, BillStatus.Void],
        status => Assert.Throws<ArgumentException>(() => Operator.Cdr(Bill(status))));

    internal static string Compact(string json)
    {
        using var document = JsonDocument.Parse(json);
        return JsonSerializer.Serialize(document.RootElement);
    }

    private static string? Text(JsonElement parent, string name) => parent.GetProperty(name).GetString();

    private static Bill Copy(Bill bill, RatingPeriod[] periods, long endedAtNs, long? startedAtNs = null) => new()
    {
        SessionId = bill.SessionId,
        Version = bill.Version,
        Status = bill.Status,
        Flags = bill.Flags,
        LocationId = bill.LocationId,
        EvseId = bill.EvseId,
        TokenId = bill.TokenId,
        TariffId = bill.TariffId,
        TariffSequence = bill.TariffSequence,
        Currency = bill.Currency,
        StartedAtNs = startedAtNs ?? bill.StartedAtNs,
        EndedAtNs = endedAtNs,
        EnergyMwh = bill.EnergyMwh,
        ChargingNs = bill.ChargingNs,
        ParkingNs = bill.ParkingNs,
        WaitingNs = bill.WaitingNs,
        TotalExclVat = bill.TotalExclVat,
        TotalInclVat = bill.TotalInclVat,
        Periods = periods,
        Readings = bill.Readings,
    };
}
