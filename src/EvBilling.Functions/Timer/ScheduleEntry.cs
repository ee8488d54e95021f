using NodaTime;
using NodaTime.TimeZones;

namespace EvBilling.Functions.Timer;

/// <summary>A line of the schedule: on these weekdays, from one local time to another, so many replicas.</summary>
/// <param name="From">Included. An entry belongs to the weekday that it begins on.</param>
/// <param name="To">Excluded; at or before <paramref name="From"/> it is the next day's. Midnight = 24:00.</param>
internal sealed record ScheduleEntry(IReadOnlySet<IsoDayOfWeek> Days, LocalTime From, LocalTime To, DateTimeZone Zone, int Replicas)
{
    // A local time that a shift leaves out is the moment of the shift; one that comes twice is the earlier at the start, the later at the end: nothing is cut out of the middle.
    private static readonly ZoneLocalMappingResolver AtStart = Resolvers.CreateMappingResolver(Resolvers.ReturnEarlier, Resolvers.ReturnStartOfIntervalAfter);
    private static readonly ZoneLocalMappingResolver AtEnd = Resolvers.CreateMappingResolver(Resolvers.ReturnLater, Resolvers.ReturnStartOfIntervalAfter);

    public bool IsInForce(Instant at) => Occurrences(at, daysBefore: 1).Any(occurrence => occurrence.Contains(at));

    /// <summary>When it is in force, for those that begin from so many days before a moment's local day to the day after it. Without those that a shift of the clock leaves nothing of.</summary>
    public IEnumerable<Interval> Occurrences(Instant around, int daysBefore)
    {
        var today = around.InZone(Zone).Date;
        for (var date = today.PlusDays(-daysBefore); date <= today.PlusDays(1); date = date.PlusDays(1))
        {
            if (!Days.Contains(date.DayOfWeek))
            {
                continue;
            }
            var start = Zone.ResolveLocal(date + From, AtStart).ToInstant();
            var end = Zone.ResolveLocal((To > From ? date : date.PlusDays(1)) + To, AtEnd).ToInstant();
            if (start < end)
            {
                yield return new Interval(start, end);
            }
        }
    }
}
