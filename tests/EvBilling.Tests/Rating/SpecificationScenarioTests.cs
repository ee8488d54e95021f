using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using EvBilling.Locations;
using EvBilling.Rating;

namespace EvBilling.Tests.Rating;

/// <summary>Prices that OCPI's text states for its own examples, and those of other published test data (data/cdrs).</summary>
public sealed class SpecificationScenarioTests
{
    private const string Monday = "2026-03-02T";
    private const string Saturday = "2026-03-07T";

    // The text reckons with 1.20 an hour, the tariff beside it says 1.25: 114 minutes cost 2.375, in all 12.375 and 13.975.
    private const string TextAgainstItsTariff = "tariff_4_complex";

    // States what 1.2 kWh cost without the tariff's min_price of 0.50, which the specification itself applies to "any energy below 2 kWh".
    private const string WithoutMinPrice = "025kwh_min_price/cdr2_less_than_2kWh.json";

    [Fact]
    public void The_specifications_examples_cost_what_it_says()
    {
        var wrong = new List<string>();
        var count = 0;
        foreach (var line in File.ReadLines(SharedFolder.PathOf("data/cdrs/ocpi_spec_scenarios.jsonl")))
        {
            using var document = JsonDocument.Parse(line);
            var (json, example) = (document.RootElement, document.RootElement.GetProperty("tariff_example").GetString()!);
            if (example.StartsWith("inline", StringComparison.Ordinal))
            {
                continue;
            }
            count++;
            var folder = example.StartsWith("tariff_20", StringComparison.Ordinal) ? "ocpi_examples_2.3.0" : "ocpi_examples_2.2.1";
            var tariff = JsonNode.Parse(File.ReadAllText(SharedFolder.PathOf($"data/cdrs/{folder}/{example}.json")))!.AsObject();
            // Its text names weekdays and times, no dates.
            tariff.Remove("start_date_time");
            tariff.Remove("end_date_time");
            var totals = Totals(tariff.ToJsonString(), Cdr(json.GetProperty("session")), json.GetProperty("session").TryGetProperty("reservation_expired_after_min", out _));
            var isRight = IsStated(totals.ExclVat, json.GetProperty("expected_excl_vat")) && (totals.InclVat is not { } incl || IsStated(incl, json.GetProperty("expected_incl_vat")));
            if (isRight == (example == TextAgainstItsTariff))
            {
                wrong.Add($"{example} {json.GetProperty("session")}: {totals}, stated {json.GetProperty("expected_excl_vat")} {json.GetProperty("expected_incl_vat")}");
            }
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.Equal(15, count);
    }

    [Fact]
    public void The_complex_example_follows_its_tariff_where_its_text_does_not()
    {
        using var session = JsonDocument.Parse("""{"start":"Saturday 13:30","charging_min":114,"min_current_a":43,"parking_min":71}""");
        var totals = Totals(File.ReadAllText(SharedFolder.PathOf("data/cdrs/ocpi_examples_2.2.1/tariff_4_complex.json")), Cdr(session.RootElement), false);
        Assert.Equal(("12.375", "13.975"), (totals.ExclVat.ToString(), totals.InclVat?.ToString()));
    }

    // OCPI 2.2.1 mod_cdrs 1.4.7 and mod_tariffs 1.4.2; ocpi/ocpi issues 289, 453, 494; ocpi-tariffs issue 79.
    [Theory]
    [InlineData("6 minutes at 5.00 and 22 at 7.00 are billed as 30", "TIME 5 600 -17:00, TIME 7 600 17:00-", "16:54 TIME 6, 17:00 TIME 22", "3.3")]
    [InlineData("where parking is priced only parking is rounded up", "TIME 1 600, PARKING_TIME 2 600", "10:00 TIME 21, 10:21 PARKING_TIME 16", "1.016666666667")]
    [InlineData("115.2 Wh in steps of 25 are 125", "ENERGY 0.25 25", "10:00 ENERGY 0.1152", "0.03125")]
    [InlineData("40 minutes are whole steps of 10", "PARKING_TIME 6 600", "10:00 PARKING_TIME 20, 10:20 PARKING_TIME 20", "4")]
    [InlineData("all dimensions of a period count", "TIME 2 1, ENERGY 0.5 1", "10:00 TIME 60 ENERGY 10", "7")]
    [InlineData("the surplus of a step has the last price", "ENERGY 2 10000 -11:00, ENERGY 5 10000 11:00-12:00, ENERGY 2 10000 12:00-", "10:00 ENERGY 3, 11:00 ENERGY 3, 12:00 ENERGY 3", "29")]
    public void Settled_disputes_are_settled_so_here(string rule, string tariff, string periods, string expected)
    {
        var elements = tariff.Split(", ").Select(element => element.Split(' ')).Select(words =>
        {
            var window = words.Length > 3 ? words[3].Split('-') : ["", ""];
            var restrictions = string.Join(',', new[] { window[0].Length > 0 ? $"\"start_time\":\"{window[0]}\"" : "", window[1].Length > 0 ? $"\"end_time\":\"{window[1]}\"" : "" }.Where(text => text.Length > 0));
            return $$"""{"price_components":[{"type":"{{words[0]}}","price":{{words[1]}},"step_size":{{words[2]}}}],"restrictions":{ {{restrictions}} } }""";
        });
        var stated = periods.Split(", ").Select(period => period.Split(' ')).Select(words => Period(Monday, words[0], words[1..].Chunk(2).Select(pair =>
            (pair[0], pair[0] == "ENERGY" ? pair[1] : Hours(int.Parse(pair[1], CultureInfo.InvariantCulture))))));
        var totals = Totals(
            $$"""{"id":"T","currency":"EUR","elements":[{{string.Join(',', elements)}}],"last_updated":"2026-01-01T00:00:00Z"}""",
            $$"""{"start_date_time":"{{Monday}}{{periods[..5]}}:00Z","end_date_time":"{{Monday}}23:00:00Z","charging_periods":[{{string.Join(',', stated)}}] }""", false);
        Assert.True(expected == totals.ExclVat.ToString(), $"{rule}: {totals.ExclVat}, not {expected}");
    }

    [Fact]
    public void Published_test_CDRs_of_another_engine_cost_what_they_state()
    {
        var root = SharedFolder.PathOf("data/cdrs/tandemdrive_test_data");
        var wrong = new List<string>();
        var count = 0;
        foreach (var path in Directory.EnumerateFiles(root, "cdr*.json", SearchOption.AllDirectories))
        {
            count++;
            var text = File.ReadAllText(path);
            var totals = Totals(File.ReadAllText(Path.Combine(Path.GetDirectoryName(path)!, "tariff.json")), text, false);
            var stated = JsonNode.Parse(text)!["total_cost"]!;
            var isRight = Math.Abs(totals.ExclVat.ToDecimal() - (decimal)stated["excl_vat"]!) <= 0.00006m && Math.Abs(totals.InclVat!.Value.ToDecimal() - (decimal)stated["incl_vat"]!) <= 0.00006m;
            if (isRight == path.EndsWith(WithoutMinPrice, StringComparison.Ordinal))
            {
                wrong.Add($"{path[root.Length..]}: {totals}, stated {stated.ToJsonString()}");
            }
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.Equal(5, count);
    }

    /// <summary>Half a unit of the last digit that is stated.</summary>
    private static bool IsStated(ExactRatio actual, JsonElement stated)
    {
        if (stated.ValueKind == JsonValueKind.Null)
        {
            return true;
        }
        var amount = decimal.Parse(stated.GetString()!, CultureInfo.InvariantCulture);
        return Math.Abs(actual.ToDecimal() - amount) <= new decimal(5, 0, 0, false, (byte)(amount.Scale + 1));
    }

    // Minute by minute, so that each edge of a restriction begins a period.
    private static string Cdr(JsonElement session)
    {
        var at = session.TryGetProperty("start", out var start) ? start.GetString()! : "10:00";
        var day = at.StartsWith("Saturday", StringComparison.Ordinal) ? Saturday : Monday;
        var minute = (int)TimeSpan.Parse(at.Split(' ')[^1], CultureInfo.InvariantCulture).TotalMinutes;
        var begin = minute;
        var periods = new List<string>();
        int Minutes(string name) => session.TryGetProperty(name, out var minutes) ? minutes.GetInt32() : 0;
        void Add(string dimension, int minutes)
        {
            for (var i = 0; i < minutes; i++, minute++)
            {
                var dimensions = new List<(string, string)> { (dimension, Hours(1)) };
                if (session.TryGetProperty("min_current_a", out var current) && dimension == "TIME")
                {
                    dimensions.Add(("MIN_CURRENT", current.GetRawText()));
                    dimensions.Add(("MAX_CURRENT", current.GetRawText()));
                }
                periods.Add(Period(day, Clock(minute), dimensions));
            }
        }
        Add("RESERVATION_TIME", Minutes("reservation_min") + Minutes("reservation_expired_after_min"));
        if (session.TryGetProperty("energy_kwh", out var energy))
        {
            periods.Add(Period(day, Clock(minute), [("ENERGY", energy.GetString()!)]));
            minute += 60;
        }
        Add("TIME", Minutes("charging_min"));
        Add("PARKING_TIME", Minutes("parking_min"));
        return $$"""{"start_date_time":"{{day}}{{Clock(begin)}}:00Z","end_date_time":"{{day}}{{Clock(minute)}}:00Z","charging_periods":[{{string.Join(',', periods)}}] }""";
    }

    private static string Clock(int minute) => $"{minute / 60:00}:{minute % 60:00}";

    private static string Hours(int minutes) => (minutes / 60m).ToString("0.0000", CultureInfo.InvariantCulture);

    private static string Period(string day, string clock, IEnumerable<(string Type, string Volume)> dimensions) =>
        $$"""{"start_date_time":"{{day}}{{clock}}:00Z","dimensions":[{{string.Join(',', dimensions.Select(one => $$"""{"type":"{{one.Type}}","volume":{{one.Volume}} }"""))}}] }""";

    private static RatingTotals Totals(string tariffText, string cdrText, bool isReservationExpired)
    {
        using var json = JsonDocument.Parse(cdrText);
        var zone = new RatingZone(TimeZoneChooser.FindZone("UTC")!);
        return RatingTotals.Of(Priced.Result(System.Text.Encoding.UTF8.GetBytes(tariffText), null, json.RootElement, zone, RatingOptions.Default, out _, isReservationExpired));
    }
}
