using EvBilling.Json;
using EvBilling.Tariffs;

namespace EvBilling.Rating;

/// <summary>
/// min_price and max_price made ready to tell in 64 bits that they leave the totals alone: in millionths of a price unit, where all of them fit. A bound that is
/// not stated is beyond all totals.
/// </summary>
internal readonly struct LimitBounds
{
    private const int MillionthsDigits = 6;
    private const int ScaleMax = 18;

    /// <param name="priceScale">Decimals of the tariff's prices.</param>
    public LimitBounds(PriceLimit? min, PriceLimit? max, int priceScale)
    {
        var scale = priceScale + MillionthsDigits;
        var areShort = scale <= ScaleMax;
        MinExclVat = Short(min?.ExclVat, long.MinValue, scale, ref areShort);
        MinInclVat = Short(min?.InclVat, long.MinValue, scale, ref areShort);
        MaxExclVat = Short(max?.ExclVat, long.MaxValue, scale, ref areShort);
        MaxInclVat = Short(max?.InclVat, long.MaxValue, scale, ref areShort);
        AreShort = areShort;
    }

    public LimitBounds(in LimitFacts min, in LimitFacts max, int priceScale)
    {
        var scale = priceScale + MillionthsDigits;
        var areShort = scale <= ScaleMax;
        MinExclVat = Short(min.HasExclVat, min.ExclVat, long.MinValue, scale, ref areShort);
        MinInclVat = Short(min.HasInclVat, min.InclVat, long.MinValue, scale, ref areShort);
        MaxExclVat = Short(max.HasExclVat, max.ExclVat, long.MaxValue, scale, ref areShort);
        MaxInclVat = Short(max.HasInclVat, max.InclVat, long.MaxValue, scale, ref areShort);
        AreShort = areShort;
    }

    /// <summary>False: some bound has more digits, and the others count for nothing.</summary>
    public bool AreShort { get; }

    public long MinExclVat { get; }

    public long MinInclVat { get; }

    public long MaxExclVat { get; }

    public long MaxInclVat { get; }

    private static long Short(decimal? bound, long none, int scale, ref bool areShort)
    {
        if (bound is not { } stated || !areShort)
        {
            return none;
        }
        areShort = stated.Scale <= scale;
        var scaled = areShort ? Exact.Scaled(stated, scale) : 0;
        areShort &= scaled >= long.MinValue && scaled <= long.MaxValue;
        return areShort ? (long)scaled : none;
    }

    private static long Short(bool isStated, in PlainNumber bound, long none, int scale, ref bool areShort)
    {
        if (!isStated || !areShort)
        {
            return none;
        }
        areShort = bound.TryScale(scale, out var scaled);
        return areShort ? scaled : none;
    }
}
