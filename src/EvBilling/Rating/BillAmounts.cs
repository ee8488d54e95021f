using EvBilling.Tariffs;

namespace EvBilling.Rating;

/// <summary>
/// The one place where money is rounded (rule <c>rounding</c>): the exact sums become totals of the currency's minor unit, half away from zero; lines sum to
/// the total excl. VAT; VAT is the difference of the totals, allotted to the rates and from there to the lines, each by largest remainder.
/// </summary>
public static class BillAmounts
{
    private const int OnStack = 16;

    /// <summary>Rounds a rated session.</summary>
    /// <param name="result">What <see cref="Rater.Rate"/> made, with outcome <see cref="RatingOutcome.Priced"/>.</param>
    /// <param name="periods">The periods it was made of.</param>
    /// <exception cref="InvalidOperationException">The session was not priced.</exception>
    /// <exception cref="ArgumentException">There are more or fewer periods than were rated.</exception>
    public static RatedAmounts Round(RatingResult result, ReadOnlySpan<RatingPeriod> periods)
    {
        var tariff = PricedTariff(result);
        if (periods.Length != result.PeriodCount)
        {
            throw new ArgumentException("These are not the periods that were rated.", nameof(periods));
        }
        var count = result.LineCount;
        var amounts = count <= OnStack ? stackalloc Int128[OnStack] : new Int128[count];
        var taxes = count <= OnStack ? stackalloc Int128[OnStack] : new Int128[count];
        amounts = amounts[..count];
        taxes = taxes[..count];

        var totalExclVat = Exact.RoundedQuotient(result.SumExclVat * tariff.MinorFactor, tariff.AmountDenominator);
        AllotAmounts(totalExclVat, result, tariff, amounts);
        Int128? totalInclVat = null;
        IReadOnlyList<VatRow> breakdown = [];
        if (result.IsVatKnown)
        {
            totalInclVat = Exact.RoundedQuotient(result.SumInclVat * tariff.MinorFactor, tariff.AmountDenominator * tariff.HundredPercent);
            breakdown = AllotVat(totalInclVat.Value - totalExclVat, result, tariff, amounts, taxes);
        }
        var lines = new BillLine[count];
        for (var i = 0; i < count; i++)
        {
            lines[i] = Line(result.Lines[i], result, tariff, periods, InUnits(amounts[i], tariff), result.IsVatKnown ? InUnits(taxes[i], tariff) : null);
        }
        return new RatedAmounts(
            tariff.Currency, InUnits(totalExclVat, tariff), totalInclVat is { } incl ? InUnits(incl, tariff) : null, breakdown, lines, result.Flags);
    }

    /// <summary>The totals before rounding: exact where the decimals end, else 12 decimals; incl. VAT null where the VAT is not known.</summary>
    /// <exception cref="InvalidOperationException">The session was not priced.</exception>
    public static (decimal ExclVat, decimal? InclVat) Unrounded(RatingResult result)
    {
        var tariff = PricedTariff(result);
        return (
            Exact.Quotient(result.SumExclVat, tariff.AmountDenominator),
            result.IsVatKnown ? Exact.Quotient(result.SumInclVat, tariff.AmountDenominator * tariff.HundredPercent) : null);
    }

    private static CompiledTariff PricedTariff(RatingResult result) =>
        result is { Outcome: RatingOutcome.Priced, Tariff: { } tariff }
            ? tariff
            : throw new InvalidOperationException($"There is no price to round: {(result.Tariff is null ? "nothing was rated" : result.Outcome)}.");

    private static decimal InUnits(Int128 minorUnits, CompiledTariff tariff) => Exact.Decimal(minorUnits, tariff.Currency.MinorUnits);

    private static PriceCandidate CandidateOf(in RatingLine line, CompiledTariff tariff) => tariff.CandidateOf((TariffDimension)line.Dimension)!;

    private static Int128 MinorNumerator(in RatingLine line, CompiledTariff tariff) =>
        CandidateOf(line, tariff).PricePerUnit * line.Billed * tariff.MinorFactor;

    private static void AllotAmounts(Int128 total, RatingResult result, CompiledTariff tariff, Span<Int128> amounts)
    {
        var lines = result.Lines;
        if (lines.IsEmpty)
        {
            return;
        }
        var shares = lines.Length <= OnStack ? stackalloc Int128[OnStack] : new Int128[lines.Length];
        for (var i = 0; i < lines.Length; i++)
        {
            shares[i] = MinorNumerator(lines[i], tariff);
        }
        LargestRemainder.Allot(total, shares[..lines.Length], tariff.AmountDenominator, amounts);
    }

