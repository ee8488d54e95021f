using EvBilling.Tariffs;

namespace EvBilling.Rating;

/// <summary>
/// min_price and max_price (OCPI 2.2.1 mod_tariffs 1.3.2): bounds on the session's total after step_size, each on its own total, the lower one first
/// (rule <c>clamp_vat</c>).
/// </summary>
internal static class PriceLimits
{
    public static void Apply(RatingResult result)
    {
        var part = result.PricedBy!;
        if (part.Limits is not { } limits || IsSurelyWithin(result, limits))
        {
            return;
        }
        var source = part.Source;
        var before = RatingTotals.BeforeLimits(result);
        var clamped = result.Tariff!.Options.ClampVat == ClampVatRule.Separate ? Separate(result, source, before) : Scaled(result, source, before);
        if (clamped.ExclVat != before.ExclVat || clamped.InclVat is null != before.InclVat is null || (clamped.InclVat is { } incl && incl != before.InclVat!.Value))
        {
            result.Clamped = clamped;
        }
    }

    // The usual case: sums, bounds and rates are short, so that no product overflows.
    private static bool IsSurelyWithin(RatingResult result, LimitBounds limits)
    {
        var tariff = result.Tariff!;
        if (result.IsLong || tariff.IsGrossPriced || !result.IsVatKnown || !limits.AreShort || tariff.ShortHundredPercent == 0)
        {
            return false;
        }
        unchecked
        {
            var (excl, incl) = (Int128.Zero, Int128.Zero);
            var sums = result.SumByVat;
            for (var i = 0; i < sums.Length; i++)
            {
                var sum = (long)sums[i];
                if (sum != sums[i])
                {
                    return false;
                }
                excl += sum;
                incl += Math.BigMul(sum, tariff.ShortHundredPercent + (long)tariff.VatRates[i].Weight);
            }
            var unit = result.Denominator == tariff.MillionthsDenominator ? 1 : AmountPass.NsPerMillionthOfHour;
            var inclUnit = unit * tariff.ShortHundredPercent;
            return excl >= Math.BigMul(limits.MinExclVat, unit) && excl <= Math.BigMul(limits.MaxExclVat, unit)
                && incl >= Math.BigMul(limits.MinInclVat, inclUnit) && incl <= Math.BigMul(limits.MaxInclVat, inclUnit);
        }
    }

    private static ClampedTotals Scaled(RatingResult result, Tariff source, RatingTotals before)
    {
        var (excl, isMaximum) = Clamp(before.ExclVat, source.MinPrice?.ExclVat, source.MaxPrice?.ExclVat, false);
        if (before.InclVat is not { } inclBefore)
        {
            return new(excl, null, isMaximum);
        }
        ExactRatio? incl = excl == before.ExclVat ? inclBefore
            : !before.ExclVat.IsZero ? inclBefore * excl / before.ExclVat
            : RateOfAll(source) is { } rate ? excl + (excl * ExactRatio.Of(rate) / ExactRatio.Of(100))
            : null;
        if (incl is null)
        {
            // Only a bound that states it can tell the total with VAT.
            if (source.MinPrice?.InclVat is { } stated)
            {
                incl = ExactRatio.Of(stated);
            }
            else if (result.Tariff!.Options.IsMinPriceWithoutVat)
            {
                incl = excl;
            }
            else
            {
                result.Flags |= RatingFlags.VatOfMinPriceUnknown;
                return new(excl, null, isMaximum);
            }
        }
        (var clamped, isMaximum) = Clamp(incl.Value, source.MinPrice?.InclVat, source.MaxPrice?.InclVat, isMaximum);
        return new(excl, clamped < excl ? excl : clamped, isMaximum);
    }

    private static ClampedTotals Separate(RatingResult result, Tariff source, RatingTotals before)
    {
        var (excl, isMaximum) = Clamp(before.ExclVat, source.MinPrice?.ExclVat, source.MaxPrice?.ExclVat, false);
        if (before.InclVat is not { } inclBefore)
        {
            return new(excl, null, isMaximum);
        }
        (var incl, isMaximum) = Clamp(inclBefore, source.MinPrice?.InclVat, source.MaxPrice?.InclVat, isMaximum);
        if (source.MinPrice is { ExclVat: not null, InclVat: null } && excl > before.ExclVat && incl < excl)
        {
            result.Flags |= RatingFlags.VatOfMinPriceUnknown;
            return new(excl, null, isMaximum);
        }
        return new(excl, incl, isMaximum);
    }

    private static (ExactRatio Value, bool IsMaximum) Clamp(ExactRatio value, decimal? least, decimal? most, bool isMaximum)
    {
        if (least is { } min && value < ExactRatio.Of(min))
        {
            (value, isMaximum) = (ExactRatio.Of(min), false);
        }
        return most is { } max && value > ExactRatio.Of(max) ? (ExactRatio.Of(max), true) : (value, isMaximum);
    }

    /// <summary>The one rate that the tariff's components state; null where they state none, or several.</summary>
    private static decimal? RateOfAll(Tariff source)
    {
        if (source.TaxIncluded == TaxIncluded.NotApplicable)
        {
            return 0;
        }
        var stated = source.Elements.SelectMany(element => element.PriceComponents).Select(component => component.Vat).OfType<decimal>().Distinct().ToArray();
        return stated.Length == 1 ? stated[0] : null;
    }
}
