using EvBilling.Billing;
using EvBilling.Events;
using EvBilling.Rating;

namespace EvBilling.Tests.Billing;

/// <summary>Short words for tests of bills: one session of an hour, one station, one tariff.</summary>
internal static class Given
{
    public const long Start = 1_767_600_000L * Rfc3339.NsPerSecond;
    public const long Hour = 3600L * Rfc3339.NsPerSecond;

    public const string TariffJson = """
        {"country_code":"NL","party_id":"EVB","id":"T1","currency":"EUR","elements":[
        {"price_components":[{"type":"FLAT","price":0.5,"vat":21,"step_size":1}]},
        {"price_components":[{"type":"ENERGY","price":0.42,"vat":21,"step_size":1}]},
        {"price_components":[{"type":"PARKING_TIME","price":3,"vat":21,"step_size":1}]}],"last_updated":"2026-01-01T00:00:00Z"}
        """;

    public const string LocationJson = """
        {"country_code":"NL","party_id":"EVB","id":"LOC-1","publish":true,"name":"Zuidas","address":"Mahlerlaan 1","city":"Amsterdam","postal_code":"1082 MS",
        "country":"NLD","coordinates":{"latitude":"52.33857","longitude":"4.8719"},"evses":[{"uid":"3256","evse_id":"NL*EVB*E1","status":"AVAILABLE",
        "connectors":[{"id":"1","standard":"IEC_62196_T2","format":"SOCKET","power_type":"AC_3_PHASE","tariff_ids":["T1"]}]}],"time_zone":"Europe/Amsterdam"}
        """;

    public static readonly string[] Hour_of_charging_and_half_an_hour_of_parking =
    [
        Event("started", "2026-01-05T08:00:00Z", 0, "Charging"),
        Event("updated", "2026-01-05T09:00:00Z", 10_000, "SuspendedEV"),
        Event("ended", "2026-01-05T09:30:00Z", 10_000, "SuspendedEV"),
    ];

    public static Billed Operator { get; } = new(Utf8(TariffJson), Utf8(LocationJson));

    public static byte[] Utf8(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    public static string Event(string type, string at, int meterWh, string state, string token = "04A1B2C3D4E5F6") => $$"""
        {"type":"{{type}}","session_id":"S","timestamp":"{{at}}","meter_wh":{{meterWh}},"charging_state":"{{state}}",
        "location_id":"LOC-1","evse_id":"NL*EVB*E1","connector_id":"1","token_id":"{{token}}"}
        """;

    /// <summary>A bill of an hour, without lines unless they are given.</summary>
    public static Bill Bill(
        BillStatus status = BillStatus.Final, int version = 1, string sessionId = "S-1", string? tokenId = "T", string? evseId = "NL*EVB*E1",
        params BillLine[] lines) => new()
        {
            SessionId = sessionId,
            Version = version,
            Status = status,
            Flags = BillFlag.None,
            LocationId = "LOC-1",
            EvseId = evseId,
            TokenId = tokenId,
            TariffId = "T1",
            TariffSequence = 1,
            Currency = "EUR",
            StartedAtNs = Start,
            EndedAtNs = Start + Hour,
            EnergyMwh = 1_000_000,
            ChargingNs = Hour,
            ParkingNs = 0,
            WaitingNs = 0,
            TotalExclVat = lines.Sum(line => line.AmountExclVat),
            TotalInclVat = lines.Sum(line => line.AmountExclVat) + lines.Aggregate((decimal?)0, (sum, line) => sum + line.AmountVat),
            Lines = lines,
            Periods = [new RatingPeriod(Start, 1_000_000, Hour, 0)],
            Readings = 2,
        };

    public static BillLine Line(string dimension, decimal amount, decimal? vat) => new()
    {
        Dimension = dimension,
        FromUnixNs = Start,
        ToUnixNs = Start + Hour,
        Quantity = 1,
        MeasuredQuantity = 1,
        Unit = BillLine.UnitOf(dimension),
        UnitPrice = amount,
        StepSize = 0,
        AmountExclVat = amount,
        VatRate = 21,
        AmountVat = vat,
        Element = 0,
        Component = 0,
    };
}
