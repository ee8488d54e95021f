using System.Numerics;

namespace EvBilling.Rating;

/// <summary>
/// Second half of rating: what the lines cost, summed by VAT rate over one denominator. Amounts of energy are in 1e-6 of a price unit, of times in 1 / 3.6e12,
/// FLAT in whole ones; where times come out in 1e-6 too, the sums stay short.
/// </summary>
internal static class AmountPass
{
    internal const long HourNs = 3_600_000_000_000;
    internal const long NsPerMillionthOfHour = 3_600_000;
    internal const long Million = 1_000_000;

    /// <summary>In 64 bits.</summary>
    public static bool TryShort(RatingResult result) => result.Tariff!.HasShortPrices && TrySum<long>(result);

    /// <summary>In 128 bits.</summary>
    public static bool TryMiddle(RatingResult result) => TrySum<Int128>(result);

    public static void Long(RatingResult result)
    {
        var tariff = result.Tariff!;
        var sums = new BigInteger[tariff.VatRates.Length];
        foreach (ref readonly var line in result.Long.Lines.Span)
        {
            ref readonly var component = ref tariff.Components[line.Component];
            sums[component.VatIndex] += LongNumerator(line, component);
            Note(component, tariff, result);
        }
        result.Long.SumByVat = sums;
        result.Long.Denominator = HourNs * WideVolumes.UnitsPerNs * BigInteger.Pow(10, tariff.PriceScale);
    }

    /// <summary>A long line's amount over <see cref="LongResult.Denominator"/>.</summary>
    public static BigInteger LongNumerator(in RatingLine<BigInteger> line, PricedComponent component)
    {
        var amount = line.Billed * component.Price;
        return line.Kind switch
        {
            // 3.6e29 units of time in an hour, 1e28 of energy in a kWh.
            LineKind.Energy => amount * 36,
            LineKind.Flat => amount * HourNs * WideVolumes.UnitsPerNs,
            _ => amount,
        };
    }

    /// <summary>A short line's amount over <see cref="RatingResult.Denominator"/>.</summary>
    public static Int128 Numerator(in RatingLine<long> line, in PricedComponent component, RatingResult result)
    {
        var amount = component.Price * line.Billed;
        var isInMillionths = IsInMillionths(result);
        return line.Kind switch
        {
            LineKind.Energy => isInMillionths ? amount : amount * NsPerMillionthOfHour,
            LineKind.Flat => amount * (isInMillionths ? Million : HourNs),
            _ => isInMillionths ? amount / NsPerMillionthOfHour : amount,
        };
    }

    private static bool IsInMillionths(RatingResult result) => result.Denominator == result.Tariff!.MillionthsDenominator;

    private static bool TrySum<TAmount>(RatingResult result)
        where TAmount : unmanaged, IBinaryInteger<TAmount>
    {
        try
        {
            Sum<TAmount>(result);
            return true;
        }
        catch (OverflowException)
        {
            return false;
        }
    }

    private static void Sum<TAmount>(RatingResult result)
        where TAmount : unmanaged, IBinaryInteger<TAmount>
    {
        var tariff = result.Tariff!;
        var rates = tariff.VatRates.Length;
        var sums = rates <= 8 ? stackalloc TAmount[24] : new TAmount[rates * 3];
        sums.Clear();
        var energies = sums[..rates];
        var times = sums.Slice(rates, rates);
        var flats = sums.Slice(rates * 2, rates);
        var perMillionth = TAmount.CreateChecked(NsPerMillionthOfHour);
        var isInMillionths = true;
        var components = tariff.Components;
        foreach (ref readonly var line in result.Lines.Span)
        {
            ref readonly var component = ref components[line.Component];
            var vatIndex = component.VatIndex;
            var amount = TAmount.CreateTruncating(component.Price) * TAmount.CreateChecked(line.Billed);
            switch (line.Kind)
            {
                case LineKind.Energy:
                    energies[vatIndex] += amount;
                    break;
                case LineKind.Flat:
                    flats[vatIndex] += amount;
                    break;
                default:
                    times[vatIndex] += amount;
                    isInMillionths = isInMillionths && amount % perMillionth == TAmount.Zero;
                    break;
            }
            if (!tariff.StatesAllVat)
            {
                Note(component, tariff, result);
            }
        }
        var million = TAmount.CreateChecked(Million);
        var hour = TAmount.CreateChecked(HourNs);
        for (var i = 0; i < rates; i++)
        {
            var sum = isInMillionths
                ? energies[i] + (times[i] / perMillionth) + (flats[i] * million)
                : (energies[i] * perMillionth) + times[i] + (flats[i] * hour);
            result.SumByVat[i] = Int128.CreateChecked(sum);
        }
        result.Denominator = isInMillionths ? tariff.MillionthsDenominator : tariff.HoursDenominator ?? throw new OverflowException();
    }

    /// <summary>Takes down what is to be said about the VAT of a component that priced something.</summary>
    internal static void Note(in PricedComponent component, CompiledTariff tariff, RatingResult result)
    {
        result.IsVatKnown &= tariff.VatRates[component.VatIndex].IsKnown;
        result.Flags |= component.VatNotStated ? RatingFlags.VatNotStated : RatingFlags.None;
    }
}
