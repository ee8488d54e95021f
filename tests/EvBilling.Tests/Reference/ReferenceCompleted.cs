namespace EvBilling.Tests.Reference;

/// <summary>A session that nothing but `completed` speaks of: it has ended, and its energy is what the event says.</summary>
internal static class ReferenceCompleted
{
    public static ReferenceSession Assemble(List<ReferenceEvent> sorted, decimal? maxPowerW, long maxSessionNs)
    {
        // Several with one content say the same; with different ones the session is held, whichever is taken.
        ReferenceEvent completed = sorted[0];
        long start = completed.StartedAt!.Value, end = completed.EndedAt!.Value;
        bool isNegative = end < start;
        long? chargingEnd = completed.ChargingEndedAt;
        var flags = new ReferenceFlags();
        flags.Add(isNegative, "NegativeDuration");
        flags.Add(end - start > maxSessionNs, "ImplausibleDuration");
        flags.Add(completed.Energy is null, "NoReadings");
        flags.Add(completed.Energy is long energy && ReferencePlausibility.Exceeds(energy, maxPowerW, end - start), "ImplausibleEnergy");
        flags.Add(chargingEnd < start || chargingEnd > end, "ChargingEndOutside");
        long charging = isNegative ? 0 : Math.Clamp(chargingEnd ?? end, start, end) - start;
        return new ReferenceSession
        {
            SessionId = completed.SessionId,
            Status = "final",
            Flags = flags.Names,
            StartedAt = start,
            EndedAt = end,
            EnergyMwh = completed.Energy,
            ChargingNs = charging,
            ParkingNs = isNegative ? 0 : end - start - charging,
            WaitingNs = 0,
            Readings = 0,
            Events = sorted,
            TiedIds = [],
        };
    }
}

/// <summary>Flags, sorted, none twice.</summary>
internal sealed class ReferenceFlags(IEnumerable<string>? names = null)
{
    private readonly SortedSet<string> _names = new(names ?? [], StringComparer.Ordinal);

    public IReadOnlyList<string> Names => [.. _names];

    public void Add(bool condition, string name)
    {
        if (condition) _names.Add(name);
    }
}
