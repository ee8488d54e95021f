using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EvBilling.Billing;
using EvBilling.Rating;
using EvBilling.Tests.Rating;

namespace EvBilling.Tests.Billing;

/// <summary>Meter samples of published test data (data/cdrs/period_split_fixtures), and the charging periods that they are expected to make.</summary>
public sealed class PeriodSplitFixtureTests
{
    [Theory]
    [InlineData("01_time_of_day_split")]
    [InlineData("04_charging_to_parking")]
    [InlineData("08_missing_power_signal")]
    public void Samples_make_the_periods_that_are_expected(string name)
    {
        var expected = Json("expected", name).GetProperty("periods").EnumerateArray().Select(period =>
        {
            decimal Volume(string type) => period.GetProperty("dimensions").EnumerateArray().Where(dimension => dimension.GetProperty("type").GetString() == type)
                .Select(dimension => dimension.GetProperty("volume").GetDecimal()).FirstOrDefault();
            return new RatingPeriod(
                period.GetProperty("start").GetDateTimeOffset().ToUnixTimeMilliseconds() * 1_000_000, (long)(Volume("ENERGY") * 1_000_000), (long)(Volume("TIME") * 3_600_000_000_000),
                (long)(Volume("PARKING_TIME") * 3_600_000_000_000));
        });
        var bill = BillOf(name);
        Assert.Equal(expected.Select(Text), bill.Periods.Select(Text));
    }

    // Expected there: a new period where a sample crosses a bound. Samples tell of moments, and ocpi-semantics row 19 names the moments that start a period;
    // what was measured in a period, from the least to the greatest, decides which element applies (rule range_ends).
    [Fact]
    public void A_sample_of_current_starts_no_period_but_counts_in_its_own()
    {
        var bill = BillOf("02_current_threshold");
        Assert.Equal((28_000_000_000L, 35_000_000_000L), (Assert.Single(bill.Measures).MinCurrent, bill.Measures[0].MaxCurrent));
        Assert.All(bill.Lines, line => Assert.Equal(0, line.Element));
    }

    // Expected there: what the meter lost is billed once more when it comes again, 2.5 kWh although the meter says 2. A register that falls is measured anew only
    // where it was reset.
    [Fact]
    public void What_a_meter_loses_is_not_billed_twice()
    {
        var bill = BillOf("07_meter_rollback");
        Assert.Equal((BillFlag.ReadingGlitch, 2_000_000L), (bill.Flags, bill.EnergyMwh));
    }

    private static Bill BillOf(string name)
    {
        var json = Json("fixtures", name);
        var by = new Billed(Encoding.UTF8.GetBytes(Tariff(json.GetProperty("tariff"))), Encoding.UTF8.GetBytes(Given.LocationJson.Replace("Europe/Amsterdam", json.GetProperty("timezone").GetString(), StringComparison.Ordinal)));
        return by.Bill("S", Events(json));
    }

    // Its tariffs have no prices, and two restrictions under names of their own.
    private static string Tariff(JsonElement json)
    {
        var elements = JsonNode.Parse(json.GetRawText())!["elements"]!.AsArray();
        foreach (var element in elements)
        {
            foreach (var component in element!["price_components"]!.AsArray())
            {
                component!["price"] = 1;
                component["vat"] = 0;
                component["step_size"] = 1;
            }
            if (element["restrictions"] is JsonObject restrictions)
            {
                foreach (var (own, ocpi) in new[] { ("max_current_a", "max_current"), ("max_power_kw", "max_power") })
                {
                    if (restrictions.Remove(own, out var value))
                    {
                        restrictions[ocpi] = value;
                    }
                }
            }
        }
        return $$"""{"id":"T1","currency":"EUR","elements":{{elements.ToJsonString()}},"last_updated":"2026-01-01T00:00:00Z"}""";
    }

    // The car charges where the meter goes on; a station says so, the samples do not.
    private static IEnumerable<string> Events(JsonElement json)
    {
        var samples = json.GetProperty("meter_samples").EnumerateArray().Select(sample => (At: sample.GetProperty("at").GetString()!, Kwh: sample.GetProperty("total_kwh").GetDecimal())).Distinct().ToArray();
        var currents = json.TryGetProperty("current_samples", out var stated) ? stated.EnumerateArray().ToDictionary(sample => sample.GetProperty("at").GetString()!, sample => sample.GetProperty("current_a").GetDecimal()) : [];
        for (var i = 0; i < samples.Length; i++)
        {
            var type = i == 0 ? "started" : i == samples.Length - 1 ? "ended" : "updated";
            var state = i + 1 < samples.Length && samples[i + 1].Kwh != samples[i].Kwh ? "Charging" : "SuspendedEV";
            var current = currents.TryGetValue(samples[i].At, out var ampere) ? string.Create(CultureInfo.InvariantCulture, $",\"current_a\":{ampere}") : "";
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{{\"type\":\"{type}\",\"event_id\":\"{i}\",\"session_id\":\"S\",\"timestamp\":\"{samples[i].At}\",\"location_id\":\"LOC-1\",\"evse_id\":\"NL*EVB*E1\",\"connector_id\":\"1\",\"charging_state\":\"{state}\",\"meter_wh\":{samples[i].Kwh * 1000}{current}}}");
        }
    }

    private static string Text(RatingPeriod period) =>
        string.Create(CultureInfo.InvariantCulture, $"{period.StartUnixNs} {period.EnergyMwh} mWh, {period.TimeNs} ns, {period.ParkingTimeNs} ns parked");

    private static JsonElement Json(string folder, string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(SharedFolder.PathOf($"data/cdrs/period_split_fixtures/{folder}/{name}.json")));
        return document.RootElement.Clone();
    }
}
