using System.Numerics;

namespace EvBilling.Rating;

/// <summary>Where rating takes the volumes of periods from.</summary>
internal interface IVolumeSource<TVolume>
    where TVolume : struct, IBinaryInteger<TVolume>
{
    /// <summary>Units in a milliwatt-hour, of energy.</summary>
    TVolume UnitsPerMwh { get; }

    /// <summary>Units in a nanosecond, of times.</summary>
    TVolume UnitsPerNs { get; }

    TVolume Energy(int period);

    TVolume Time(int period);

    TVolume ParkingTime(int period);

    TVolume ReservationTime(int period);
}

internal readonly ref struct ShortVolumes(ReadOnlySpan<RatingPeriod> periods) : IVolumeSource<long>
{
    private readonly ReadOnlySpan<RatingPeriod> _periods = periods;

    public long UnitsPerMwh => 1;

    public long UnitsPerNs => 1;

    public long Energy(int period) => _periods[period].EnergyMwh;

    public long Time(int period) => _periods[period].TimeNs;

    public long ParkingTime(int period) => _periods[period].ParkingTimeNs;

    public long ReservationTime(int period) => _periods[period].ReservationTimeNs;
}

/// <summary>All digits; also the short ones, where sums of them are too long.</summary>
internal readonly ref struct LongVolumes(ReadOnlySpan<RatingPeriod> periods, WideVolumes? wide) : IVolumeSource<BigInteger>
{
    private readonly ReadOnlySpan<RatingPeriod> _periods = periods;

    public BigInteger UnitsPerMwh => WideVolumes.UnitsPerMwh;

    public BigInteger UnitsPerNs => WideVolumes.UnitsPerNs;

    public BigInteger Energy(int period) => wide is null ? _periods[period].EnergyMwh * UnitsPerMwh : wide.Energy[period];

    public BigInteger Time(int period) => wide is null ? _periods[period].TimeNs * UnitsPerNs : wide.Time[period];

    public BigInteger ParkingTime(int period) => wide is null ? _periods[period].ParkingTimeNs * UnitsPerNs : wide.ParkingTime[period];

    public BigInteger ReservationTime(int period) => wide is null ? _periods[period].ReservationTimeNs * UnitsPerNs : wide.ReservationTime[period];
}
