using System.Numerics;

namespace EvBilling.Rating;

/// <summary>
/// Rates a session under a compiled tariff: volumes, then step_size, then prices, then sums by VAT rate, then min_price and max_price
/// (OCPI 2.2.1 mod_tariffs 1.1). All in integers, so nothing is rounded; <see cref="BillAmounts"/> does that. Short integers where they reach, else long ones,
/// by the same code.
/// </summary>
public static class Rater
{
    /// <summary>Rates a session.</summary>
    /// <param name="session">What happened.</param>
    /// <param name="tariff">What rates it.</param>
    /// <param name="result">Takes the result; what it held before is gone.</param>
    public static void Rate(in RatingSession session, CompiledTariff tariff, RatingResult result)
    {
        result.Begin(tariff, session);
        if (tariff.IsPlain && TryQuickly(session, tariff, result))
        {
            PriceLimits.Apply(result);
            return;
        }
        var outcome = Check(session.Periods, tariff.Options);
        if (outcome != RatingOutcome.Priced)
        {
            result.Refuse(outcome);
            return;
        }
        if (!TryRate(session, tariff, result))
        {
            result.Refuse(RatingOutcome.NoTariffValid);
            return;
        }
        if (session.Periods.IsEmpty)
        {
            result.Flags |= RatingFlags.NoPeriods;
        }
        PriceLimits.Apply(result);
    }

    private static bool TryQuickly(in RatingSession session, CompiledTariff tariff, RatingResult result)
    {
        try
        {
            if (QuickPass.TryRate(session, tariff, result))
            {
                return true;
            }
        }
        catch (OverflowException)
        {
            // It is for longer numbers.
        }
        result.Begin(tariff, session);
        return false;
    }

    private static bool TryRate(in RatingSession session, CompiledTariff tariff, RatingResult result)
    {
        if (session.Wide is null)
        {
            try
            {
                var isRated = new VolumePass<long, ShortVolumes>(session, new ShortVolumes(session.Periods), tariff, result, result.Lines).Run();
                if (!isRated || AmountPass.TryShort(result) || AmountPass.TryMiddle(result))
                {
                    return isRated;
                }
            }
            catch (OverflowException)
            {
                // The long numbers below have no end.
            }
        }
        result.Begin(tariff, session);
        result.IsLong = true;
        var isPriced = new VolumePass<BigInteger, LongVolumes>(session, new LongVolumes(session.Periods, session.Wide), tariff, result, result.Long.Lines).Run();
        if (isPriced)
        {
            AmountPass.Long(result);
        }
        return isPriced;
    }

    private static RatingOutcome Check(ReadOnlySpan<RatingPeriod> periods, RatingOptions options)
    {
        var previous = long.MinValue;
        var signs = 0L;
        foreach (ref readonly var period in periods)
        {
            if (period.StartUnixNs < previous && options.PeriodOrder == PeriodOrderRule.Sorted)
            {
                return RatingOutcome.PeriodsOutOfOrder;
            }
            previous = period.StartUnixNs;
            signs |= period.TimeNs | period.ParkingTimeNs | period.ReservationTimeNs;
        }
        return signs < 0 ? RatingOutcome.NegativeTime : RatingOutcome.Priced;
    }
}
