using EvBilling.Sessions;

namespace EvBilling.Rating;

/// <summary>How a session's energy ran: linearly between readings; without readings (a lone <c>completed</c>), while charging lasted.</summary>
internal readonly struct EnergyCourse(AssembledSession session)
{
    /// <summary>Energy between readings is divided to a millionth of a mWh.</summary>
    public const long Fine = 1_000_000;

    public Int128 TotalFineMwh => (Int128)session.EnergyMwh * Fine;

    /// <summary>The energy until a moment.</summary>
    public Int128 FineMwhAt(long atNs)
    {
        var readings = session.ReadingList;
        if (readings.Count == 0)
        {
            var lengthNs = session.ChargingNs;
            return lengthNs == 0 || atNs - session.StartNs >= lengthNs
                ? TotalFineMwh
                : Between(0, session.EnergyMwh, Math.Max(0, atNs - session.StartNs), lengthNs);
        }
        var next = NextReading(atNs);
        if (next == 0)
        {
            return 0;
        }
        var before = readings[next - 1];
        if (next == readings.Count)
        {
            return (Int128)before.EnergyMwh * Fine;
        }
        var after = readings[next];
        return Between(before.EnergyMwh, after.EnergyMwh, atNs - before.TimeNs, after.TimeNs - before.TimeNs);
    }

    /// <summary>When that much energy had been delivered; null = never.</summary>
    public long? TimeOf(long energyMwh)
    {
        if (energyMwh > session.EnergyMwh)
        {
            return null;
        }
        var readings = session.ReadingList;
        if (readings.Count == 0)
        {
            return session.StartNs + (long)CeilingQuotient((Int128)session.ChargingNs * energyMwh, session.EnergyMwh);
        }
        for (var i = 0; i < readings.Count; i++)
        {
            if (readings[i].EnergyMwh < energyMwh)
            {
                continue;
            }
            if (i == 0)
            {
                return readings[0].TimeNs;
            }
            var (before, after) = (readings[i - 1], readings[i]);
            var rise = after.EnergyMwh - before.EnergyMwh;
            return before.TimeNs + (long)CeilingQuotient((Int128)(after.TimeNs - before.TimeNs) * (energyMwh - before.EnergyMwh), rise);
        }
        return null;
    }

    /// <summary>Whether what a moment divides was measured as one, over more than <paramref name="lengthNs"/>.</summary>
    public bool IsInterpolatedAt(long atNs, long lengthNs)
    {
        var readings = session.ReadingList;
        if (readings.Count == 0)
        {
            return session.EnergyMwh > 0 && atNs - session.StartNs < session.ChargingNs;
        }
        var next = NextReading(atNs);
        if (next == 0 || next == readings.Count)
        {
            return false;
        }
        var (before, after) = (readings[next - 1], readings[next]);
        return PeriodCutter.RoundToMs(before.TimeNs) != atNs && after.EnergyMwh > before.EnergyMwh && after.TimeNs - before.TimeNs > lengthNs;
    }

    // The first after the moment.
    private int NextReading(long atNs)
    {
        var readings = session.ReadingList;
        var (low, high) = (0, readings.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (readings[middle].TimeNs <= atNs)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }
        return low;
    }

    private static Int128 Between(long fromMwh, long toMwh, long elapsedNs, long lengthNs) =>
        ((Int128)fromMwh * Fine) + ((Int128)(toMwh - fromMwh) * Fine * elapsedNs / lengthNs);

    private static Int128 CeilingQuotient(Int128 numerator, Int128 denominator)
    {
        var (quotient, rest) = Int128.DivRem(numerator, denominator);
        return rest > 0 ? quotient + 1 : quotient;
    }
}
