using System.Numerics;

namespace EvBilling.Rating;

/// <summary>
/// The one place where money is rounded (rule <c>rounding</c>): the exact sums become totals of the currency's minor unit, half away from zero; lines sum to
/// the total excl. VAT; VAT is the difference of the totals, allotted to the rates and from there to the lines, each by largest remainder.
/// </summary>
public static class BillAmounts
{
    /// <summary>Rounds a rated session.</summary>
    /// <param name="result">What <see cref="Rater.Rate"/> made, with outcome <see cref="RatingOutcome.Priced"/>.</param>
    /// <param name="periods">The periods it was made of.</param>
    /// <exception cref="InvalidOperationException">The session was not priced.</exception>
    /// <exception cref="ArgumentException">There are more or fewer periods than were rated.</exception>
    /// <exception cref="OverflowException">An amount or a quantity has more digits than a decimal.</exception>
    public static RatedAmounts Round(RatingResult result, ReadOnlySpan<RatingPeriod> periods)
    {
        var tariff = PricedTariff(result);
        CheckPeriods(result, periods);
        if (!result.IsLong && !tariff.IsGrossPriced && result.Clamped is null && tariff.Options is { Rounding: RoundingRule.HalfAwayFromZero, VatRounding: VatRoundingRule.Total })
        {
            try
            {
                return new ShortRounding(result, tariff, periods).Round();
            }
            catch (OverflowException)
            {
                // The long numbers below have no end.
            }
        }
        return new LongRounding(result, tariff, periods).Round();
    }

    /// <summary>The lines before rounding, with those that min_price or max_price make; of a credit CDR positive, as the session's own.</summary>
    /// <inheritdoc cref="Round"/>
    public static IReadOnlyList<ExactLine> LinesUnrounded(RatingResult result, ReadOnlySpan<RatingPeriod> periods)
    {
        var tariff = PricedTariff(result);
        CheckPeriods(result, periods);
        return new ExactLines(result, tariff, periods).All(out _);
    }

    /// <summary>The totals before rounding: exact where the decimals end, else 12 decimals; incl. VAT null where the VAT is not known.</summary>
    /// <exception cref="InvalidOperationException">The session was not priced.</exception>
    public static (decimal ExclVat, decimal? InclVat) Unrounded(RatingResult result)
    {
        var totals = RatingTotals.Of(result);
        return (totals.ExclVat.ToDecimal(), totals.InclVat?.ToDecimal());
    }

    internal static CompiledTariff PricedTariff(RatingResult result) =>
        result is { Outcome: RatingOutcome.Priced, Tariff: { } tariff }
            ? tariff
            : throw new InvalidOperationException($"There is no price to round: {(result.Tariff is null ? "nothing was rated" : result.Outcome)}.");

    private static void CheckPeriods(RatingResult result, ReadOnlySpan<RatingPeriod> periods)
    {
        if (periods.Length != result.PeriodCount)
        {
            throw new ArgumentException("These are not the periods that were rated.", nameof(periods));
        }
    }

    internal static string Unit(LineKind kind) => kind switch { LineKind.Energy => "kWh", LineKind.Flat => "session", _ => "h" };

    internal static string Name(LineKind kind) => kind switch
    {
        LineKind.Energy => "ENERGY",
        LineKind.Time => "TIME",
        LineKind.ParkingTime => "PARKING_TIME",
        LineKind.Flat => "FLAT",
        _ => "RESERVATION_TIME",
    };
}
