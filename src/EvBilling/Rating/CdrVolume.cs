namespace EvBilling.Rating;

/// <summary>Turns the volumes of a CDR's dimensions (OCPI 2.2.1 mod_cdrs 1.4.2, CdrDimension) into a <see cref="RatingPeriod"/>'s integers.</summary>
public static class CdrVolume
{
    // Half of the last digit of hours with 4 decimals, which is what OCPI's numbers have: 0.00005 h.
    private const long SnapNs = 180_000_000;

    private const decimal MwhPerKwh = 1_000_000m;
    private const decimal NsPerHour = 3_600_000_000_000m;

    /// <summary>ENERGY: kWh to mWh, rounded to 6 decimals of kWh.</summary>
    /// <exception cref="OverflowException">More than a long holds.</exception>
    public static long EnergyMwh(decimal kilowattHours) => (long)decimal.Round(kilowattHours * MwhPerKwh, MidpointRounding.AwayFromZero);

    /// <summary>
    /// TIME and PARKING_TIME: hours to nanoseconds. Rule <c>period_snap</c>, on: a volume within 0.18 s of its period's length is that length, since
    /// hours carry 4 decimals; 0 never is.
    /// </summary>
    /// <param name="hours">The dimension's volume.</param>
    /// <param name="periodNs">From the period's start to the next one's, or to the session's end.</param>
    /// <exception cref="OverflowException">More than a long holds.</exception>
    public static long TimeNs(decimal hours, long periodNs)
    {
        var measuredNs = (long)decimal.Round(hours * NsPerHour, MidpointRounding.AwayFromZero);
        return measuredNs != 0 && Int128.Abs((Int128)measuredNs - periodNs) <= SnapNs ? periodNs : measuredNs;
    }
}
