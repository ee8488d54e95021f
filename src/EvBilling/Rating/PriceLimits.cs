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
        if (part.Limits is not { } limits)
        {
            return;
        }
        // Where nothing was priced even a least price of 0 may say something (reading clamp_vat=separate).
        if (IsSurelyWithin(result, limits) && !(result.LineCount == 0 && result.Tariff!.Options.ClampVat == ClampVatRule.Separate))
        {
            return;
        }
        var source = part.Source;
        var before = RatingTotals.BeforeLimits(result);
        var clamped = result.Tariff!.Options.ClampVat == ClampVatRule.Separate ? Separate(result, source, before) : Scaled(result, source, before);
        if (clamped.ExclVat != before.ExclVat || clamped.InclVat is null != before.InclVat is null || (clamped.InclVat is { } incl && incl != before.InclVat!.Value))
        {
            result.Clamped = clamped;
            result.Flags |= IsAtRates(before, clamped, source) ? RatingFlags.None : RatingFlags.VatSetByLimit;
        }
    }

    // Whether the bounded totals have the VAT that the prices have.
    private static bool IsAtRates(RatingTotals before, in ClampedTotals clamped, Tariff source) =>
        before.InclVat is not { } inclBefore || clamped.InclVat is not { } incl
        || (before.ExclVat.IsZero
            ? incl == clamped.ExclVat || incl == AtRateOfAll(clamped.ExclVat, source)
            : incl * before.ExclVat == inclBefore * clamped.ExclVat);

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
            : AtRateOfAll(excl, source);
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
        if (!(clamped < excl) || (excl == before.ExclVat && clamped == inclBefore))
        {
            return new(excl, clamped, isMaximum);
        }
        // A greatest price with VAT under the one without binds both; else VAT that is under 0 is not scaled up.
        return clamped < incl.Value ? new(clamped, clamped, true) : new(excl, excl, isMaximum);
    }

    // The least prices first: where one without VAT raises the total over the one with VAT, or where nothing was priced, the total with VAT is not known.
    private static ClampedTotals Separate(RatingResult result, Tariff source, RatingTotals before)
    {
        var (least, most) = (source.MinPrice, source.MaxPrice);
        var (raised, isMaximum) = Clamp(before.ExclVat, least?.ExclVat, null, false);
        (var excl, isMaximum) = Clamp(raised, null, most?.ExclVat, isMaximum);
        if (before.InclVat is not { } incl)
        {
            return new(excl, null, isMaximum);
        }
        if (least is { ExclVat: not null, InclVat: null } && (result.LineCount == 0 || (raised > before.ExclVat && incl < raised)))
        {
            result.Flags |= RatingFlags.VatOfMinPriceUnknown;
            return new(excl, null, isMaximum);
        }
        (incl, isMaximum) = Clamp(incl, least?.InclVat, most?.InclVat, isMaximum);
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

    /// <summary>A total with the VAT of that rate; null where there is none.</summary>
    private static ExactRatio? AtRateOfAll(ExactRatio exclVat, Tariff source) =>
        RateOfAll(source) is { } rate ? exclVat + (exclVat * ExactRatio.Of(rate) / ExactRatio.Of(100)) : null;

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
