namespace EvBilling.Rating;

/// <summary>What a line of a bill costs before anything is rounded.</summary>
/// <param name="Line">The line, its amounts still 0.</param>
/// <param name="ExclVat">Without VAT.</param>
/// <param name="Vat">The VAT on it; 0 where the VAT is not known.</param>
/// <param name="Billed">What is billed, in the line's unit.</param>
public sealed record ExactLine(BillLine Line, ExactRatio ExclVat, ExactRatio Vat, ExactRatio Billed)
{
    /// <summary>It is what min_price or max_price adds or takes away.</summary>
    public bool IsLimit => Line.Element == BillLine.NoElement;
}

/// <summary>Makes the lines of a bill in numbers of any length.</summary>
internal readonly ref struct ExactLines(RatingResult result, CompiledTariff tariff, ReadOnlySpan<RatingPeriod> periods)
{
    private readonly ReadOnlySpan<RatingPeriod> _periods = periods;

    /// <summary>All lines; their amounts sum to <paramref name="totals"/>.</summary>
    /// <param name="totals">After min_price and max_price, without the sign of a credit.</param>
    public List<ExactLine> All(out RatingTotals totals)
    {
        var before = RatingTotals.BeforeLimits(result);
        totals = result.Clamped is { } clamped ? new RatingTotals(clamped.ExclVat, clamped.InclVat) : before;
        var parts = Lines();
        if (result.Clamped is not null)
        {
            AddDifference(parts, before, totals);
        }
        return parts;
    }

    private List<ExactLine> Lines()
    {
        var amounts = Amounts.Of(result);
        var parts = new List<ExactLine>(amounts.Count);
        for (var i = 0; i < amounts.Count; i++)
        {
            var component = tariff.Components[amounts.ComponentOf(i)];
            var rate = tariff.VatRates[component.VatIndex];
            var stated = amounts.AmountOf(i);
            var net = RatingTotals.Net(stated, rate, tariff);
            parts.Add(new(Line(i, amounts, component, rate), net, RatingTotals.Gross(stated, rate, tariff) - net, amounts.QuantitiesOf(i).Billed));
        }
        return parts;
    }

    private BillLine Line(int index, Amounts amounts, in PricedComponent component, VatRate rate)
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
    private void AddDifference(List<ExactLine> parts, RatingTotals before, RatingTotals after)
    {
        var difference = after.ExclVat - before.ExclVat;
        var (vatBefore, vatAfter) = (Vat(before), Vat(after));
        if (before.ExclVat.IsZero)
        {
            parts.Add(new(LimitLine(OneRate()), difference, (vatAfter ?? ExactRatio.Zero) - (vatBefore ?? ExactRatio.Zero), ExactRatio.Of(1)));
            return;
        }
        foreach (var group in parts.GroupBy(part => part.Line.VatRate).ToArray())
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
                parts.Add(new(LimitLine(group.Key), more, moreVat, ExactRatio.Of(1)));
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
}
