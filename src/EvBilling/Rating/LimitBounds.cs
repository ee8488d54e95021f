using EvBilling.Tariffs;

namespace EvBilling.Rating;

/// <summary>
/// min_price and max_price made ready to tell in 64 bits that they leave the totals alone: in millionths of a price unit, where all of them fit. A bound that is
/// not stated is beyond all totals.
/// </summary>
internal sealed class LimitBounds
{
    private const int MillionthsDigits = 6;
    private const int ScaleMax = 18;

    /// <param name="priceScale">Decimals of the tariff's prices.</param>
    public LimitBounds(PriceLimit? min, PriceLimit? max, int priceScale)
    {
        var scale = priceScale + MillionthsDigits;
        AreShort = scale <= ScaleMax;
        MinExclVat = Short(min?.ExclVat, long.MinValue, scale);
        MinInclVat = Short(min?.InclVat, long.MinValue, scale);
        MaxExclVat = Short(max?.ExclVat, long.MaxValue, scale);
        MaxInclVat = Short(max?.InclVat, long.MaxValue, scale);
    }

    /// <summary>False: some bound has more digits, and the others count for nothing.</summary>
    public bool AreShort { get; private set; }

    public long MinExclVat { get; }

    public long MinInclVat { get; }

    public long MaxExclVat { get; }

    public long MaxInclVat { get; }

    private long Short(decimal? bound, long none, int scale)
    {
        if (bound is not { } stated || !AreShort)
        {
            return none;
        }
        AreShort = stated.Scale <= scale;
        var scaled = AreShort ? Exact.Scaled(stated, scale) : 0;
        AreShort &= scaled >= long.MinValue && scaled <= long.MaxValue;
        return AreShort ? (long)scaled : none;
    }
}
