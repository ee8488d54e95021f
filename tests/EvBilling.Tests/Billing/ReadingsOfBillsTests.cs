using System.Text;
using System.Text.Json;
using EvBilling.Billing;
using EvBilling.Cdrs;
using EvBilling.Engine;
using EvBilling.Rating;
using EvBilling.Tariffs;
using static EvBilling.Tests.Billing.Given;

namespace EvBilling.Tests.Billing;

/// <summary>Bills by other readings of OCPI than the default: rows parking_states and mid_session_change, and what a bill says of its readings.</summary>
public sealed class ReadingsOfBillsTests
{
    private const string PerPeriod = "mid_session_change=per_period";

    // In force from 2026-01-05T08:20:00Z, twenty minutes after the session began; the third has not ended when it does.
    private const string Versions = """
        [{"country_code":"NL","party_id":"EVB","id":"T1","currency":"EUR","elements":[{"price_components":[{"type":"ENERGY","price":0.1,"vat":21,"step_size":1}]}],"last_updated":"2026-01-01T00:00:00Z"},
        {"country_code":"NL","party_id":"EVB","id":"T1","currency":"EUR","min_price":{"excl_vat":99},"elements":[{"price_components":[{"type":"FLAT","price":1,"vat":21},{"type":"ENERGY","price":1,"vat":21,"step_size":1}]}],"start_date_time":"2026-01-05T08:20:00Z","last_updated":"2026-01-01T00:00:00Z"},
        {"country_code":"NL","party_id":"EVB","id":"T1","currency":"EUR","elements":[{"price_components":[{"type":"ENERGY","price":9,"vat":21,"step_size":1}]}],"start_date_time":"2026-01-05T09:30:00Z","last_updated":"2026-01-01T00:00:00Z"}]
        """;

    // 8:00 EVConnected, 8:10 Charging, 8:30 SuspendedEVSE, 8:40 Charging, 9:00 SuspendedEV, 9:10 EVConnected, 9:30 the end.
    private static readonly string[] EveryState =
    [
        Event("started", "2026-01-05T08:00:00Z", 0, "EVConnected"), Event("updated", "2026-01-05T08:10:00Z", 0, "Charging"), Event("updated", "2026-01-05T08:30:00Z", 5_000, "SuspendedEVSE"),
        Event("updated", "2026-01-05T08:40:00Z", 5_000, "Charging"), Event("updated", "2026-01-05T09:00:00Z", 10_000, "SuspendedEV"), Event("updated", "2026-01-05T09:10:00Z", 10_000, "EVConnected"),
        Event("ended", "2026-01-05T09:30:00Z", 10_000, "EVConnected"),
    ];

    [Theory]
    [InlineData("", 30, 20, "6.2")]
    [InlineData("parking_states=driver", 30, 20, "6.2")]
    [InlineData("parking_states=all", 50, 0, "7.2")]
    public void Parking_states_are_what_lies_with_the_driver_or_all_but_charging(string readings, int parkingMinutes, int waitingMinutes, string total)
    {
        var bill = By(readings, TariffJson).Bill("S", EveryState);
        Assert.Equal((40, parkingMinutes, waitingMinutes), (Minutes(bill.ChargingNs), Minutes(bill.ParkingNs), Minutes(bill.WaitingNs)));
        Assert.Equal(decimal.Parse(total, System.Globalization.CultureInfo.InvariantCulture), bill.TotalExclVat);
    }

    [Theory]
    [InlineData("", "ENERGY 1.00", "0,3600", 0)]
    [InlineData("mid_session_change=session_start", "ENERGY 1.00", "0,3600", 0)]
    [InlineData(PerPeriod, "ENERGY 0.33,ENERGY 6.67,FLAT 1.00", "0,1200,3600", 1)]
    public void Mid_session_change_leaves_a_session_to_the_version_of_its_start_or_cuts_it_where_another_comes_into_force(string readings, string lines, string starts, int changes)
    {
        var bill = By(readings, Versions).Bill("S", Hour_of_charging_and_half_an_hour_of_parking);
        Assert.Equal(lines.Split(','), bill.Lines.Select(line => $"{line.Dimension} {line.AmountExclVat:0.00}"));
        Assert.Equal(starts.Split(','), bill.Periods.Select(period => $"{(period.StartUnixNs - bill.StartedAtNs) / 1_000_000_000}"));
        // A version that comes into force as the session ends rates nothing of it; the price limits are those of the first.
        Assert.Equal([.. new TariffChange[] { new(bill.StartedAtNs + (1200L * 1_000_000_000), 2) }.Take(changes)], bill.TariffChanges);
        Assert.Equal(1, bill.TariffSequence);
        Assert.Equal(bill.Lines.Sum(line => line.AmountExclVat), bill.TotalExclVat);
    }

