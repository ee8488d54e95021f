using System.Globalization;
using System.Numerics;
using CsCheck;
using EvBilling.Rating;
using static EvBilling.Tests.Rating.Given;

namespace EvBilling.Tests.Rating;

public sealed class RatingProperties
{
    // Volumes are made up apart from the lengths of periods, which some would hit by chance.
    private static readonly RatingOptions Unsnapped = RatingOptions.Default with { PeriodSnap = false };

    private const long Iterations = 2_000;
    private const long End = Start + 30 * 86_400 * Second;

    private static readonly Gen<decimal> Price =
        Gen.Select(Gen.Int[-2000, 99_999], Gen.Int[0, 7], (digits, scale) => new decimal(Math.Abs(digits), 0, 0, digits < 0, (byte)scale));

    private static readonly Gen<MadeUpComponent> Component = Gen.Select(
        Gen.OneOf("ENERGY", "TIME", "PARKING_TIME", "FLAT"),
        Price,
        Gen.OneOf<decimal?>(null, 0, 9, 21, 5.5m, 7.25m, 19),
        Gen.OneOf(0, 1, 60, 300, 900, 3600, 7),
        (type, price, vat, step) => new MadeUpComponent(type, price, vat, step));

    private static readonly Gen<MadeUpComponent[][]> Elements = Component.Array[0, 4].Array[1, 3];

    private static readonly Gen<RatingPeriod[]> Periods = Gen.Select(
            Gen.Frequency((2, Gen.Const(0L)), (4, Gen.Long[1, 60_000_000]), (1, Gen.Long[-9_000_000, -1])),
            Gen.Frequency((1, Gen.Const(0L)), (2, Gen.Long[1, 7200].Select(seconds => seconds * Second)), (1, Gen.Long[1, 7200 * Second])),
            Gen.Frequency((2, Gen.Const(0L)), (1, Gen.Long[1, 7200].Select(seconds => seconds * Second)), (1, Gen.Long[1, 7200 * Second])))
        .Array[0, 20]
        .Select(volumes => volumes.Select((volume, i) => new RatingPeriod(Start + i * 7200 * Second, volume.Item1, volume.Item2, volume.Item3)).ToArray());

    private static readonly Gen<(MadeUpComponent[][] Elements, string Currency, RatingPeriod[] Periods)> Sessions =
        Gen.Select(Elements, Gen.OneOf("EUR", "JPY", "KWD"), Periods);

    [Fact]
    public void Totals_are_those_of_a_naive_rating_in_fractions() => Sessions.Sample(session =>
    {
        var bill = Bill(session.Elements, session.Currency, session.Periods);
        var (exclVat, inclVat) = NaiveRating.Total(session.Elements, session.Periods);
        Assert.Equal(exclVat.HalfAwayFromZero(bill.Currency.MinorUnits), bill.TotalExclVat);
        Assert.Equal(inclVat.HalfAwayFromZero(bill.Currency.MinorUnits), bill.TotalInclVat);
    }, iter: Iterations);

    [Fact]
    public void Unrounded_totals_are_those_of_a_naive_rating_to_twelve_decimals() => Sessions.Sample(session =>
    {
        var result = new RatingResult();
        Rater.Rate(new RatingSession(Start, End, session.Periods), Compile(session.Elements, session.Currency), result);
        var (exclVat, inclVat) = NaiveRating.Total(session.Elements, session.Periods);
        var unrounded = BillAmounts.Unrounded(result);
        Assert.Equal(exclVat.HalfAwayFromZero(12), decimal.Round(unrounded.ExclVat, 12, MidpointRounding.AwayFromZero));
        Assert.Equal(inclVat.HalfAwayFromZero(12), decimal.Round(unrounded.InclVat!.Value, 12, MidpointRounding.AwayFromZero));
    }, iter: Iterations);

    [Fact]
    public void However_large_volumes_and_prices_are_the_price_is_right_or_an_overflow()
    {
        var priced = 0;
        const long Digits = 999_999_999_999_999_999;
        var price = Gen.Select(Gen.Long[-Digits, Digits], Gen.Int[9, 22], (digits, scale) => Exact.Decimal(digits, (byte)scale));
        var component = Gen.Select(
            Gen.OneOf("ENERGY", "TIME", "FLAT"), price, Gen.OneOf<decimal?>(null, 21, 7.25m), (type, each, vat) => new MadeUpComponent(type, each, vat, 1));
        var volume = Gen.Select(Gen.Long[1, 9_000_000_000_000_000_000], Gen.Int[0, 62], (number, shift) => number >> shift);
        Gen.Select(component.Array[1, 3], volume, volume, Gen.OneOf("EUR", "JPY", "UYW")).Sample((components, energy, time, currency) =>
        {
            RatingPeriod[] periods = [new(Start, energy, time, 0)];
            var tariff = Compile([components], currency);
            var result = new RatingResult();
            Rater.Rate(new RatingSession(Start, End, periods), tariff, result);
            Assert.Equal(RatingOutcome.Priced, result.Outcome);
            try
            {
                var bill = BillAmounts.Round(result, periods);
                var (exclVat, inclVat) = NaiveRating.Total([components], periods);
                Assert.Equal(exclVat.HalfAwayFromZero(tariff.Currency.MinorUnits), bill.TotalExclVat);
                Assert.Equal(inclVat.HalfAwayFromZero(tariff.Currency.MinorUnits), bill.TotalInclVat);
                Assert.Equal(bill.TotalExclVat, bill.Lines.Sum(line => line.AmountExclVat));
                Interlocked.Increment(ref priced);
            }
            catch (OverflowException)
            {
                // More digits than a decimal of the bill has; the exact total is there all the same.
                Assert.True(BigInteger.Abs(RatingTotals.Of(result).InclVat!.Value.Rounded(0)) > 1_000_000_000_000);
            }
        }, iter: 10_000);
        Assert.InRange(priced, 1_000, 10_000);
    }

