using EvBilling.Billing;
using EvBilling.Rating;
using static EvBilling.Tests.Billing.Given;

namespace EvBilling.Tests.Billing;

/// <summary>Bills under tariffs with restrictions: each session is cut at every moment that may change its price (row unsplit of ocpi-semantics.md).</summary>
public sealed class RestrictedBillTests
{
    private const string NightAndDay = """
        {"price_components":[{"type":"ENERGY","price":0.2,"vat":21,"step_size":1}],"restrictions":{"start_time":"22:00","end_time":"06:00"}},
        {"price_components":[{"type":"ENERGY","price":0.5,"vat":21,"step_size":1}]}
        """;

    [Fact]
    public void Energy_is_priced_by_local_time_in_periods_that_begin_at_its_edges()
    {
        // 21:30 to 22:30 in Amsterdam; every ten minutes 1 kWh.
        var bill = Make(NightAndDay, Every(10, "2026-01-05T20:30:00Z", 60, 6_000));
        Assert.Equal(["0.5 3.000", "0.2 3.000"], Lines(bill));
        Assert.Equal(1.5m + 0.6m, bill.TotalExclVat);
        Assert.Equal([0, 1_800], Starts(bill, "2026-01-05T20:30:00Z"));
        Assert.Equal(BillFlag.None, bill.Flags);
    }

    [Fact]
    public void A_tier_ends_exactly_at_its_kwh_even_between_readings()
    {
        var bill = Make(
            """
            {"price_components":[{"type":"ENERGY","price":0.1,"step_size":1}],"restrictions":{"max_kwh":5}},
            {"price_components":[{"type":"ENERGY","price":1,"step_size":1}]}
            """,
            Every(7, "2026-01-05T08:00:00Z", 70, 12_345));
        Assert.Equal(["0.1 5.000", "1 7.345"], Lines(bill));
        Assert.Equal(0.5m + 7.35m, bill.TotalExclVat);
    }

    [Fact]
    public void Parking_costs_only_from_the_duration_on_that_the_tariff_states()
    {
        // Charging from 8:00 to 9:00, parked until 9:30; free until an hour and a quarter after the start.
        var bill = Make(
            """{"price_components":[{"type":"PARKING_TIME","price":6,"vat":21,"step_size":60}],"restrictions":{"min_duration":4500}}""",
            Hour_of_charging_and_half_an_hour_of_parking);
        Assert.Equal([(900m / 3600, 1.5m)], bill.Lines.Select(line => (line.Quantity, line.AmountExclVat)));
        Assert.Equal([0, 3_600, 4_500], Starts(bill, "2026-01-05T08:00:00Z"));
    }

    [Fact]
    public void Days_begin_at_local_midnight()
    {
        // Sunday 23:30 to Monday 00:30 in Amsterdam.
        var bill = Make(
            """
            {"price_components":[{"type":"ENERGY","price":0.1,"step_size":1}],"restrictions":{"day_of_week":["SUNDAY"]}},
            {"price_components":[{"type":"ENERGY","price":1,"step_size":1}]}
            """,
            Every(10, "2026-01-04T22:30:00Z", 60, 6_000));
        Assert.Equal(["0.1 3.000", "1 3.000"], Lines(bill));
    }

    [Theory]
    [InlineData("2026-03-28T23:30:00Z", "0.5 0.500,0.2 1.000,0.5 2.500")] // the hour from 2 to 3 is not there
    [InlineData("2026-10-24T22:30:00Z", "0.5 0.500,0.2 1.500,0.5 0.500,0.2 0.500,0.5 1.000")] // it is there twice
    public void A_window_follows_the_clock_over_a_shift(string from, string lines)
    {
        // Four hours, 1 kWh an hour; 01:00-02:30 at night is cheap by the wall clock.
        var bill = Make(
            """
            {"price_components":[{"type":"ENERGY","price":0.2,"step_size":1}],"restrictions":{"start_time":"01:00","end_time":"02:30"}},
            {"price_components":[{"type":"ENERGY","price":0.5,"step_size":1}]}
            """,
            Every(10, from, 240, 4_000));
        Assert.Equal(lines.Split(','), Lines(bill));
    }

    [Fact]
    public void Without_a_time_zone_a_session_that_needs_local_time_is_held()
    {
        var by = new Billed(Utf8(Tariff(NightAndDay)));
        var bill = by.Bill("S", Hour_of_charging_and_half_an_hour_of_parking);
        Assert.Equal((BillStatus.Held, BillFlag.TimeZoneUnknown), (bill.Status, bill.Flags & BillFlag.TimeZoneUnknown));
        Assert.Null(bill.TotalExclVat);
    }

    [Fact]
    public void A_price_that_changes_between_readings_far_apart_is_flagged()
    {
        var bill = Make(NightAndDay, Every(60, "2026-01-05T20:30:00Z", 60, 6_000));
        Assert.Equal(BillFlag.EnergyInterpolated, bill.Flags);
        Assert.Equal(["0.5 3.000", "0.2 3.000"], Lines(bill));
    }

