using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using EvBilling.Billing.Generation;
using EvBilling.Billing.Ocpi;
using EvBilling.Locations;
using EvBilling.Rating;
using EvBilling.Tariffs;

namespace EvBilling.Tests.Rating;

/// <summary>CDRs of sessions that are made up (oracles/tariffs/FORMAT.md, generate.jsonl.gz): priced as the engines price the complete cut.</summary>
public sealed class GeneratedCasesTests
{
    private const decimal Tolerance = 0.00006m;

    // A window of 01:30 to 02:30 in the night in which 01:00 to 02:00 comes twice: the oracle's cut has no edge where the clock goes back to 01:00, and so bills
    // the half hour before 01:30 comes again. Row zone: the repeated hour matches both times as it elapses.
    private const string WithoutTheShift = "pub-gen-032";

    [Fact]
    public void Every_generated_CDR_costs_what_an_engine_says_of_the_complete_cut()
    {
        var wrong = new List<string>();
        var count = 0;
        foreach (var json in Oracle.Lines("generate.jsonl.gz"))
        {
            count++;
            var id = json.GetProperty("id").GetString()!;
            var (cdr, tariff, zone) = Generated(json);
            var expected = json.GetProperty("expected").GetProperty("full_cut");
            var isRight = Costs(cdr, tariff, zone, "", expected, "ot") || Costs(cdr, tariff, zone, "", expected, "ok")
                || Costs(cdr, tariff, zone, "like=ocpi-tariffs", expected, "ot") || Costs(cdr, tariff, zone, "like=ocpi-kit", expected, "ok");
            if (isRight == (id == WithoutTheShift))
            {
                wrong.Add($"{id}: {Totals(cdr, tariff, zone, "")}, expected {expected}");
            }
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.Equal(150, count);
    }

    [Fact]
    public void A_generated_CDR_states_the_total_that_it_is_priced_to()
    {
        foreach (var json in Oracle.Lines("generate.jsonl.gz"))
        {
            var (cdr, tariff, zone) = Generated(json);
            var stated = cdr.GetProperty("total_cost").GetProperty("excl_vat").GetDecimal();
            var result = Priced.Result(tariff, OcpiVersion.V221, cdr, zone, RatingOptions.Default, out var rated);
            Assert.Equal(BillAmounts.Round(result, rated.Periods).TotalExclVat, stated);
        }
    }

    [Theory]
    [InlineData("""{"end_date_time":"2026-01-05T10:00:00Z","max_power_supply_kw":11,"requested_kwh":10}""", "/start_date_time", "start_date_time is missing")]
    [InlineData("""{"start_date_time":"2026-01-05T10:00:00Z","end_date_time":"2026-01-05T10:00:00Z","max_power_supply_kw":11,"requested_kwh":10}""", "/end_date_time", "not after start_date_time")]
    [InlineData("""{"start_date_time":"2026-01-05T10:00:00Z","end_date_time":"2028-01-05T10:00:00Z","max_power_supply_kw":11,"requested_kwh":10}""", "/end_date_time", "more than a year")]
    [InlineData("""{"start_date_time":"1966-01-05T10:00:00Z","end_date_time":"1966-01-05T11:00:00Z","max_power_supply_kw":11,"requested_kwh":10}""", "/start_date_time", "before 1970")]
    [InlineData("""{"start_date_time":"2026-01-05T10:00:00Z","end_date_time":"2026-01-05T11:00:00Z","max_power_supply_kw":0,"requested_kwh":10}""", "/max_power_supply_kw", "not over 0")]
    [InlineData("""{"start_date_time":"2026-01-05T10:00:00Z","end_date_time":"2026-01-05T11:00:00Z","max_power_supply_kw":"much","requested_kwh":10}""", "/max_power_supply_kw", "not a number")]
    [InlineData("""{"start_date_time":"2026-01-05T10:00:00Z","end_date_time":"2026-01-05T11:00:00Z","max_power_supply_kw":11,"requested_kwh":-1}""", "/requested_kwh", "negative")]
    [InlineData("""{"start_date_time":"2026-01-05T10:00:00Z","end_date_time":"2026-01-05T11:00:00Z","max_power_supply_kw":11,"requested_kwh":1,"token":{"type":"CARD"}}""", "/token", "")]
    [InlineData("""{"start_date_time":"2026-01-05T10:00:00Z","end_date_time":"2026-01-05T11:00:00Z","max_power_supply_kw":11,"requested_kwh":1,"location":{"city":"Town"}}""", "/location", "")]
    [InlineData("[]", "", "is not an object")]
    public void A_request_that_cannot_be_is_refused_by_name(string config, string path, string message)
    {
        using var document = JsonDocument.Parse(config);
        Assert.False(SupplyRequest.TryRead(document.RootElement, out _, out var refusal));
        Assert.StartsWith(path, refusal.Path, StringComparison.Ordinal);
        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
    }

    private static (JsonElement Cdr, ReadOnlyMemory<byte> Tariff, RatingZone Zone) Generated(JsonElement json)
    {
        var tariff = JsonMarshal.GetRawUtf8Value(json.GetProperty("tariff")).ToArray();
        var zone = TimeZoneChooser.FindZone(json.GetProperty("timezone").GetString()!)!;
        Assert.True(SupplyRequest.TryRead(json.GetProperty("config"), out var request, out var refusal), refusal?.Message);
        Assert.True(CdrGenerator.TryMake(json.GetProperty("id").GetString()!, request, TariffDocument.ReadOne(tariff), zone, out var item, out var facts, out var problem), problem);
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            Assert.True(CdrWriter.TryWrite(writer, item, facts, out _));
        }
        return (JsonDocument.Parse(buffer.WrittenMemory).RootElement, tariff, new RatingZone(zone));
    }

    private static bool Costs(JsonElement cdr, ReadOnlyMemory<byte> tariff, RatingZone zone, string reading, JsonElement expected, string engine)
    {
        var totals = Totals(cdr, tariff, zone, reading);
        return expected.GetProperty(engine) is { ValueKind: JsonValueKind.Object } wanted && Near(totals.ExclVat, wanted.GetProperty("excl")) && Near(totals.InclVat!.Value, wanted.GetProperty("incl"));
    }

    private static bool Near(ExactRatio actual, JsonElement expected) =>
        expected.ValueKind == JsonValueKind.String && Math.Abs(actual.ToDecimal() - decimal.Parse(expected.GetString()!, CultureInfo.InvariantCulture)) <= Tolerance;

    private static RatingTotals Totals(JsonElement cdr, ReadOnlyMemory<byte> tariff, RatingZone zone, string reading)
    {
        var options = RatingOptions.Default;
        Assert.True(reading.Length == 0 || RatingReadings.TryTake(options, reading, out options, out _));
        return RatingTotals.Of(Priced.Result(tariff, OcpiVersion.V221, cdr, zone, options!, out _));
    }
}
