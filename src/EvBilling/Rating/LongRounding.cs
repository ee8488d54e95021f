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
        var parts = new ExactLines(result, tariff, _periods).All(out var totals);
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
            if (parts[i].IsLimit)
            {
                lines[i] = lines[i] with { UnitPrice = lines[i].AmountExclVat };
            }
        }
        return new RatedAmounts(tariff.Currency, InUnits(totalExclVat), isVatKnown ? InUnits(totalInclVat) : null, breakdown, lines, result.Flags);
    }

    private decimal InUnits(BigInteger minorUnits) => Exact.Decimal((Int128)minorUnits, MinorUnits);

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

    private VatRow[] AllotVat(BigInteger total, List<ExactLine> parts, BigInteger[] amounts, BigInteger[] taxes, out BigInteger allotted)
    {
        allotted = 0;
        var rates = parts.Select(part => part.Line.VatRate).Distinct().Order().ToArray();
        var vatOfRates = Allotted(total, [.. rates.Select(rate => parts.Where(part => part.Line.VatRate == rate).Aggregate(ExactRatio.Zero, static (sum, part) => sum + part.Vat))]);
        var rows = new VatRow[rates.Length];
        for (var row = 0; row < rows.Length; row++)
        {
            var of = Enumerable.Range(0, parts.Count).Where(i => parts[i].Line.VatRate == rates[row]).ToArray();
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
}