    [Theory]
    [InlineData("\"currency\":\"GBP\"")]
    [InlineData("\"currency\":\"none\"")]
    public void Mid_session_change_to_another_currency_or_to_a_version_that_cannot_be_read_holds_the_bill(string currency)
    {
        var versions = Versions.Replace("\"currency\":\"EUR\",\"min_price\"", $"{currency},\"min_price\"", StringComparison.Ordinal);
        Assert.Equal((BillStatus.Final, BillFlag.None), Standing(By("", versions)));
        Assert.Equal((BillStatus.Held, BillFlag.TariffRefused), Standing(By(PerPeriod, versions)));

        static (BillStatus, BillFlag) Standing(Billed by)
        {
            var bill = by.Bill("S", Hour_of_charging_and_half_an_hour_of_parking);
            return (bill.Status, bill.Flags);
        }
    }

    [Fact]
    public void The_CDR_of_a_bill_by_several_versions_carries_them_and_reprices_to_its_total_by_the_same_reading()
    {
        var by = By(PerPeriod, Versions);
        var bill = by.Bill("S", Hour_of_charging_and_half_an_hour_of_parking);
        var cdr = by.Cdr(bill);
        var tariffs = cdr.GetProperty("tariffs").EnumerateArray().Select(json => Read(json)).ToList();
        Assert.Equal(2, tariffs.Count);
        Assert.Equal(bill.TotalExclVat, Total(RatingReadings.Parse(PerPeriod)));
        Assert.NotEqual(bill.TotalExclVat, Total(RatingOptions.Default));

        decimal Total(RatingOptions options)
        {
            Assert.True(CompiledTariff.TryCompile(tariffs, OcpiVersion.V221, options, out var compiled, out var refusal), refusal?.Message);
            Assert.True(CdrReader.TryRead(cdr, options, out var read, out refusal), refusal?.Message);
            var rater = new CdrRater();
            rater.Rate(read, compiled, null, false);
            return BillAmounts.Round(rater.Result, read.Periods).TotalExclVat;
        }

        static Tariff Read(JsonElement json) => TariffReader.TryRead(Encoding.UTF8.GetBytes(json.GetRawText()), OcpiVersion.V221, out var tariff, out var refusal) ? tariff : throw new InvalidOperationException(refusal.Message);
    }

    [Fact]
    public void Zone_country_takes_local_time_from_the_country_also_for_bills()
    {
        const string tariff = """{"id":"T1","currency":"EUR","elements":[{"price_components":[{"type":"FLAT","price":1,"vat":0}],"restrictions":{"start_time":"09:00","end_time":"10:00"}}],"last_updated":"2026-01-01T00:00:00Z"}""";
        // 8:00 UTC is 9:00 in the Netherlands, and 3:00 in New York.
        var location = LocationJson.Replace("Europe/Amsterdam", "America/New_York", StringComparison.Ordinal);
        decimal? Total(string readings) => new Billed(Utf8(tariff), Utf8(location), RatingReadings.Parse(readings)).Bill("S", Hour_of_charging_and_half_an_hour_of_parking).TotalExclVat;
        Assert.Equal([0m, 1m], new[] { Total(""), Total("zone=country") });
    }

    [Fact]
    public void A_bill_lists_the_readings_that_are_not_the_default_and_they_are_content()
    {
        var (own, other) = (Make(""), Make("step_total=all min_duration=exclusive"));
        Assert.Equal("{}", Listed(own));
        Assert.Equal("""{"min_duration":"exclusive","step_total":"all"}""", Listed(other));
        Assert.Equal(own.TotalExclVat, other.TotalExclVat);
        Assert.NotEqual(new BillContent().Hash(own), new BillContent().Hash(other));
        Assert.Equal(new BillContent().Hash(own), new BillContent().Hash(Make("step_total=priced")));

        static Bill Make(string readings) => By(readings, TariffJson).Bill("S", EveryState);
    }

    private static Billed By(string readings, string tariffs) => new(Utf8(tariffs), Utf8(LocationJson), RatingReadings.Parse(readings));

    private static int Minutes(long nanoseconds) => (int)(nanoseconds / 60_000_000_000);

    private static string Listed(Bill bill)
    {
        using var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json))
        {
            BillJson.Write(writer, bill);
        }
        using var document = JsonDocument.Parse(json.ToArray());
        return document.RootElement.GetProperty("rating_readings").GetRawText();
    }
}