    private static VatRow[] AllotVat(Int128 total, RatingResult result, CompiledTariff tariff, ReadOnlySpan<Int128> amounts, Span<Int128> taxes)
    {
        // A rate that no line has gets no row.
        var rates = tariff.VatRates.Length;
        var used = rates <= OnStack ? stackalloc int[OnStack] : new int[rates];
        var shares = rates <= OnStack ? stackalloc Int128[OnStack] : new Int128[rates];
        var vat = rates <= OnStack ? stackalloc Int128[OnStack] : new Int128[rates];
        var rows = 0;
        for (var vatIndex = 0; vatIndex < rates; vatIndex++)
        {
            if (HasLine(vatIndex, result, tariff))
            {
                shares[rows] = result.SumByVat[vatIndex] * tariff.VatRates[vatIndex].Weight * tariff.MinorFactor;
                used[rows++] = vatIndex;
            }
        }
        if (rows == 0)
        {
            return [];
        }
        LargestRemainder.Allot(total, shares[..rows], tariff.AmountDenominator * tariff.HundredPercent, vat[..rows]);
        var breakdown = new VatRow[rows];
        for (var row = 0; row < rows; row++)
        {
            var taxable = AllotVatOfRate(vat[row], used[row], result, tariff, amounts, taxes);
            breakdown[row] = new VatRow(tariff.VatRates[used[row]].Percent, InUnits(taxable, tariff), InUnits(vat[row], tariff));
        }
        return breakdown;
    }

    private static bool HasLine(int vatIndex, RatingResult result, CompiledTariff tariff)
    {
        foreach (ref readonly var line in result.Lines)
        {
            if (CandidateOf(line, tariff).VatIndex == vatIndex)
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>Allots a rate's VAT to the lines that have this rate; returns the sum of their amounts.</summary>
    private static Int128 AllotVatOfRate(Int128 vat, int vatIndex, RatingResult result, CompiledTariff tariff, ReadOnlySpan<Int128> amounts, Span<Int128> taxes)
    {
        var lines = result.Lines;
        var shares = lines.Length <= OnStack ? stackalloc Int128[OnStack] : new Int128[lines.Length];
        var parts = lines.Length <= OnStack ? stackalloc Int128[OnStack] : new Int128[lines.Length];
        var (taxable, count) = (Int128.Zero, 0);
        for (var i = 0; i < lines.Length; i++)
        {
            if (CandidateOf(lines[i], tariff).VatIndex == vatIndex)
            {
                taxable += amounts[i];
                shares[count++] = MinorNumerator(lines[i], tariff) * tariff.VatRates[vatIndex].Weight;
            }
        }
        LargestRemainder.Allot(vat, shares[..count], tariff.AmountDenominator * tariff.HundredPercent, parts[..count]);
        for (var (i, part) = (0, 0); i < lines.Length; i++)
        {
            if (CandidateOf(lines[i], tariff).VatIndex == vatIndex)
            {
                taxes[i] = parts[part++];
            }
        }
        return taxable;
    }

    private static BillLine Line(
        in RatingLine line, RatingResult result, CompiledTariff tariff, ReadOnlySpan<RatingPeriod> periods, decimal amountExclVat, decimal? amountVat)
    {
        var candidate = CandidateOf(line, tariff);
        var measured = Quantity(line.Measured, candidate.Dimension);
        return new BillLine
        {
            Dimension = candidate.Dimension.OcpiName(),
            FromUnixNs = periods[line.FirstPeriod].StartUnixNs,
            ToUnixNs = line.EndPeriod < periods.Length ? periods[line.EndPeriod].StartUnixNs : result.EndUnixNs,
            Quantity = line.Billed == line.Measured ? measured : Quantity(line.Billed, candidate.Dimension),
            MeasuredQuantity = measured,
            Unit = candidate.Dimension switch { TariffDimension.Energy => "kWh", TariffDimension.Flat => "session", _ => "h" },
            UnitPrice = candidate.Component.Price,
            StepSize = candidate.Dimension == TariffDimension.Flat ? 0 : candidate.Component.StepSize,
            AmountExclVat = amountExclVat,
            VatRate = tariff.VatRates[candidate.VatIndex].Percent,
            AmountVat = amountVat,
            Element = candidate.Element.Index,
            Component = candidate.Component.Index,
        };
    }

    private static decimal Quantity(long volume, TariffDimension dimension) => dimension switch
    {
        TariffDimension.Energy => Exact.Decimal(volume, 6),
        TariffDimension.Flat => volume,
        _ => Exact.Hours(volume),
    };
}
