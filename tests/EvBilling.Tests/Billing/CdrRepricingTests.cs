using System.Globalization;
using CsCheck;
using EvBilling.Billing;
using EvBilling.Events;
using EvBilling.Rating;
using EvBilling.Tariffs;
using EvBilling.Tests.Locations;

namespace EvBilling.Tests.Billing;

/// <summary>A bill that can be defended: whoever rates our CDR by the tariff in it comes to our total.</summary>
public sealed class CdrRepricingTests
{
    private const int DecimalsMax = 4;

    private static readonly string[] Charged = ["Charging", "SuspendedEV", "SuspendedEVSE", "EVConnected", "Idle"];

    private static readonly Gen<string> Tariff = Gen.Select(
            Gen.OneOf("ENERGY", "TIME", "PARKING_TIME", "FLAT"), Gen.Int[0, 99_999], Gen.Int[2, 5], Gen.OneOf(0, 1, 60, 300, 900, 7),
            Gen.OneOf("0", "9", "21", "5.5"))
        .Array[1, 5].Select(components => $$"""
            {"country_code":"NL","party_id":"EVB","id":"T1","currency":"EUR","elements":[{{string.Join(',', components.Select(Element))}}],
            "last_updated":"2026-01-01T00:00:00Z"}
            """);

    /// <summary>Gaps in nanoseconds, many of them about the half of a ten-thousandth of an hour; rises in mWh.</summary>
    private static readonly Gen<(long GapNs, long RiseMwh, int State)[]> Steps = Gen.Select(
            Gen.Frequency((3, Gen.Long[0, 7_200_000_000_000]), (2, Gen.Long[0, 1_000_000_000]), (2, Gen.Long[179_000_000, 181_000_000]), (1, Gen.Const(0L))),
            Gen.Frequency((3, Gen.Long[0, 5_000_000]), (1, Gen.Const(0L)), (1, Gen.Long[0, 200])),
            Gen.Int[0, Charged.Length - 1])
        .Array[1, 12];

    [Fact]
    public void Every_cdr_of_a_fleet_in_the_field_reprices_to_its_total()
    {
        var (by, bills) = Billed.FieldWeek;
        var final = bills.Where(bill => bill.Status == BillStatus.Final).ToArray();
        Assert.True(final.Length > 1_000);
        Assert.True(final.Length > bills.Length * 9 / 10);
        Assert.All(final, bill => Agrees(by, bill));
    }

    [Fact]
    public void Every_cdr_of_any_session_reprices_to_its_total() => Gen.Select(Tariff, Steps).Sample(
        (tariff, steps) => Agrees(new Billed(Given.Utf8(tariff), Given.Utf8(Given.LocationJson)), steps),
        iter: 3_000);

    /// <summary>Whoever reprices it by the readings that the bill names.</summary>
    [Theory]
    [InlineData("period_snap=off")]
    [InlineData("zero_volume=counts")]
    [InlineData("step_size=per_period")]
    [InlineData("step_total=all zero_volume=counts")]
    [InlineData("like=ocpi-tariffs")]
    [InlineData("like=ocpi-kit")]
    public void Every_cdr_by_other_readings_reprices_to_its_total_by_them(string readings) => Gen.Select(Tariff, Steps).Sample(
        (tariff, steps) => Agrees(new Billed(Given.Utf8(tariff), Given.Utf8(Given.LocationJson), RatingReadings.Parse(readings)), steps, RatingReadings.Parse(readings)),
        iter: 1_000);

    [Fact]
    public void Every_cdr_under_a_real_tariff_reprices_to_its_total()
    {
        var rated = TariffDocument.Read(SharedData.Read("tariffs/ndw_nl_tariffs_20260607.jsonl.xz"))
            .Where(entry => entry.Tariff is { } tariff && CompiledTariff.TryCompile(tariff, null, out _, out _)).ToArray();
        Assert.True(rated.Length > 1_000);
        Assert.All(rated, entry =>
        {
            var by = new Billed(entry.Json.ToArray(), Given.Utf8(Given.LocationJson));
            Agrees(by, by.Bill("S", Given.Hour_of_charging_and_half_an_hour_of_parking));
        });
    }

    [Fact]
    public void Every_number_of_a_cdr_has_at_most_four_decimals()
    {
        var (by, bills) = Billed.FieldWeek;
        Assert.All(bills.Where(bill => bill.Status == BillStatus.Final).Take(500), bill =>
        {
            var cdr = by.Cdr(bill);
            var numbers = new[] { "total_energy", "total_time", "total_parking_time" }.Select(name => cdr.GetProperty(name)).Concat(
                cdr.GetProperty("charging_periods").EnumerateArray().SelectMany(period => period.GetProperty("dimensions").EnumerateArray())
                    .Select(dimension => dimension.GetProperty("volume")));
            Assert.All(numbers, number => Assert.InRange(number.GetDecimal().Scale, 0, DecimalsMax));
        });
    }

    private static string Element((string Type, int Digits, int Scale, int StepSize, string Vat) component)
    {
        var price = new decimal(component.Digits, 0, 0, false, (byte)component.Scale).ToString(CultureInfo.InvariantCulture);
        return $$"""
            {"price_components":[{"type":"{{component.Type}}","price":"{{price}}","vat":{{component.Vat}},"step_size":{{component.StepSize}}}]}
            """;
    }

    private static void Agrees(Billed by, (long GapNs, long RiseMwh, int State)[] steps, RatingOptions? options = null)
    {
        var (atNs, meterMwh) = (Given.Start, 0L);
        var lines = steps.Prepend((GapNs: 0, RiseMwh: 0, State: 0)).Select((step, i) =>
        {
            (atNs, meterMwh) = (atNs + step.GapNs, meterMwh + step.RiseMwh);
            var type = i == 0 ? "started" : i == steps.Length ? "ended" : "updated";
            return $$"""
                {"type":"{{type}}","session_id":"S","event_id":"{{i}}","timestamp":"{{Rfc3339.Format(atNs)}}","meter_wh":{{Exact.Decimal(meterMwh, 3)}},
                "charging_state":"{{Charged[step.State]}}","location_id":"LOC-1","evse_id":"NL*EVB*E1","token_id":"T"}
                """;
        }).ToArray();
        var bill = by.Bill("S", lines);
        if (bill.Status == BillStatus.Final)
        {
            Agrees(by, bill, options);
        }
        else
        {
            Assert.Equal(BillFlag.ImplausibleEnergy, bill.Flags & BillFlag.Holding);
        }
    }

    private static void Agrees(Billed by, Bill bill, RatingOptions? options = null)
    {
        var cdr = by.Cdr(bill, change: facts => facts with { Placeholders = true });
        var amounts = CdrRepricing.Of(cdr, options);
        Assert.Equal((bill.TotalExclVat!.Value, bill.TotalInclVat), CdrRepricing.TotalCost(cdr));
        Assert.Equal((bill.TotalExclVat.Value, bill.TotalInclVat), (amounts.TotalExclVat, amounts.TotalInclVat));
        Assert.Equal(bill.Lines, amounts.Lines);
    }
}
