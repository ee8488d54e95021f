using EvBilling.Json;
using EvBilling.Tariffs;
using NodaTime;

namespace EvBilling.Rating;

/// <summary>What an element's restrictions ask of a period, except of its energy.</summary>
[Flags]
internal enum ElementNeeds
{
    None = 0,
    Never = 1,
    TimeOfDay = 2,
    DayOfWeek = 4,
    Date = 8,
    Duration = 16,
    Energy = 32,
    Power = 64,
    Current = 128,
    LocalTime = TimeOfDay | DayOfWeek | Date,
}

/// <summary>An element's restrictions made ready: all in integers, ends as the options have them.</summary>
internal readonly struct ElementCondition
{
    public const long DayNs = TariffRestrictions.DayNs;

    private const decimal NsPerSecond = 1_000_000_000m;

    // Longer than between any two times that are read.
    private const decimal SecondsMax = 9_000_000_000m;
    private const int NanoDecimals = 9;
    private const int MwhDecimals = 6;

    public ElementCondition(TariffRestrictions? of, RatingOptions options)
    {
        (MinDurationNs, MaxDurationNs) = (long.MinValue, long.MaxValue);
        (MinEnergyMwh, MaxEnergyMwh) = (long.MinValue, long.MaxValue);
        (MinPower, MaxPower, MinCurrent, MaxCurrent) = (long.MinValue, long.MaxValue, long.MinValue, long.MaxValue);
        (FirstDay, EndDay) = (long.MinValue, long.MaxValue);
        if (of is null)
        {
            return;
        }
        Reservation = of.Reservation;
        var needs = of.IsNeverFulfilled ? ElementNeeds.Never : ElementNeeds.None;
        if (of.StartTimeNs is not null || of.EndTimeNs is not null)
        {
            needs |= TimeOfDay(of.StartTimeNs, of.EndTimeNs, options, out var startNs, out var lengthNs);
            (StartOfDayNs, LengthNs) = (startNs, lengthNs);
        }
        if (of.DaysOfWeek is { } days)
        {
            needs |= ElementNeeds.DayOfWeek;
            Days = days;
        }
        if (of.StartDate is not null || of.EndDate is not null)
        {
            needs |= ElementNeeds.Date;
            FirstDay = of.StartDate is { } first ? DayNumber(first) : long.MinValue;
            EndDay = of.EndDate is { } end ? DayNumber(end) : long.MaxValue;
        }
        if (of.MinDuration is not null || of.MaxDuration is not null)
        {
            needs |= ElementNeeds.Duration;
            // Integers are at or over a bound if they are at or over the next integer.
            MinDurationNs = of.MinDuration is { } min ? Ceiling(min, NanoDecimals) : long.MinValue;
            MaxDurationNs = of.MaxDuration is { } max ? Ceiling(max, NanoDecimals) : long.MaxValue;
            if (options.MinDuration == MinDurationRule.Exclusive && of.MinDuration is { } exclusive)
            {
                MinDurationNs = exclusive >= SecondsMax ? long.MaxValue : exclusive <= -SecondsMax ? long.MinValue : (long)decimal.Floor(exclusive * NsPerSecond) + 1;
            }
        }
        if (of.MinKwh is not null || of.MaxKwh is not null)
        {
            needs |= ElementNeeds.Energy;
            MinEnergyMwh = of.MinKwh is { } min ? Ceiling(min, MwhDecimals) : long.MinValue;
            MaxEnergyMwh = of.MaxKwh is { } max ? Ceiling(max, MwhDecimals) : long.MaxValue;
        }
        if (of.MinPower is not null || of.MaxPower is not null)
        {
            needs |= ElementNeeds.Power;
            MinPower = of.MinPower is { } min ? Ceiling(min, NanoDecimals) : long.MinValue;
            MaxPower = of.MaxPower is { } max ? Ceiling(max, NanoDecimals) : long.MaxValue;
        }
        if (of.MinCurrent is not null || of.MaxCurrent is not null)
        {
            needs |= ElementNeeds.Current;
            MinCurrent = of.MinCurrent is { } min ? Ceiling(min, NanoDecimals) : long.MinValue;
            MaxCurrent = of.MaxCurrent is { } max ? Ceiling(max, NanoDecimals) : long.MaxValue;
        }
        Needs = needs;
    }

    /// <summary>By EvBilling's own readings.</summary>
    /// <param name="of">What is stated.</param>
    /// <param name="isExact">False: a number has more decimals than there is room for, and the condition counts for nothing.</param>
    public ElementCondition(in RestrictionFacts of, out bool isExact)
        : this(null, RatingOptions.Default)
    {
        isExact = true;
        if (!of.AreStated)
        {
            return;
        }
        Reservation = of.Has(Restriction.Reservation) ? of.Reservation : ReservationRestriction.None;
        var needs = ElementNeeds.None;
        if (of.HasAny(Restriction.StartTime, Restriction.EndTime))
        {
            needs |= TimeOfDay(
                of.Has(Restriction.StartTime) ? of.StartTimeNs : null, of.Has(Restriction.EndTime) ? of.EndTimeNs : null, RatingOptions.Default, out var startNs, out var lengthNs);
            (StartOfDayNs, LengthNs) = (startNs, lengthNs);
        }
        if (of.Has(Restriction.DayOfWeek))
        {
            needs |= ElementNeeds.DayOfWeek;
            Days = of.Days;
        }
        if (of.HasAny(Restriction.StartDate, Restriction.EndDate))
        {
            needs |= ElementNeeds.Date;
            FirstDay = of.Has(Restriction.StartDate) ? of.StartDate.DayNumber : long.MinValue;
            EndDay = of.Has(Restriction.EndDate) ? of.EndDate.DayNumber : long.MaxValue;
        }
        if (of.HasAny(Restriction.MinDuration, Restriction.MaxDuration))
        {
            needs |= ElementNeeds.Duration;
            MinDurationNs = Bound(of, Restriction.MinDuration, long.MinValue, NanoDecimals, ref isExact);
            MaxDurationNs = Bound(of, Restriction.MaxDuration, long.MaxValue, NanoDecimals, ref isExact);
        }
        if (of.HasAny(Restriction.MinKwh, Restriction.MaxKwh))
        {
            needs |= ElementNeeds.Energy;
            MinEnergyMwh = Bound(of, Restriction.MinKwh, long.MinValue, MwhDecimals, ref isExact);
            MaxEnergyMwh = Bound(of, Restriction.MaxKwh, long.MaxValue, MwhDecimals, ref isExact);
        }
        if (of.HasAny(Restriction.MinPower, Restriction.MaxPower))
        {
            needs |= ElementNeeds.Power;
            MinPower = Bound(of, Restriction.MinPower, long.MinValue, NanoDecimals, ref isExact);
            MaxPower = Bound(of, Restriction.MaxPower, long.MaxValue, NanoDecimals, ref isExact);
        }
        if (of.HasAny(Restriction.MinCurrent, Restriction.MaxCurrent))
        {
            needs |= ElementNeeds.Current;
            MinCurrent = Bound(of, Restriction.MinCurrent, long.MinValue, NanoDecimals, ref isExact);
            MaxCurrent = Bound(of, Restriction.MaxCurrent, long.MaxValue, NanoDecimals, ref isExact);
        }
        Needs = needs;
    }

    public ElementNeeds Needs { get; }

    public ReservationRestriction Reservation { get; }

    /// <summary>Bit 0 = Monday.</summary>
    public int Days { get; }

    /// <summary>Of the window of each day, which may reach into the next.</summary>
    public long StartOfDayNs { get; }

    public long LengthNs { get; }

    /// <summary>Days since 1970-01-01, inclusive.</summary>
    public long FirstDay { get; }

    /// <summary>Exclusive.</summary>
    public long EndDay { get; }

    /// <summary>Inclusive.</summary>
    public long MinDurationNs { get; }

    /// <summary>Exclusive.</summary>
    public long MaxDurationNs { get; }

    /// <summary>Inclusive.</summary>
    public long MinEnergyMwh { get; }

    /// <summary>Exclusive.</summary>
    public long MaxEnergyMwh { get; }

    /// <summary>In 1e-9 kW, inclusive: the period's greatest must reach it.</summary>
    public long MinPower { get; }

    /// <summary>Exclusive: the period's least must be under it.</summary>
    public long MaxPower { get; }

    /// <summary>In 1e-9 A, likewise.</summary>
    public long MinCurrent { get; }

    public long MaxCurrent { get; }

    public bool HoldsAtTimeOfDay(long timeOfDayNs)
    {
        var since = timeOfDayNs - StartOfDayNs;
        return (since < 0 ? since + DayNs : since) < LengthNs;
    }

    public static long DayNumber(LocalDate date) =>
        PlainTime.TryDays(date.Year, date.Month, date.Day, out var days) ? days : Period.DaysBetween(new LocalDate(1970, 1, 1), date);

    private static ElementNeeds TimeOfDay(long? fromNs, long? untilNs, RatingOptions options, out long startNs, out long lengthNs)
    {
        startNs = fromNs ?? 0;
        lengthNs = DayNs;
        var endNs = untilNs ?? DayNs;
        if (endNs == 0)
        {
            if (options.EndMidnight == EndMidnightRule.NeverAlone && fromNs is null)
            {
                return ElementNeeds.Never;
            }
            endNs = DayNs;
        }
        if (startNs == endNs)
        {
            return options.EqualTimes == EqualTimesRule.Never ? ElementNeeds.Never : ElementNeeds.None;
        }
        lengthNs = endNs > startNs ? endNs - startNs : endNs - startNs + DayNs;
        return lengthNs == DayNs ? ElementNeeds.None : ElementNeeds.TimeOfDay;
    }

    private static long Bound(in RestrictionFacts of, Restriction restriction, long none, int decimals, ref bool isExact)
    {
        if (!of.Has(restriction))
        {
            return none;
        }
        isExact &= of.Number(restriction).TryScale(decimals, out var scaled);
        return scaled;
    }

    // value * 10^decimals, of which the next integer. Beyond a long nothing is ever reached.
    private static long Ceiling(decimal value, int decimals)
    {
        if (value.Scale <= decimals)
        {
            var scaled = Exact.Scaled(value, decimals);
            return scaled >= long.MaxValue ? long.MaxValue : scaled <= long.MinValue ? long.MinValue : (long)scaled;
        }
        var ceiling = decimal.Ceiling(value * (decimal)Exact.PowerOfTen(decimals));
        return ceiling >= long.MaxValue ? long.MaxValue : ceiling <= long.MinValue ? long.MinValue : (long)ceiling;
    }
}
