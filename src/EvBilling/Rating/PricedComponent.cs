using EvBilling.Tariffs;

namespace EvBilling.Rating;

/// <summary>A price component of a compiled tariff, with the element it stands in.</summary>
/// <param name="ElementNumber">Place of the element among those of all tariffs, from 0.</param>
/// <param name="Price">In units of 10^-scale of the currency, see <see cref="CompiledTariff.PriceScale"/>.</param>
/// <param name="StepUnits">The step in mWh or nanoseconds; 0 = none.</param>
/// <param name="VatIndex">Index into the compiled tariff's VAT rates.</param>
/// <param name="VatNotStated">No VAT is stated where one should be.</param>
internal sealed record PricedComponent(
    TariffPart Part, TariffElement Element, PriceComponent Component, int ElementNumber, Int128 Price, long StepUnits, int VatIndex, bool VatNotStated)
{
    public TariffDimension Dimension => Component.Dimension;
}

/// <summary>One tariff of those that a compiled tariff holds: which components may price a dimension, in order.</summary>
internal sealed class TariffPart(Tariff source, int number)
{
    public Tariff Source { get; } = source;

    /// <summary>From 0, in the order given.</summary>
    public int Number { get; } = number;

    /// <summary>Per dimension, indexes into the compiled tariff's components.</summary>
    public int[][] Candidates { get; } = [[], [], [], []];

    /// <summary>The first of its elements among those of all tariffs, and the one after its last.</summary>
    public int FirstElement { get; init; }

    public int EndElement { get; init; }

    public long StartNs { get; } = source.StartDateTime is { } start ? start.ToUnixTimeTicks() * 100 : long.MinValue;

    public long EndNs { get; } = source.EndDateTime is { } end ? end.ToUnixTimeTicks() * 100 : long.MaxValue;

    public LimitBound? MinExclVat { get; } = LimitBound.Of(source.MinPrice?.ExclVat);

    public LimitBound? MinInclVat { get; } = LimitBound.Of(source.MinPrice?.InclVat);

    public LimitBound? MaxExclVat { get; } = LimitBound.Of(source.MaxPrice?.ExclVat);

    public LimitBound? MaxInclVat { get; } = LimitBound.Of(source.MaxPrice?.InclVat);

    public bool IsValidAt(long unixNs) => StartNs <= unixNs && unixNs < EndNs;
}

/// <summary>A bound on a total, ready to be compared: <paramref name="Scaled"/> / <paramref name="Factor"/>.</summary>
internal sealed record LimitBound(Int128 Scaled, Int128 Factor)
{
    public static LimitBound? Of(decimal? bound) => bound is { } stated ? new(Exact.Scaled(stated, stated.Scale), Exact.PowerOfTen(stated.Scale)) : null;

    public bool IsReachedBy(Int128 numerator, Int128 denominator) => numerator * Factor >= Scaled * denominator;

    public bool IsKeptBy(Int128 numerator, Int128 denominator) => numerator * Factor <= Scaled * denominator;
}
