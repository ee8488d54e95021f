using EvBilling.Rating;
using EvBilling.Tariffs;

namespace EvBilling.Billing.Explain;

/// <summary>Prices a bill's charging periods once more, and keeps what the bill itself does not show.</summary>
public static class PricingExplainer
{
    /// <summary>Null where the tariff does not give exactly the bill's lines and totals: then nothing is derived from it.</summary>
    public static PricingExplanation? Explain(Bill bill, CompiledTariff tariff)
    {
        if (bill.TotalExclVat is null || bill.Periods.Count == 0)
        {
            return null;
        }
        RatingPeriod[] periods = [.. bill.Periods];
        var result = new RatingResult();
        Rater.Rate(PeriodCutter.RoundToMs(bill.StartedAtNs), PeriodCutter.RoundToMs(bill.EndedAtNs), periods, tariff, result);
        if (result.Outcome != RatingOutcome.Priced || !IsThatOf(bill, BillAmounts.Round(result, periods)))
        {
            return null;
        }
        var unrounded = BillAmounts.Unrounded(result);
        return new PricingExplanation
        {
            Lines = Lines(bill, tariff, result),
            Unused = [.. Unused(bill, tariff)],
            Free = [.. Free(bill, tariff)],
            UnroundedExclVat = unrounded.ExclVat,
            UnroundedInclVat = unrounded.InclVat,
        };
    }

    private static bool IsThatOf(Bill bill, RatedAmounts amounts) =>
        amounts.Currency.Code == bill.Currency && amounts.TotalExclVat == bill.TotalExclVat && amounts.TotalInclVat == bill.TotalInclVat
        && amounts.Lines.SequenceEqual(bill.Lines) && amounts.VatBreakdown.SequenceEqual(bill.VatBreakdown);

    private static ExplainedLine[] Lines(Bill bill, CompiledTariff tariff, RatingResult result)
    {
        var lines = new ExplainedLine[result.LineCount];
        var parked = bill.Lines.Any(line => line.Dimension == TariffDimension.ParkingTime.OcpiName());
        for (var i = 0; i < lines.Length; i++)
        {
            var rated = result.Lines[i];
            var candidate = tariff.CandidateOf((TariffDimension)rated.Dimension)!;
            var (measured, billed, count, last) = (0L, 0L, 0, 0);
            for (var other = 0; other < lines.Length; other++)
            {
                if (result.Lines[other].Dimension == rated.Dimension)
                {
                    measured += result.Lines[other].Measured;
                    billed += result.Lines[other].Billed;
                    count++;
                    last = other;
                }
            }
            var step = candidate.Step == 0 ? StepEffect.None
                : parked && candidate.Dimension == TariffDimension.Time ? StepEffect.LeftToParking
                : billed == measured ? StepEffect.WholeSteps
                : i == last ? StepEffect.Raised
                : StepEffect.RaisedOnLastLine;
            var rate = tariff.VatRates[candidate.VatIndex];
            var amount = candidate.PricePerUnit * rated.Billed;
            lines[i] = new(
                bill.Lines[i],
                Exact.Quotient(amount, tariff.AmountDenominator),
                Rounded(amount, tariff.AmountDenominator, tariff),
                bill.Lines[i].AmountVat is null || rate.Percent is null
                    ? null
                    : Rounded(amount * rate.Weight, tariff.AmountDenominator * tariff.HundredPercent, tariff),
                step, measured, billed, count);
        }
        return lines;
    }

    private static decimal Rounded(Int128 numerator, Int128 denominator, CompiledTariff tariff) =>
        Exact.Decimal(Exact.RoundedQuotient(numerator * tariff.MinorFactor, denominator), tariff.Currency.MinorUnits);

    private static IEnumerable<UnusedComponent> Unused(Bill bill, CompiledTariff tariff)
    {
        foreach (var element in tariff.Source.Elements)
        {
            foreach (var component in element.PriceComponents)
            {
                var counts = tariff.CandidateOf(component.Dimension)!;
                var isThis = counts.Element.Index == element.Index && counts.Component.Index == component.Index;
                if (!isThis)
                {
                    yield return new(element, component, counts.Element);
                }
                else if (bill.Lines.All(line => line.Dimension != component.Dimension.OcpiName()))
                {
                    yield return new(element, component, null);
                }
            }
        }
    }

    private static IEnumerable<TariffDimension> Free(Bill bill, CompiledTariff tariff) =>
        from measured in new[]
        {
            (Dimension: TariffDimension.Energy, Volume: bill.EnergyMwh ?? 0),
            (Dimension: TariffDimension.Time, Volume: bill.ChargingNs),
            (Dimension: TariffDimension.ParkingTime, Volume: bill.ParkingNs),
        }
        where measured.Volume != 0 && tariff.CandidateOf(measured.Dimension) is null
        select measured.Dimension;
}
