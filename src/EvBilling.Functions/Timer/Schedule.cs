using NodaTime;

namespace EvBilling.Functions.Timer;

/// <summary>How many replicas the fleet is to have at which time: the first entry in force, else a number for all other times.</summary>
internal sealed record Schedule(IReadOnlyList<ScheduleEntry> Entries, int Otherwise)
{
    private const int DaysOfAWeek = 7;

    public int ReplicasAt(Instant at) => Entries.FirstOrDefault(entry => entry.IsInForce(at))?.Replicas ?? Otherwise;

    /// <summary>The last moment at or before this one at which the number became another.</summary>
    /// <returns>Null if it has not for a week, and so never does.</returns>
    public Instant? LastChange(Instant at)
    {
        var boundaries =
            from entry in Entries
            from occurrence in entry.Occurrences(at, DaysOfAWeek + 1)
            from boundary in new[] { occurrence.Start, occurrence.End }
            where boundary <= at
            orderby boundary descending
            select (Instant?)boundary;
        return boundaries.Distinct().FirstOrDefault(boundary => ReplicasAt(boundary!.Value) != ReplicasAt(boundary.Value - Duration.Epsilon));
    }
}