    [Theory]
    [InlineData("\"min_price\":{\"excl_vat\":5},", "MIN_PRICE", "5.00", "6.05")]
    [InlineData("\"max_price\":{\"excl_vat\":2,\"incl_vat\":2.3},", "MAX_PRICE", "2.00", "2.30")]
    public void A_bound_on_the_price_is_a_line_of_its_own_and_lines_add_up(string bound, string dimension, string exclVat, string inclVat)
    {
        var bill = Make("""{"price_components":[{"type":"ENERGY","price":0.3,"vat":21,"step_size":1}]}""", Hour_of_charging_and_half_an_hour_of_parking, bound);
        Assert.Equal([("ENERGY", 0), (dimension, BillLine.NoElement)], bill.Lines.Select(line => (line.Dimension, line.Element)));
        Assert.Equal((decimal.Parse(exclVat), decimal.Parse(inclVat)), (bill.TotalExclVat!.Value, bill.TotalInclVat!.Value));
        Assert.Equal(bill.TotalExclVat, bill.Lines.Sum(line => line.AmountExclVat));
        Assert.Equal(bill.TotalInclVat - bill.TotalExclVat, bill.Lines.Sum(line => line.AmountVat));
        Assert.Equal([(21m, bill.TotalExclVat.Value, bill.TotalInclVat.Value - bill.TotalExclVat.Value)], bill.VatBreakdown.Select(row => (row.Rate!.Value, row.Base, row.Amount)));
    }

    [Fact]
    public void Prices_that_contain_vat_are_taken_apart_after_they_were_summed()
    {
        var bill = Make(
            """{"price_components":[{"type":"ENERGY","price":0.99,"vat":21,"step_size":1},{"type":"PARKING_TIME","price":5,"vat":9,"step_size":1}]}""",
            Hour_of_charging_and_half_an_hour_of_parking, "\"tax_included\":\"YES\",");
        Assert.Equal(9.9m + 2.5m, bill.TotalInclVat);
        Assert.Equal(10.48m, bill.TotalExclVat);
        Assert.Equal(bill.TotalExclVat, bill.Lines.Sum(line => line.AmountExclVat));
        Assert.Equal(bill.TotalInclVat - bill.TotalExclVat, bill.VatBreakdown.Sum(row => row.Amount));
    }

    [Theory]
    [InlineData(",\"power_w\":11000", "0.1 10", BillFlag.None)]
    [InlineData(",\"power_w\":30000", "1 10", BillFlag.None)]
    [InlineData("", "1 10", BillFlag.PowerNotMeasured)]
    public void A_price_by_power_needs_a_measured_power(string power, string line, BillFlag flags)
    {
        var events = Hour_of_charging_and_half_an_hour_of_parking.Select(e => e.TrimEnd()[..^1] + power + "}").ToArray();
        var bill = Make(
            """
            {"price_components":[{"type":"ENERGY","price":0.1,"step_size":1}],"restrictions":{"max_power":22}},
            {"price_components":[{"type":"ENERGY","price":1,"step_size":1}]}
            """, events);
        Assert.Equal([line], bill.Lines.Select(priced => $"{priced.UnitPrice} {priced.Quantity}"));
        Assert.Equal(flags, bill.Flags & BillFlag.PowerNotMeasured);
    }

    private static Bill Make(string elements, string[] events, string members = "") =>
        new Billed(Utf8(Tariff(elements, members)), Utf8(LocationJson)).Bill("S", events);

    private static string Tariff(string elements, string members = "") =>
        $$"""{"country_code":"NL","party_id":"EVB","id":"T1","currency":"EUR",{{members}}"elements":[{{elements}}],"last_updated":"2026-01-01T00:00:00Z"}""";

    private static string[] Every(int minutes, string from, int lengthMinutes, int wattHours)
    {
        var start = DateTimeOffset.Parse(from, System.Globalization.CultureInfo.InvariantCulture);
        return [.. Enumerable.Range(0, (lengthMinutes / minutes) + 1).Select(i => Event(
            i == 0 ? "started" : i == lengthMinutes / minutes ? "ended" : "updated", start.AddMinutes(i * minutes).ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture),
            wattHours * i * minutes / lengthMinutes, "Charging"))];
    }

    private static IEnumerable<string> Lines(Bill bill) => bill.Lines.Select(line =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{line.UnitPrice} {line.Quantity:0.000}"));

    private static IEnumerable<long> Starts(Bill bill, string from)
    {
        var startNs = DateTimeOffset.Parse(from, System.Globalization.CultureInfo.InvariantCulture).ToUnixTimeSeconds();
        return bill.Periods.Select(period => (period.StartUnixNs / 1_000_000_000) - startNs);
    }
}
