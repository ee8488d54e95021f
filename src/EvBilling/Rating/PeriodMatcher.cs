using System.Numerics;
using EvBilling.Tariffs;

namespace EvBilling.Rating;

/// <summary>Tells which elements' restrictions a period fulfils, all as of its start (rule <c>unsplit</c>); remembers what it has found for the period.</summary>
internal ref struct PeriodMatcher<TVolume>
    where TVolume : struct, IBinaryInteger<TVolume>
{
    private const int Remembered = 64;

    private readonly CompiledTariff _tariff;
    private readonly ReadOnlySpan<ElementCondition> _conditions;
    private readonly ReadOnlySpan<PeriodMeasures> _measures;
    private readonly RatingZone? _zone;
    private readonly TVolume _unitsPerMwh;
    private int _zoneStretch;
    private ulong _known;
    private ulong _fulfilled;
    private int _period;
    private long _atNs;
    private bool _hasLocal;
    private long _localDay;
    private int _weekdayBit;

    // In UTC; of a day in which clocks are shifted each part is a day of its own.
    private long _midnightNs;
    private long _dayBeginNs;
    private long _dayEndNs;
    private long _timeOfDayNs;

    public PeriodMatcher(CompiledTariff tariff, ReadOnlySpan<PeriodMeasures> measures, RatingZone? zone, TVolume unitsPerMwh, long startUnixNs)
    {
        _tariff = tariff;
        _conditions = tariff.Conditions;
        _measures = measures;
        _zone = zone;
        _unitsPerMwh = unitsPerMwh;
        _zoneStretch = zone is null || !tariff.NeedsLocalTime ? 0 : zone.StretchOf(startUnixNs);
    }

    /// <summary>Power or current decided, and nothing was measured.</summary>
    public bool HasMissedPower { get; private set; }

    /// <summary>Energy of the session before the period.</summary>
    public TVolume EnergyBefore { get; private set; }

    /// <summary>Time since the session's start, or what else durations count from.</summary>
    public long DurationNs { get; private set; }

    public void MoveTo(int period, long atNs, long durationNs, TVolume energyBefore)
    {
        _period = period;
        _atNs = atNs;
        DurationNs = durationNs;
        EnergyBefore = energyBefore;
        (_known, _fulfilled, _hasLocal) = (0, 0, false);
    }

    public bool IsFulfilled(int element)
    {
        ref readonly var condition = ref _conditions[element];
        if (condition.Needs == ElementNeeds.None)
        {
            return true;
        }
        if (element >= Remembered)
        {
            return Decide(condition, element);
        }
        var bit = 1UL << element;
        if ((_known & bit) == 0)
        {
            _known |= bit;
            _fulfilled |= Decide(condition, element) ? bit : 0;
        }
        return (_fulfilled & bit) != 0;
    }

    private bool Decide(in ElementCondition condition, int element)
    {
        var needs = condition.Needs;
        if ((needs & ElementNeeds.Never) != 0)
        {
            return false;
        }
        if ((needs & ElementNeeds.Duration) != 0 && (DurationNs < condition.MinDurationNs || DurationNs >= condition.MaxDurationNs))
        {
            return false;
        }
        if ((needs & ElementNeeds.Energy) != 0 && !HoldsEnergy(condition, element))
        {
            return false;
        }
        if ((needs & ElementNeeds.LocalTime) != 0 && !HoldsLocally(condition))
        {
            return false;
        }
        return (needs & (ElementNeeds.Power | ElementNeeds.Current)) == 0 || HoldsMeasures(condition);
    }

    private readonly bool HoldsEnergy(in ElementCondition condition, int element)
    {
        if (typeof(TVolume) == typeof(long))
        {
            var beforeMwh = (long)(object)EnergyBefore;
            return beforeMwh >= condition.MinEnergyMwh && beforeMwh < condition.MaxEnergyMwh;
        }
        var stated = _tariff.Elements[element].Conditions!;
        var before = (BigInteger)(object)EnergyBefore;
        return (stated.MinKwh is not { } min || before >= WideVolumes.OfKilowattHours(min))
            && (stated.MaxKwh is not { } max || before < WideVolumes.OfKilowattHours(max));
    }

    private bool HoldsLocally(in ElementCondition condition)
    {
        if (!_hasLocal)
        {
            FindLocalTime();
        }
        var needs = condition.Needs;
        return ((needs & ElementNeeds.TimeOfDay) == 0 || condition.HoldsAtTimeOfDay(_timeOfDayNs))
            && ((needs & ElementNeeds.DayOfWeek) == 0 || (condition.Days & _weekdayBit) != 0)
            && ((needs & ElementNeeds.Date) == 0 || (_localDay >= condition.FirstDay && _localDay < condition.EndDay));
    }

    // From Monday = 0; 1970-01-01 was a Thursday. Days lie within some 200,000 of it, for which 32 bits are faster.
    private static int Weekday(long localDay)
    {
        var day = ((int)localDay + 3) % 7;
        return day < 0 ? day + 7 : day;
    }

    private void FindLocalTime()
    {
        _hasLocal = true;
        if (_atNs < _dayBeginNs || _atNs >= _dayEndNs)
        {
            FindLocalDay();
        }
        _timeOfDayNs = _atNs - _midnightNs;
    }

    // Periods mostly lie in the local day of the one before.
    private void FindLocalDay()
    {
        var (beginNs, endNs, offsetNs) = (long.MinValue, long.MaxValue, 0L);
        if (_zone is not null)
        {
            _zoneStretch = _zone.StretchOf(_atNs, _zoneStretch);
            (beginNs, endNs, offsetNs) = (_zone.BeginNs(_zoneStretch), _zone.EndNs(_zoneStretch), _zone.OffsetNs(_zoneStretch));
        }
        var localNs = _atNs + offsetNs;
        _localDay = localNs / ElementCondition.DayNs;
        if (_localDay * ElementCondition.DayNs > localNs)
        {
            _localDay--;
        }
        _midnightNs = (_localDay * ElementCondition.DayNs) - offsetNs;
        _dayBeginNs = Math.Max(_midnightNs, beginNs);
        _dayEndNs = Math.Min(_midnightNs + ElementCondition.DayNs, endNs);
        _weekdayBit = 1 << Weekday(_localDay);
    }

    private bool HoldsMeasures(in ElementCondition condition)
    {
        var measures = _measures.IsEmpty ? default : _measures[_period];
        return ((condition.Needs & ElementNeeds.Power) == 0 || Holds(measures.MinPower, measures.MaxPower, condition.MinPower, condition.MaxPower))
            && ((condition.Needs & ElementNeeds.Current) == 0 || Holds(measures.MinCurrent, measures.MaxCurrent, condition.MinCurrent, condition.MaxCurrent));
    }

    // Rules range_ends and missing_power: the greatest must reach the lower bound, the least stay under the upper one.
    private bool Holds(long? least, long? greatest, long min, long max)
    {
        var options = _tariff.Options;
        if (options.PowerStandIn)
        {
            (least, greatest) = (least ?? greatest, greatest ?? least);
        }
        var missing = (min != long.MinValue && greatest is null) || (max != long.MaxValue && least is null);
        HasMissedPower |= missing;
        if (missing && options.MissingPower == MissingPowerRule.NoMatch)
        {
            return false;
        }
        return (greatest is null || greatest >= min) && (least is null || least < max);
    }
}