    [Fact]
    public void Lines_and_vat_sum_to_the_totals() => Sessions.Sample(session =>
    {
        var bill = Bill(session.Elements, session.Currency, session.Periods);
        Assert.Equal(bill.TotalExclVat, bill.Lines.Sum(line => line.AmountExclVat));
        Assert.Equal(bill.TotalInclVat - bill.TotalExclVat, bill.Lines.Sum(line => line.AmountVat));
        Assert.Equal(bill.VatBreakdown.Select(row => row.Rate).Order(), bill.VatBreakdown.Select(row => row.Rate));
        Assert.Equal(bill.Lines.Select(line => line.VatRate).Distinct().Order(), bill.VatBreakdown.Select(row => row.Rate));
        foreach (var row in bill.VatBreakdown)
        {
            var lines = bill.Lines.Where(line => line.VatRate == row.Rate).ToList();
            Assert.Equal((row.Base, row.Amount), (lines.Sum(line => line.AmountExclVat), lines.Sum(line => line.AmountVat)));
        }
    }, iter: Iterations);

    [Fact]
    public void Every_line_is_within_a_minor_unit_of_its_exact_amount() => Sessions.Sample(session =>
    {
        var bill = Bill(session.Elements, session.Currency, session.Periods);
        var minorUnit = new decimal(1, 0, 0, false, bill.Currency.MinorUnits);
        Assert.All(bill.Lines, line => Assert.InRange(line.AmountExclVat - line.Quantity * line.UnitPrice, -minorUnit - 0.000001m, minorUnit + 0.000001m));
    }, iter: Iterations);

    [Fact]
    public void Splitting_a_period_that_keeps_its_price_changes_no_total() =>
        Gen.Select(Sessions, Gen.Int[0, 19], Gen.Int[1, 99]).Sample((session, at, percent) =>
        {
            if (session.Periods.Length == 0)
            {
                return;
            }
            var whole = Bill(session.Elements, session.Currency, session.Periods);
            var split = Bill(session.Elements, session.Currency, Split(session.Periods, at % session.Periods.Length, percent));
            Assert.Equal((whole.TotalExclVat, whole.TotalInclVat, whole.Flags), (split.TotalExclVat, split.TotalInclVat, split.Flags));
            Assert.Equal(whole.VatBreakdown.Select(row => row.Rate), split.VatBreakdown.Select(row => row.Rate));
        }, iter: Iterations);

    [Fact]
    public void Splitting_a_period_into_two_that_both_have_its_dimensions_changes_no_line() =>
        Gen.Select(Sessions, Gen.Int[0, 19], Gen.Int[1, 99]).Sample((session, at, percent) =>
        {
            if (session.Periods.Length == 0)
            {
                return;
            }
            var index = at % session.Periods.Length;
            var split = Split(session.Periods, index, percent);
            var (period, first, second) = (session.Periods[index], split[index], split[index + 1]);
            if ((period.TimeNs != 0 && (first.TimeNs == 0 || second.TimeNs == 0))
                || (period.ParkingTimeNs != 0 && (first.ParkingTimeNs == 0 || second.ParkingTimeNs == 0))
                || (period.EnergyMwh != 0 && (first.EnergyMwh == 0 || second.EnergyMwh == 0)))
            {
                return;
            }
            Assert.Equal(Bill(session.Elements, session.Currency, session.Periods).Lines, Bill(session.Elements, session.Currency, split).Lines);
        }, iter: Iterations);

    private static RatingPeriod[] Split(RatingPeriod[] periods, int index, int percent)
    {
        var period = periods[index];
        long Part(long volume) => (long)((Int128)volume * percent / 100);
        var first = period with { EnergyMwh = Part(period.EnergyMwh), TimeNs = Part(period.TimeNs), ParkingTimeNs = Part(period.ParkingTimeNs) };
        var second = new RatingPeriod(
            period.StartUnixNs + 72 * percent * Second / 2, period.EnergyMwh - first.EnergyMwh,
            period.TimeNs - first.TimeNs, period.ParkingTimeNs - first.ParkingTimeNs);
        return [.. periods[..index], first, second, .. periods[(index + 1)..]];
    }

    private static RatedAmounts Bill(MadeUpComponent[][] elements, string currency, RatingPeriod[] periods)
    {
        var result = new RatingResult();
        Rater.Rate(new RatingSession(Start, End, periods), Compile(elements, currency), result);
        Assert.Equal(RatingOutcome.Priced, result.Outcome);
        return BillAmounts.Round(result, periods);
    }

    private static CompiledTariff Compile(MadeUpComponent[][] elements, string currency) =>
        CompiledTariff.TryCompile([Read(Tariff(elements, currency))], null, Unsnapped, out var compiled, out var refusal)
            ? compiled : throw new InvalidOperationException(refusal.Message);

    private static string Tariff(MadeUpComponent[][] elements, string currency) =>
        TariffJson(currency, "", [.. elements.Select(element => string.Join(',', element.Select(Json)))]);

    private static string Json(MadeUpComponent component)
    {
        var vat = component.Vat is { } rate ? string.Create(CultureInfo.InvariantCulture, $",\"vat\":{rate}") : "";
        return string.Create(
            CultureInfo.InvariantCulture, $"{{\"type\":\"{component.Type}\",\"price\":{component.Price},\"step_size\":{component.Step}{vat}}}");
    }
}
