using EvBilling.Sessions;

namespace EvBilling.Rating;

/// <summary>A moment at which a new charging period begins.</summary>
/// <param name="AtNs">In nanoseconds since 1970-01-01T00:00:00Z, on a whole millisecond.</param>
/// <param name="EnergyMwh">The session's energy until then, where a bound on it is why; null = as the readings have it.</param>
internal readonly record struct Cut(long AtNs, long? EnergyMwh);

/// <summary>
/// Finds every moment within a session at which a restriction of the tariff may begin or cease to hold (rule <c>unsplit</c>): local times of day, midnights
/// where days or dates count, shifts of the zone's offset, durations, amounts of energy; with rule <c>mid_session_change</c> also where a version of the tariff begins or ends.
/// </summary>
internal sealed class CutFinder
{
    private readonly List<Cut> _cuts = [];
    private readonly List<long> _timesOfDayNs = [];

    /// <summary>Ascending, each strictly between start and end; of two in one millisecond the one with energy.</summary>
    public List<Cut> Find(CompiledTariff tariff, RatingZone? zone, EnergyCourse course, long startNs, long endNs)
    {
        _cuts.Clear();
        _timesOfDayNs.Clear();
        var hasDays = false;
        foreach (ref readonly var condition in tariff.Conditions)
        {
            var needs = condition.Needs;
            if ((needs & ElementNeeds.TimeOfDay) != 0)
            {
                _timesOfDayNs.Add(condition.StartOfDayNs);
                _timesOfDayNs.Add((condition.StartOfDayNs + condition.LengthNs) % ElementCondition.DayNs);
            }
            hasDays |= (needs & (ElementNeeds.DayOfWeek | ElementNeeds.Date)) != 0;
            if ((needs & ElementNeeds.Duration) != 0)
            {
                AddDuration(condition.MinDurationNs, startNs, endNs);
                AddDuration(condition.MaxDurationNs, startNs, endNs);
            }
            if ((needs & ElementNeeds.Energy) != 0)
            {
                AddEnergy(condition.MinEnergyMwh, course, startNs, endNs);
                AddEnergy(condition.MaxEnergyMwh, course, startNs, endNs);
            }
        }
        if (tariff.ChangesMidSession)
        {
            foreach (var part in tariff.Parts)
            {
                AddMoment(part.BeganNs, startNs, endNs);
                AddMoment(part.EndNs, startNs, endNs);
            }
        }
        if (hasDays)
        {
            _timesOfDayNs.Add(0);
        }
        if (_timesOfDayNs.Count > 0)
        {
            AddLocal(zone, startNs, endNs);
        }
        _cuts.Sort(static (left, right) => left.AtNs != right.AtNs
            ? left.AtNs.CompareTo(right.AtNs)
            : (left.EnergyMwh ?? long.MaxValue).CompareTo(right.EnergyMwh ?? long.MaxValue));
        return _cuts;
    }

    private void Add(long atNs, long? energyMwh, long startNs, long endNs)
    {
        var rounded = PeriodCutter.RoundToMs(atNs);
        if (rounded > startNs && rounded < endNs)
        {
            _cuts.Add(new(rounded, energyMwh));
        }
    }

    private void AddMoment(long atNs, long startNs, long endNs)
    {
        if (atNs > startNs && atNs < endNs)
        {
            Add(atNs, null, startNs, endNs);
        }
    }

    private void AddDuration(long durationNs, long startNs, long endNs)
    {
        if (durationNs > 0 && durationNs < endNs - startNs)
        {
            Add(startNs + durationNs, null, startNs, endNs);
        }
    }

    private void AddEnergy(long boundMwh, EnergyCourse course, long startNs, long endNs)
    {
        if (boundMwh > 0 && boundMwh < long.MaxValue && course.TimeOf(boundMwh) is { } atNs)
        {
            Add(atNs, boundMwh, startNs, endNs);
        }
    }

    // Within a stretch of equal offset local time runs evenly; where the stretch ends, so does the period.
    private void AddLocal(RatingZone? zone, long startNs, long endNs)
    {
        var stretch = zone?.StretchOf(startNs) ?? 0;
        for (var fromNs = startNs; fromNs < endNs; stretch++)
        {
            var offsetNs = zone?.OffsetNs(stretch) ?? 0;
            var untilNs = Math.Min(endNs, zone?.EndNs(stretch) ?? long.MaxValue);
            var firstDay = FloorDay(fromNs + offsetNs);
            var lastDay = FloorDay(untilNs + offsetNs);
            for (var day = firstDay; day <= lastDay; day++)
            {
                foreach (var timeOfDayNs in _timesOfDayNs)
                {
                    var atNs = (day * ElementCondition.DayNs) + timeOfDayNs - offsetNs;
                    if (atNs >= fromNs && atNs < untilNs)
                    {
                        Add(atNs, null, startNs, endNs);
                    }
                }
            }
            Add(untilNs, null, startNs, endNs);
            fromNs = untilNs;
        }
    }

    private static long FloorDay(long localNs) => localNs >= 0 ? localNs / ElementCondition.DayNs : ((localNs + 1) / ElementCondition.DayNs) - 1;
}
