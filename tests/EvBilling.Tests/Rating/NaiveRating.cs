using System.Globalization;
using System.Numerics;
using EvBilling.Rating;

namespace EvBilling.Tests.Rating;

/// <summary>A fraction of whole numbers of any size.</summary>
internal readonly record struct Ratio(BigInteger Over, BigInteger Under)
{
    public static Ratio Of(decimal value) => new(
        BigInteger.Parse(value.ToString(CultureInfo.InvariantCulture).Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture),
        BigInteger.Pow(10, value.Scale));

    public static Ratio operator +(Ratio a, Ratio b) => new(a.Over * b.Under + b.Over * a.Under, a.Under * b.Under);

    public static Ratio operator *(Ratio a, Ratio b) => new(a.Over * b.Over, a.Under * b.Under);

    public decimal HalfAwayFromZero(int decimals)
    {
        var shifted = BigInteger.Abs(Over) * BigInteger.Pow(10, decimals);
        var rounded = (2 * shifted + Under) / (2 * Under);
        return (Over.Sign < 0 ? -1 : 1) * (decimal)rounded / (decimal)BigInteger.Pow(10, decimals);
    }
}

/// <summary>A component as a property test makes it up.</summary>
internal sealed record MadeUpComponent(string Type, decimal Price, decimal? Vat, int Step);

/// <summary>
/// The rules of ocpi-semantics.md once more, as plainly as they are written: fractions of big integers, a list of charges, no tricks. Shares no code with
/// what it checks.
/// </summary>
internal static class NaiveRating
{
    public static (Ratio ExclVat, Ratio InclVat) Total(IReadOnlyList<IReadOnlyList<MadeUpComponent>> elements, IReadOnlyList<RatingPeriod> periods)
    {
        MadeUpComponent? PricedBy(string type) =>
            elements.Select(element => element.FirstOrDefault(component => component.Type == type)).FirstOrDefault(component => component is not null);

        BigInteger Sum(Func<RatingPeriod, long> volume) => periods.Aggregate(BigInteger.Zero, (sum, period) => sum + volume(period));

        static BigInteger Raised(BigInteger volume, BigInteger step) =>
            step == 0 ? volume : volume + ((-volume % step) + step) % step;

        // A millionth of a second is 1,000 ns; halves go up.
        static BigInteger RaisedTime(BigInteger volume, BigInteger step) => step == 0 ? volume : Raised((volume + 500) / 1000 * 1000, step);

        var charges = new List<(MadeUpComponent? Component, Ratio Quantity)>();
        if (PricedBy("ENERGY") is { } energy)
        {
            charges.Add((energy, new Ratio(Raised(Sum(period => period.EnergyMwh), energy.Step * 1000L), 1_000_000)));
        }
        var (time, parking) = (Sum(period => period.TimeNs), Sum(period => period.ParkingTimeNs));
        var parkingIsPriced = PricedBy("PARKING_TIME") is not null && parking > 0;
        if (PricedBy("TIME") is { } timeComponent)
        {
            var billed = parkingIsPriced ? time : RaisedTime(time, timeComponent.Step * 1_000_000_000L);
            charges.Add((timeComponent, new Ratio(billed, 3_600_000_000_000)));
        }
        if (parkingIsPriced)
        {
            var component = PricedBy("PARKING_TIME")!;
            charges.Add((component, new Ratio(RaisedTime(parking, component.Step * 1_000_000_000L), 3_600_000_000_000)));
        }
        if (periods.Count > 0 && PricedBy("FLAT") is { } flat)
        {
            charges.Add((flat, new Ratio(1, 1)));
        }
        var (exclVat, inclVat) = (new Ratio(0, 1), new Ratio(0, 1));
        foreach (var (component, quantity) in charges)
        {
            var amount = Ratio.Of(component!.Price) * quantity;
            exclVat += amount;
            inclVat += amount * (new Ratio(1, 1) + Ratio.Of(component.Vat ?? 0) * new Ratio(1, 100));
        }
        return (exclVat, inclVat);
    }
}
