using EvBilling.Events;

namespace EvBilling.Sessions;

/// <summary>How much energy is believed: what the connector can deliver in the time, the time taken as at least a minute.</summary>
internal static class EnergyLimit
{
    private const long LeastNs = 60 * Rfc3339.NsPerSecond;
    private const long NsPerHour = 3600 * Rfc3339.NsPerSecond;

    // Between two readings a station may report late; a jump below this is believed as far as the whole session allows it.
    private const long JumpMwh = 50_000_000;

    public static bool IsImplausible(AssembledSession session, long maxPowerMw) => Excess(session, maxPowerMw) is not null;

    /// <summary>The first that is not believed: the whole session, or what came between two readings; null = all is.</summary>
    public static (long EnergyMwh, long FromNs, long ToNs)? Excess(AssembledSession session, long maxPowerMw)
    {
        if (Exceeds(session.EnergyMwh, session.EndNs - session.StartNs, maxPowerMw))
        {
            return (session.EnergyMwh, session.StartNs, session.EndNs);
        }
        var readings = session.ReadingList;
        for (var i = 1; i < readings.Count; i++)
        {
            var increaseMwh = readings[i].EnergyMwh - readings[i - 1].EnergyMwh;
            if (increaseMwh > JumpMwh && Exceeds(increaseMwh, readings[i].TimeNs - readings[i - 1].TimeNs, maxPowerMw))
            {
                return (increaseMwh, readings[i - 1].TimeNs, readings[i].TimeNs);
            }
        }
        return null;
    }

    private static bool Exceeds(long energyMwh, long durationNs, long maxPowerMw) =>
        (Int128)energyMwh * NsPerHour > (Int128)maxPowerMw * Math.Max(durationNs, LeastNs);
}
