using System.Numerics;

namespace EvBilling.Rating;

/// <summary>What a line of a bill is for.</summary>
internal enum LineKind : byte
{
    Energy,
    Time,
    ParkingTime,
    Flat,
    ReservationTime,
}

/// <summary>What one price component billed over a run of periods, as integers.</summary>
/// <typeparam name="TVolume">long: mWh, nanoseconds, sessions; BigInteger: the units of <see cref="WideVolumes"/>.</typeparam>
internal struct RatingLine<TVolume>
    where TVolume : struct, IBinaryInteger<TVolume>
{
    public LineKind Kind;

    /// <summary>Index into the compiled tariff's components.</summary>
    public int Component;

    /// <summary>Index of the first period.</summary>
    public int FirstPeriod;

    /// <summary>Index after the last period.</summary>
    public int EndPeriod;

    /// <summary>Volume of the periods.</summary>
    public TVolume Measured;

    /// <summary>The volume with what step_size added to it.</summary>
    public TVolume Billed;
}
