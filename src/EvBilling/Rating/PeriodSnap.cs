using System.Numerics;
using System.Runtime.CompilerServices;

namespace EvBilling.Rating;

/// <summary>Rule <c>period_snap</c>: a time that differs from its period's length by no more than its digits leave open is that length.</summary>
internal static class PeriodSnap
{
    // Half of the last digit of hours with 4 decimals, which is what OCPI's numbers have: 0.00005 h.
    private const long SnapNs = 180_000_000;

    /// <param name="volume">A time that is not 0.</param>
    /// <param name="lengthNs">How long the period is.</param>
    /// <param name="unitsPerNs">Units of <paramref name="volume"/> in a nanosecond.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVolume Snapped<TVolume>(TVolume volume, long lengthNs, TVolume unitsPerNs)
        where TVolume : struct, IBinaryInteger<TVolume>
    {
        var length = TVolume.CreateChecked(lengthNs) * unitsPerNs;
        return TVolume.Abs(volume - length) <= TVolume.CreateChecked(SnapNs) * unitsPerNs ? length : volume;
    }
}
