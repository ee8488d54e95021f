namespace EvBilling.Rating;

/// <summary>Rounds where all fits in 128 bits: prices without VAT, totals that no limit has changed, the default rounding.</summary>
internal readonly ref struct ShortRounding(RatingResult result, CompiledTariff tariff, ReadOnlySpan<RatingPeriod> periods)
{
    private const int OnStack = 16;

    private readonly ReadOnlySpan<RatingPeriod> _periods = periods;

    /// <exception cref="OverflowException">It does not fit.</exception>
    public RatedAmounts Round()
    {
        var count = result.LineCount;
        var numerators = count <= OnStack ? stackalloc Int128[OnStack] : new Int128[count];
        var amounts = count <= OnStack ? stackalloc Int128[OnStack] : new Int128[count];
        var taxes = count <= OnStack ? stackalloc Int128[OnStack] : new Int128[count];
        numerators = numerators[..count];
        amounts = amounts[..count];
        taxes = taxes[..count];
        for (var i = 0; i < count; i++)
        {
            numerators[i] = AmountPass.Numerator(result.Lines[i], ComponentOf(i), result) * tariff.MinorFactor;
        }
        var (sumExclVat, sumInclVat) = (Int128.Zero, Int128.Zero);
        for (var i = 0; i < tariff.VatRates.Length; i++)
        {
            sumExclVat += result.SumByVat[i];
            sumInclVat += result.SumByVat[i] * (tariff.HundredPercent + tariff.VatRates[i].Weight);
        }
        var totalExclVat = Exact.RoundedQuotient(sumExclVat * tariff.MinorFactor, result.Denominator);
        if (count > 0)
        {
            LargestRemainder<Int128>.Allot(totalExclVat, numerators, result.Denominator, amounts);
        }
        Int128? totalInclVat = null;
        IReadOnlyList<VatRow> breakdown = [];
        if (result.IsVatKnown)
        {
            totalInclVat = Exact.RoundedQuotient(sumInclVat * tariff.MinorFactor, result.Denominator * tariff.HundredPercent);
            breakdown = AllotVat(totalInclVat.Value - totalExclVat, numerators, amounts, taxes);
        }
        var lines = new BillLine[count];
        for (var i = 0; i < count; i++)
        {
            lines[i] = Line(i, InUnits(amounts[i]), result.IsVatKnown ? InUnits(taxes[i]) : null);
        }
        return new RatedAmounts(tariff.Currency, InUnits(totalExclVat), totalInclVat is { } incl ? InUnits(incl) : null, breakdown, lines, result.Flags);
    }

    private decimal InUnits(Int128 minorUnits) => Exact.Decimal(minorUnits, tariff.Currency.MinorUnits);

    private PricedComponent ComponentOf(int line) => tariff.Components[result.Lines[line].Component];

    private VatRow[] AllotVat(Int128 total, ReadOnlySpan<Int128> numerators, ReadOnlySpan<Int128> amounts, Span<Int128> taxes)
    {
        // A rate that no line has gets no row.
        var rates = tariff.VatRates.Length;
        var used = rates <= OnStack ? stackalloc int[OnStack] : new int[rates];
        var shares = rates <= OnStack ? stackalloc Int128[OnStack] : new Int128[rates];
        var vat = rates <= OnStack ? stackalloc Int128[OnStack] : new Int128[rates];
        var rows = 0;
        for (var vatIndex = 0; vatIndex < rates; vatIndex++)
        {
            if (HasLine(vatIndex))
            {
                shares[rows] = result.SumByVat[vatIndex] * tariff.VatRates[vatIndex].Weight * tariff.MinorFactor;
                used[rows++] = vatIndex;
            }
        }
        if (rows == 0)
        {
            return [];
        }
        LargestRemainder<Int128>.Allot(total, shares[..rows], result.Denominator * tariff.HundredPercent, vat[..rows]);
        var breakdown = new VatRow[rows];
        for (var row = 0; row < rows; row++)
        {
            var taxable = AllotVatOfRate(vat[row], used[row], numerators, amounts, taxes);
            breakdown[row] = new VatRow(tariff.VatRates[used[row]].Percent, InUnits(taxable), InUnits(vat[row]));
        }
        return breakdown;
    }

    private bool HasLine(int vatIndex)
    {
        for (var i = 0; i < result.LineCount; i++)
        {
            if (ComponentOf(i).VatIndex == vatIndex)
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>Allots a rate's VAT to the lines that have this rate; returns the sum of their amounts.</summary>
    private Int128 AllotVatOfRate(Int128 vat, int vatIndex, ReadOnlySpan<Int128> numerators, ReadOnlySpan<Int128> amounts, Span<Int128> taxes)
    {
        var shares = amounts.Length <= OnStack ? stackalloc Int128[OnStack] : new Int128[amounts.Length];
        var parts = amounts.Length <= OnStack ? stackalloc Int128[OnStack] : new Int128[amounts.Length];
        var (taxable, count) = (Int128.Zero, 0);
        for (var i = 0; i < amounts.Length; i++)
        {
            if (ComponentOf(i).VatIndex == vatIndex)
            {
                taxable += amounts[i];
                shares[count++] = numerators[i] * tariff.VatRates[vatIndex].Weight;
            }
        }
        LargestRemainder<Int128>.Allot(vat, shares[..count], result.Denominator * tariff.HundredPercent, parts[..count]);
        for (var (i, part) = (0, 0); i < amounts.Length; i++)
        {
            if (ComponentOf(i).VatIndex == vatIndex)
            {
                taxes[i] = parts[part++];
            }
        }
        return taxable;
    }

    private BillLine Line(int index, decimal amountExclVat, decimal? amountVat)
    {
        ref readonly var line = ref result.Lines[index];
        var component = tariff.Components[line.Component];
        var measured = Quantity(line.Measured, line.Kind);
        return new BillLine
        {
            Dimension = BillAmounts.Name(line.Kind),
            FromUnixNs = _periods[line.FirstPeriod].StartUnixNs,
            ToUnixNs = line.EndPeriod < _periods.Length ? _periods[line.EndPeriod].StartUnixNs : result.EndUnixNs,
            Quantity = line.Billed == line.Measured ? measured : Quantity(line.Billed, line.Kind),
            MeasuredQuantity = measured,
            Unit = BillAmounts.Unit(line.Kind),
            UnitPrice = component.Component.Price,
            StepSize = line.Kind == LineKind.Flat ? 0 : component.Component.StepSize,
            AmountExclVat = amountExclVat,
            VatRate = tariff.VatRates[component.VatIndex].Percent,
            AmountVat = amountVat,
            Element = component.Element.Index,
            Component = component.Component.Index,
        };
    }

    private static decimal Quantity(long volume, LineKind kind) => kind switch
    {
        LineKind.Energy => Exact.Decimal(volume, 6),
        LineKind.Flat => volume,
        _ => Exact.Hours(volume),
    };
}
