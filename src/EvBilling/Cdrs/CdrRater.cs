using EvBilling.Rating;

namespace EvBilling.Cdrs;

/// <summary>Rates partners' CDRs, and tells where their charging periods hide a change of price. Not for several threads at once.</summary>
public sealed class CdrRater
{
    private readonly PeriodSplitter _splitter = new();
    private RatingResult _result = new();
    private RatingResult _other = new();

    /// <summary>The last rating, valid until the next.</summary>
    public RatingResult Result => _result;

    /// <summary>Rates a CDR.</summary>
    /// <param name="cdr">The CDR.</param>
    /// <param name="tariff">What rates it.</param>
    /// <param name="zone">Where local time comes from; null only for a tariff that needs none.</param>
    /// <param name="isReservationExpired">The reservation was not used, as the caller knows.</param>
    /// <returns>What was rated: the CDR, or with reading <c>unsplit=interpolated</c> the same with more periods.</returns>
    public Cdr Rate(Cdr cdr, CompiledTariff tariff, RatingZone? zone, bool isReservationExpired)
    {
        ArgumentNullException.ThrowIfNull(cdr);
        ArgumentNullException.ThrowIfNull(tariff);
        var rated = RateSplit(cdr, tariff, zone, isReservationExpired);
        _result.Flags |= cdr.EndUnixNs < cdr.StartUnixNs ? RatingFlags.NegativeDuration : RatingFlags.None;
        return rated;
    }

    private Cdr RateSplit(Cdr cdr, CompiledTariff tariff, RatingZone? zone, bool isReservationExpired)
    {
        Rater.Rate(cdr.Session(zone, isReservationExpired), tariff, _result);
        if (_result.Outcome != RatingOutcome.Priced || _splitter.Split(cdr, tariff, zone) is not { } split)
        {
            return cdr;
        }
        Rater.Rate(split.Session(zone, isReservationExpired), tariff, _other);
        if (_other.Outcome != RatingOutcome.Priced || RatingTotals.Of(_result) == RatingTotals.Of(_other))
        {
            return cdr;
        }
        if (tariff.Options.Unsplit == UnsplitRule.Interpolated)
        {
            (_result, _other) = (_other, _result);
            cdr = split;
        }
        _result.Flags |= RatingFlags.PeriodSpansPriceChange;
        return cdr;
    }
}
