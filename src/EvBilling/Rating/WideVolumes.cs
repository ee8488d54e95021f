using System.Numerics;

namespace EvBilling.Rating;

/// <summary>
/// Volumes of a session's periods that need more digits than a <see cref="RatingPeriod"/> has: energy in 1e-28 kWh, times in 1e-28 of 36 hours' hundredth,
/// that is in 1e-26 s. Every decimal of 28 digits is a whole number of them.
/// </summary>
public sealed class WideVolumes
{
    /// <summary>Units in a milliwatt-hour.</summary>
    public static readonly BigInteger UnitsPerMwh = BigInteger.Pow(10, 22);

    /// <summary>Units in a nanosecond.</summary>
    public static readonly BigInteger UnitsPerNs = BigInteger.Pow(10, 17);

    public required BigInteger[] Energy { get; init; }

    public required BigInteger[] Time { get; init; }

    public required BigInteger[] ParkingTime { get; init; }

    public required BigInteger[] ReservationTime { get; init; }

    /// <summary>kWh in units.</summary>
    public static BigInteger OfKilowattHours(decimal kilowattHours) => Scaled(kilowattHours, 28, BigInteger.One);

    /// <summary>Hours in units.</summary>
    public static BigInteger OfHours(decimal hours) => Scaled(hours, 28, 36);

    private static BigInteger Scaled(decimal value, int scale, BigInteger factor) =>
        ExactRatio.Unscaled(value) * BigInteger.Pow(10, scale - value.Scale) * factor;
}
