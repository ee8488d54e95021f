using EvBilling.Rating;
using EvBilling.Tariffs;

namespace EvBilling.Billing.Explain;

/// <summary>Prices a bill's charging periods once more, and keeps what the bill itself does not show.</summary>
public static class PricingExplainer
{
    /// <param name="zone">The zone of the bill's location; null = not known.</param>
    /// <returns>Null where the tariff does not give exactly the bill's lines and totals: then nothing is derived from it.</returns>
    public static PricingExplanation? Explain(Bill bill, CompiledTariff tariff, RatingZone? zone)
    {
        if (bill.TotalExclVat is null || bill.Periods.Count == 0)
        {
            return null;
        }
        RatingPeriod[] periods = [.. bill.Periods];
        var result = new RatingResult();
        var session = new RatingSession(PeriodCutter.RoundToMs(bill.StartedAtNs), PeriodCutter.RoundToMs(bill.EndedAtNs), periods)
        {
            Zone = zone,
            Measures = bill.Measures.Count == 0 ? default : bill.Measures.ToArray(),
        };
        Rater.Rate(session, tariff, result);
        return result.Outcome != RatingOutcome.Priced || result.IsLong || !IsThatOf(bill, BillAmounts.Round(result, periods)) ? null : ExplainResult(bill, tariff, result);
    }

    /// <param name="bill">With the lines and totals that <see cref="BillAmounts.Round"/> makes of the result.</param>
    /// <param name="tariff">What rated it.</param>
    /// <param name="result">A price.</param>
    /// <returns>Null where volumes have more digits than can be explained.</returns>
    public static PricingExplanation? ExplainResult(Bill bill, CompiledTariff tariff, RatingResult result)
    {
        if (result.IsLong)
        {
            return null;
        }
        var unrounded = BillAmounts.Unrounded(result);
        return new PricingExplanation
        {
            Lines = Lines(bill, tariff, result),
            // Elements of several tariffs can't be told apart by their numbers.
            Unused = tariff.Parts.Length > 1 ? [] : [.. Unused(bill, tariff)],
            Free = [.. Free(bill, tariff)],
            Options = tariff.Options,
            UnroundedExclVat = unrounded.ExclVat,
            UnroundedInclVat = unrounded.InclVat,
        };
    }

    private static bool IsThatOf(Bill bill, RatedAmounts amounts) =>
        amounts.Currency.Code == bill.Currency && amounts.TotalExclVat == bill.TotalExclVat && amounts.TotalInclVat == bill.TotalInclVat
        && amounts.Lines.SequenceEqual(bill.Lines) && amounts.VatBreakdown.SequenceEqual(bill.VatBreakdown);

    private static ExplainedLine[] Lines(Bill bill, CompiledTariff tariff, RatingResult result)
    {
        var lines = new ExplainedLine[bill.Lines.Count];
        var amounts = Amounts.Of(result);
        var parked = bill.Lines.Any(line => line.Dimension == TariffDimension.ParkingTime.OcpiName());
        for (var i = 0; i < result.LineCount; i++)
        {
            var rated = result.Lines[i];
            var component = tariff.Components[rated.Component];
            var (measured, billed, count, last) = (0L, 0L, 0, 0);
            for (var other = 0; other < result.LineCount; other++)
            {
                if (tariff.Components[result.Lines[other].Component].Dimension == component.Dimension)
                {
                    measured += result.Lines[other].Measured;
                    billed += result.Lines[other].Billed;
                    count++;
                    last = other;
                }
            }
            // The sum of a dimension is raised by the step of the component used last.
            var isPerPeriod = tariff.Options.StepSize == StepSizeRule.PerPeriod;
            var stepSize = bill.Lines[isPerPeriod ? i : last].StepSize;
            var step = stepSize == 0 ? StepEffect.None
                : isPerPeriod ? billed == measured ? StepEffect.WholeSteps : StepEffect.RaisedPerPeriod
                : parked && component.Dimension == TariffDimension.Time ? StepEffect.LeftToParking
                : billed == measured ? StepEffect.WholeSteps
                : i == last ? StepEffect.Raised
                : StepEffect.RaisedOnLastLine;
            var rate = tariff.VatRates[component.VatIndex];
            var amount = amounts.AmountOf(i);
            var net = RatingTotals.Net(amount, rate, tariff);
            lines[i] = new(
                bill.Lines[i],
                net.ToDecimal(),
                Rounded(net, tariff),
                bill.Lines[i].AmountVat is null || rate.Percent is null ? null : Rounded(RatingTotals.Gross(amount, rate, tariff) - net, tariff),
                step, measured, billed, count)
            {
                IsGross = tariff.IsGrossPriced,
                StepSize = stepSize,
                Restrictions = string.Join(", ", component.Element.Restrictions.Select(stated => $"{stated.Name} {stated.Json}")),
            };
        }
        for (var i = result.LineCount; i < lines.Length; i++)
        {
            var line = bill.Lines[i];
            lines[i] = new(line, line.AmountExclVat, line.AmountExclVat, line.AmountVat, StepEffect.None, 0, 0, 1);
        }
        return lines;
    }

    private static decimal Rounded(ExactRatio amount, CompiledTariff tariff) =>
        Exact.Decimal((Int128)amount.Rounded(tariff.Currency.MinorUnits), tariff.Currency.MinorUnits);

    private static IEnumerable<UnusedComponent> Unused(Bill bill, CompiledTariff tariff)
    {
        foreach (var element in tariff.Source.Elements)
        {
            foreach (var component in element.PriceComponents)
            {
                if (bill.Lines.Any(line => line.Element == element.Index && line.Component == component.Index))
                {
                    continue;
                }
                var dimension = component.Dimension.OcpiName();
                var used = bill.Lines.Where(line => line.Dimension == dimension && line.Element <= element.Index).Select(line => (int?)line.Element).Min();
                yield return new(
                    element, component, used is { } before ? tariff.Source.Elements[before] : null, component.Dimension == TariffDimension.Flat || Volume(bill, component.Dimension) != 0);
            }
        }
    }

    private static long Volume(Bill bill, TariffDimension dimension) => dimension switch
    {
        TariffDimension.Energy => bill.EnergyMwh ?? 0,
        TariffDimension.Time => bill.ChargingNs,
        TariffDimension.ParkingTime => bill.ParkingNs,
        _ => 0,
    };

    private static IEnumerable<TariffDimension> Free(Bill bill, CompiledTariff tariff) =>
        from dimension in new[] { TariffDimension.Energy, TariffDimension.Time, TariffDimension.ParkingTime }
        where Volume(bill, dimension) != 0 && tariff.Parts.All(part => part.Candidates(dimension).IsEmpty)
        select dimension;
}
