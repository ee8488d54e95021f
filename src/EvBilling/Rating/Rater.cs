using EvBilling.Tariffs;

namespace EvBilling.Rating;

/// <summary>
/// Rates a session under a compiled tariff: volumes, then step_size, then prices, then sums by VAT rate (OCPI 2.2.1 mod_tariffs 1.1). All in integers, so
/// nothing is rounded; <see cref="BillAmounts"/> does that.
/// </summary>
public static class Rater
{
    private const int None = -1;

    /// <summary>Rates a session.</summary>
    /// <param name="startUnixNs">The session's start, in nanoseconds since 1970-01-01T00:00:00Z.</param>
    /// <param name="endUnixNs">The session's end, likewise.</param>
    /// <param name="periods">In the order of their starts; they need not lie within the session, since partners' CDRs do not all keep to that.</param>
    /// <param name="tariff">The tariff that rates all of it.</param>
    /// <param name="result">Takes the result; what it held before is gone.</param>
    public static void Rate(long startUnixNs, long endUnixNs, ReadOnlySpan<RatingPeriod> periods, CompiledTariff tariff, RatingResult result)
    {
        result.Begin(tariff, periods.Length, startUnixNs, endUnixNs);
        var outcome = Check(periods);
        if (outcome != RatingOutcome.Priced)
        {
            result.Refuse(outcome);
            return;
        }
        try
        {
            Span<int> lastLines = stackalloc int[TariffDimensions.Count];
            lastLines.Fill(None);
            TakeVolumes(periods, tariff, result, lastLines);
            ApplySteps(tariff, result, lastLines);
            Price(tariff, result);
        }
        catch (OverflowException)
        {
            result.Refuse(RatingOutcome.Overflow);
        }
        if (periods.IsEmpty)
        {
            result.Flags |= RatingFlags.NoPeriods;
        }
    }

    private static RatingOutcome Check(ReadOnlySpan<RatingPeriod> periods)
    {
        var previous = long.MinValue;
        var signs = 0L;
        foreach (ref readonly var period in periods)
        {
            if (period.StartUnixNs < previous)
            {
                return RatingOutcome.PeriodsOutOfOrder;
            }
            previous = period.StartUnixNs;
            signs |= period.TimeNs | period.ParkingTimeNs;
        }
        return signs < 0 ? RatingOutcome.NegativeTime : RatingOutcome.Priced;
    }

    private static void TakeVolumes(ReadOnlySpan<RatingPeriod> periods, CompiledTariff tariff, RatingResult result, Span<int> lastLines)
    {
        var energy = tariff.CandidateOf(TariffDimension.Energy) is not null;
        var time = tariff.CandidateOf(TariffDimension.Time) is not null;
        var parking = tariff.CandidateOf(TariffDimension.ParkingTime) is not null;
        var flat = tariff.CandidateOf(TariffDimension.Flat) is not null;
        for (var i = 0; i < periods.Length; i++)
        {
            ref readonly var period = ref periods[i];
            // Rule zero_volume: what has no volume takes no part.
            if (energy && period.EnergyMwh != 0)
            {
                // Energy is billed by what was delivered, so its line may span a pause.
                Take(TariffDimension.Energy, period.EnergyMwh, i, maySpanGap: true, result, lastLines);
            }
            if (time && period.TimeNs != 0)
            {
                Take(TariffDimension.Time, period.TimeNs, i, maySpanGap: false, result, lastLines);
            }
            if (parking && period.ParkingTimeNs != 0)
            {
                Take(TariffDimension.ParkingTime, period.ParkingTimeNs, i, maySpanGap: false, result, lastLines);
            }
            if (flat && i == 0)
            {
                // Rule flat: once per session, from the first period on.
                result.Add(new RatingLine { Dimension = (int)TariffDimension.Flat, FirstPeriod = 0, EndPeriod = periods.Length, Measured = 1, Billed = 1 });
            }
        }
    }

    private static void Take(TariffDimension dimension, long volume, int period, bool maySpanGap, RatingResult result, Span<int> lastLines)
    {
        ref var last = ref lastLines[(int)dimension];
        if (last != None)
        {
            ref var line = ref result.Lines[last];
            if (maySpanGap || line.EndPeriod == period)
            {
                line.Measured += volume;
                line.Billed = line.Measured;
                line.EndPeriod = period + 1;
                return;
            }
        }
        last = result.Add(new RatingLine { Dimension = (int)dimension, FirstPeriod = period, EndPeriod = period + 1, Measured = volume, Billed = volume });
    }

    /// <summary>
    /// Rule <c>step_size</c>, ceiling: the priced total of ENERGY, and of either PARKING_TIME or TIME, is raised to a multiple of the step of the component
    /// used last (OCPI 2.2.1 mod_tariffs 1.4.2: where a session ends with parking, only the parking is rounded).
    /// </summary>
    private static void ApplySteps(CompiledTariff tariff, RatingResult result, ReadOnlySpan<int> lastLines)
    {
        ApplyStep(TariffDimension.Energy, tariff, result, lastLines);
        var parked = lastLines[(int)TariffDimension.ParkingTime] != None;
        ApplyStep(parked ? TariffDimension.ParkingTime : TariffDimension.Time, tariff, result, lastLines);
    }

    private static void ApplyStep(TariffDimension dimension, CompiledTariff tariff, RatingResult result, ReadOnlySpan<int> lastLines)
    {
        var last = lastLines[(int)dimension];
        if (last == None || tariff.CandidateOf(dimension) is not { Step: not 0 } candidate)
        {
            return;
        }
        var total = 0L;
        foreach (ref readonly var line in result.Lines)
        {
            if (line.Dimension == (int)dimension)
            {
                total += line.Measured;
            }
        }
        // The ceiling of energy given back is nearer to 0: -3.3 kWh in steps of 1 kWh are -3 kWh.
        var over = total % candidate.Step;
        if (over != 0)
        {
            result.Lines[last].Billed += over > 0 ? candidate.Step - over : -over;
        }
    }

    private static void Price(CompiledTariff tariff, RatingResult result)
    {
        var sums = result.SumByVat;
        var bound = Int128.Zero;
        foreach (ref readonly var line in result.Lines)
        {
            var candidate = tariff.CandidateOf((TariffDimension)line.Dimension)!;
            var rate = tariff.VatRates[candidate.VatIndex];
            var amount = candidate.PricePerUnit * line.Billed;
            sums[candidate.VatIndex] += amount;
            bound += Int128.Abs(amount) * (tariff.HundredPercent + Int128.Abs(rate.Weight));
            result.IsVatKnown &= rate.IsKnown;
            result.Flags |= candidate.VatNotStated ? RatingFlags.VatNotStated : RatingFlags.None;
        }
        // Whatever is summed, taxed or turned into minor units from here on is no greater than this, so that rounding can't overflow.
        _ = bound * tariff.MinorFactor;
        for (var i = 0; i < sums.Length; i++)
        {
            result.SumExclVat += sums[i];
            result.SumInclVat += sums[i] * (tariff.HundredPercent + tariff.VatRates[i].Weight);
        }
    }
}
