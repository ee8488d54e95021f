namespace EvBilling.Rating;

/// <summary>
/// A charging period (OCPI 2.2.1 mod_cdrs 1.4.6) as rating takes it: volumes in integers, in force from its start until the next period's start
/// (the last: until the session's end).
/// </summary>
/// <param name="StartUnixNs">Start, inclusive, in nanoseconds since 1970-01-01T00:00:00Z.</param>
/// <param name="EnergyMwh">ENERGY in milliwatt-hours (1e-6 kWh), 0 = none; under 0 where the vehicle gave back.</param>
/// <param name="TimeNs">TIME: charging time in nanoseconds, 0 = none.</param>
/// <param name="ParkingTimeNs">PARKING_TIME in nanoseconds, 0 = none.</param>
public readonly record struct RatingPeriod(long StartUnixNs, long EnergyMwh, long TimeNs, long ParkingTimeNs)
{
    /// <summary>RESERVATION_TIME in nanoseconds, 0 = none.</summary>
    public long ReservationTimeNs { get; init; }

    /// <summary>Which dimensions are stated, be it with a volume of 0.</summary>
    public PeriodVolumes Stated { get; init; }

    /// <summary>The tariff that the period names: its place in <see cref="RatingSession.TariffIds"/>, from 1; 0 = none.</summary>
    public int TariffNumber { get; init; }
}

/// <summary>Dimensions that a period states.</summary>
[Flags]
public enum PeriodVolumes : byte
{
    None = 0,
    Energy = 1,
    Time = 2,
    ParkingTime = 4,
    ReservationTime = 8,
}

/// <summary>Power and current measured over a period, in 1e-9 kW and 1e-9 A; null = not measured (OCPI 2.2.1 mod_cdrs 1.4.2, MIN_POWER and the like).</summary>
public readonly record struct PeriodMeasures
{
    // Kept so that what is all 0 was not measured; no number is as small as this one.
    private const long NotMeasured = long.MinValue;

    private readonly long _minPower;
    private readonly long _maxPower;
    private readonly long _minCurrent;
    private readonly long _maxCurrent;

    public PeriodMeasures(long? minPower, long? maxPower, long? minCurrent, long? maxCurrent)
        : this(minPower ?? NotMeasured, maxPower ?? NotMeasured, minCurrent ?? NotMeasured, maxCurrent ?? NotMeasured)
    {
    }

    private PeriodMeasures(long minPower, long maxPower, long minCurrent, long maxCurrent)
    {
        _minPower = minPower ^ NotMeasured;
        _maxPower = maxPower ^ NotMeasured;
        _minCurrent = minCurrent ^ NotMeasured;
        _maxCurrent = maxCurrent ^ NotMeasured;
    }

    public long? MinPower => Measured(_minPower);

    public long? MaxPower => Measured(_maxPower);

    public long? MinCurrent => Measured(_minCurrent);

    public long? MaxCurrent => Measured(_maxCurrent);

    /// <summary>The least long where nothing was measured.</summary>
    internal static PeriodMeasures Of(long minPower, long maxPower, long minCurrent, long maxCurrent) => new(minPower, maxPower, minCurrent, maxCurrent);

    /// <summary>With one more measurement; null = that was not measured.</summary>
    internal PeriodMeasures With(long? power, long? current) => new(
        Least(MinPower, power), Greatest(MaxPower, power), Least(MinCurrent, current), Greatest(MaxCurrent, current));

    private static long? Measured(long kept) => kept == 0 ? null : kept ^ NotMeasured;

    private static long? Least(long? known, long? other) => known is { } left && other is { } right ? Math.Min(left, right) : known ?? other;

    private static long? Greatest(long? known, long? other) => known is { } left && other is { } right ? Math.Max(left, right) : known ?? other;
}
