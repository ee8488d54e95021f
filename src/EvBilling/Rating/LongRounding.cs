using System.Numerics;

namespace EvBilling.Rating;

/// <summary>Rounds in numbers of any length: also prices that contain VAT, totals that min_price or max_price has changed, and the other readings.</summary>
internal readonly ref struct LongRounding(RatingResult result, CompiledTariff tariff, ReadOnlySpan<RatingPeriod> periods)
{
    private readonly ReadOnlySpan<RatingPeriod> _periods = periods;

    private byte MinorUnits => tariff.Currency.MinorUnits;

    private bool IsHalfEven => tariff.Options.Rounding == RoundingRule.HalfEven;

    public RatedAmounts Round()
    {
        var before = RatingTotals.BeforeLimits(result);
        var totals = result.Clamped is { } clamped ? new RatingTotals(clamped.ExclVat, clamped.InclVat) : before;
        var parts = Lines();
        if (result.Clamped is not null)
        {
            AddDifference(parts, before, totals);
        }
        var isVatKnown = totals.InclVat is not null;
        var totalExclVat = totals.ExclVat.Rounded(MinorUnits, IsHalfEven);
        var amounts = Allotted(totalExclVat, [.. parts.Select(part => part.ExclVat)]);
        if (tariff.Options.Rounding == RoundingRule.PerComponent)
        {
            var minorUnits = MinorUnits;
            amounts = [.. parts.Select(part => part.ExclVat.Rounded(minorUnits))];
            totalExclVat = amounts.Aggregate(BigInteger.Zero, BigInteger.Add);
        }
        var taxes = new BigInteger[parts.Count];
        IReadOnlyList<VatRow> breakdown = [];
        var totalInclVat = totalExclVat;
        if (isVatKnown)
        {
            var vat = totals.InclVat!.Value.Rounded(MinorUnits, IsHalfEven) - totalExclVat;
            breakdown = AllotVat(vat, parts, amounts, taxes, out var allotted);
            totalInclVat = totalExclVat + allotted;
        }
        var lines = new BillLine[parts.Count];
        for (var i = 0; i < lines.Length; i++)
        {
            lines[i] = parts[i].Line with { AmountExclVat = InUnits(amounts[i]), AmountVat = isVatKnown ? InUnits(taxes[i]) : null };
            if (parts[i].Number < 0)
            {
                lines[i] = lines[i] with { UnitPrice = lines[i].AmountExclVat };
            }
        }
        return new RatedAmounts(tariff.Currency, InUnits(totalExclVat), isVatKnown ? InUnits(totalInclVat) : null, breakdown, lines, result.Flags);
    }

    private decimal InUnits(BigInteger minorUnits) => Exact.Decimal((Int128)minorUnits, MinorUnits);

    private List<Part> Lines()
    {
        var amounts = Amounts.Of(result);
        var parts = new List<Part>(amounts.Count);
        for (var i = 0; i < amounts.Count; i++)
        {
            var component = tariff.Components[amounts.ComponentOf(i)];
            var rate = tariff.VatRates[component.VatIndex];
            var stated = amounts.AmountOf(i);
            var net = RatingTotals.Net(stated, rate, tariff);
            parts.Add(new(i, rate.Percent, net, RatingTotals.Gross(stated, rate, tariff) - net, Line(i, amounts, component, rate)));
        }
        return parts;
    }

    private BillLine Line(int index, Amounts amounts, PricedComponent component, VatRate rate)
    {
        var kind = amounts.KindOf(index);
        var (first, end) = amounts.PeriodsOf(index);
        var (measured, billed) = amounts.QuantitiesOf(index);
        return new BillLine
        {
            Dimension = BillAmounts.Name(kind),
            FromUnixNs = _periods[first].StartUnixNs,
            ToUnixNs = end < _periods.Length ? _periods[end].StartUnixNs : result.EndUnixNs,
            Quantity = billed.ToDecimal(),
            MeasuredQuantity = measured.ToDecimal(),
            Unit = BillAmounts.Unit(kind),
            UnitPrice = component.Component.Price,
            StepSize = kind == LineKind.Flat ? 0 : component.Component.StepSize,
            AmountExclVat = 0,
            VatRate = rate.Percent,
            AmountVat = null,
            Element = component.Element.Index,
            Component = component.Component.Index,
        };
    }

    // What a limit adds or takes away, rate by rate in proportion to what was priced; a line each.
    private void AddDifference(List<Part> parts, RatingTotals before, RatingTotals after)
    {
        var difference = after.ExclVat - before.ExclVat;
        var (vatBefore, vatAfter) = (Vat(before), Vat(after));
        if (before.ExclVat.IsZero)
        {
            parts.Add(new(-1, OneRate(), difference, (vatAfter ?? ExactRatio.Zero) - (vatBefore ?? ExactRatio.Zero), LimitLine(OneRate())));
            return;
        }
        foreach (var group in parts.GroupBy(part => part.Rate).ToArray())
        {
            var (excl, vat) = (ExactRatio.Zero, ExactRatio.Zero);
            foreach (var part in group)
            {
                (excl, vat) = (excl + part.ExclVat, vat + part.Vat);
            }
            var more = excl * difference / before.ExclVat;
            var moreVat = ExactRatio.Zero;
            if (vatBefore is { } was && vatAfter is { } @is)
            {
                moreVat = (@is - was) * (was.IsZero ? excl / before.ExclVat : vat / was);
            }
            if (!more.IsZero || !moreVat.IsZero)
            {
                parts.Add(new(-1, group.Key, more, moreVat, LimitLine(group.Key)));
            }
        }
    }

    private static ExactRatio? Vat(RatingTotals totals) => totals.InclVat is { } incl ? incl - totals.ExclVat : null;

    private decimal? OneRate()
    {
        var rates = tariff.VatRates;
        return rates.Length == 1 ? rates[0].Percent : null;
    }

    private BillLine LimitLine(decimal? rate) => new()
    {
        Dimension = result.Clamped!.IsMaximum ? "MAX_PRICE" : "MIN_PRICE",
        FromUnixNs = result.StartUnixNs,
        ToUnixNs = result.EndUnixNs,
        Quantity = 1,
        MeasuredQuantity = 1,
        Unit = "session",
        UnitPrice = 0,
        StepSize = 0,
        AmountExclVat = 0,
        VatRate = rate,
        AmountVat = null,
        Element = BillLine.NoElement,
        Component = BillLine.NoElement,
    };

    private BigInteger[] Allotted(BigInteger total, ExactRatio[] shares)
    {
        var allotted = new BigInteger[shares.Length];
        if (shares.Length == 0)
        {
            return allotted;
        }
        var denominator = shares.Aggregate(BigInteger.One, static (common, share) =>
            common / BigInteger.GreatestCommonDivisor(common, share.Denominator) * share.Denominator);
        var minor = BigInteger.Pow(10, MinorUnits);
        var numerators = Array.ConvertAll(shares, share => share.Numerator * (denominator / share.Denominator) * minor);
        LargestRemainder<BigInteger>.Allot(total, numerators, denominator, allotted);
        return allotted;
    }

    private VatRow[] AllotVat(BigInteger total, List<Part> parts, BigInteger[] amounts, BigInteger[] taxes, out BigInteger allotted)
    {
        allotted = 0;
        var rates = parts.Select(part => part.Rate).Distinct().Order().ToArray();
        var vatOfRates = Allotted(total, [.. rates.Select(rate => parts.Where(part => part.Rate == rate).Aggregate(ExactRatio.Zero, static (sum, part) => sum + part.Vat))]);
        var rows = new VatRow[rates.Length];
        for (var row = 0; row < rows.Length; row++)
        {
            var of = Enumerable.Range(0, parts.Count).Where(i => parts[i].Rate == rates[row]).ToArray();
            var taxable = of.Aggregate(BigInteger.Zero, (sum, i) => sum + amounts[i]);
            if (tariff.Options.VatRounding == VatRoundingRule.PerRate)
            {
                var exact = new ExactRatio(taxable, BigInteger.Pow(10, MinorUnits)) * ExactRatio.Of(rates[row] ?? 0) / ExactRatio.Of(100);
                vatOfRates[row] = exact.Rounded(MinorUnits, IsHalfEven);
            }
            else if (tariff.Options.Rounding == RoundingRule.PerComponent)
            {
                var minorUnits = MinorUnits;
                vatOfRates[row] = of.Aggregate(BigInteger.Zero, (sum, i) => sum + parts[i].Vat.Rounded(minorUnits));
            }
            var ofLines = Allotted(vatOfRates[row], [.. of.Select(i => parts[i].Vat)]);
            for (var i = 0; i < of.Length; i++)
            {
                taxes[of[i]] = ofLines[i];
            }
            allotted += vatOfRates[row];
            rows[row] = new VatRow(rates[row], InUnits(taxable), InUnits(vatOfRates[row]));
        }
        return rows;
    }

    /// <summary>What a line costs, exactly. Number -1: what a limit adds or takes away.</summary>
    private sealed record Part(int Number, decimal? Rate, ExactRatio ExclVat, ExactRatio Vat, BillLine Line);
}
