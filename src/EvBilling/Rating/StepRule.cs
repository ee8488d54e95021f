using System.Numerics;
using EvBilling.Tariffs;

namespace EvBilling.Rating;

/// <summary>What <c>step_size</c> makes of a volume (rules <c>step_size</c> and <c>step_precision</c>).</summary>
internal static class StepRule
{
    /// <summary>Raises a volume to a multiple of a component's step.</summary>
    /// <param name="unitsPerMwh">Units of volume in a milliwatt-hour.</param>
    /// <param name="unitsPerNs">Units of volume in a nanosecond.</param>
    public static TVolume UpToStep<TVolume>(TVolume volume, in PricedComponent component, RatingOptions options, TVolume unitsPerMwh, TVolume unitsPerNs)
        where TVolume : struct, IBinaryInteger<TVolume>
    {
        if (component.StepUnits == 0)
        {
            return volume;
        }
        var isEnergy = component.Dimension == TariffDimension.Energy;
        var step = TVolume.CreateChecked(component.StepUnits) * (isEnergy ? unitsPerMwh : unitsPerNs);
        var taken = Quantized(volume, isEnergy, options, unitsPerMwh, unitsPerNs);
        var over = taken % step;
        if (over == TVolume.Zero)
        {
            return options.StepSize == StepSizeRule.NextMultiple && volume != TVolume.Zero ? taken + step : taken;
        }
        // The ceiling of energy given back is nearer to 0: -3.3 kWh in steps of 1 kWh are -3 kWh.
        return TVolume.IsNegative(over) ? taken - over : taken - over + step;
    }

    private static TVolume Quantized<TVolume>(TVolume volume, bool isEnergy, RatingOptions options, TVolume unitsPerMwh, TVolume unitsPerNs)
        where TVolume : struct, IBinaryInteger<TVolume>
    {
        if (options.StepPrecision == StepPrecisionRule.AsWritten)
        {
            return isEnergy ? volume : volume - (volume % (TVolume.CreateChecked(1_000_000) * unitsPerNs));
        }
        // A millionth of a second is 1,000 ns; one of a Wh is finer than a mWh.
        var unit = isEnergy ? unitsPerMwh / TVolume.CreateChecked(1_000) : TVolume.CreateChecked(1_000) * unitsPerNs;
        if (unit <= TVolume.One)
        {
            return volume;
        }
        var rest = volume % unit;
        if (rest == TVolume.Zero)
        {
            return volume;
        }
        var whole = volume - rest;
        return TVolume.Abs(rest) >= unit - TVolume.Abs(rest) ? (TVolume.IsNegative(rest) ? whole - unit : whole + unit) : whole;
    }
}
