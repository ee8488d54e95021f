namespace EvBilling.Rating;

/// <summary>Which element prices a dimension when several match.</summary>
public enum ElementChoice { PerDimension, WholeElement }

/// <summary>How step_size is applied.</summary>
public enum StepSizeRule { Ceiling, NextMultiple, PerPeriod }

/// <summary>Which volume counts for the step.</summary>
public enum StepTotalRule { Priced, All }

/// <summary>How exactly a volume is taken before it is rounded up to a step.</summary>
public enum StepPrecisionRule
{
    /// <summary>To 6 decimals of a Wh or a second, so that artefacts of binary fractions are not billed.</summary>
    SixDecimals,

    /// <summary>Energy as it is, time cut to whole milliseconds.</summary>
    AsWritten,
}

/// <summary>Whether a volume of 0 decides the step.</summary>
public enum ZeroVolumeRule { Skipped, Counts }

/// <summary>Whether <c>min_duration</c> holds at its end.</summary>
public enum MinDurationRule { Inclusive, Exclusive }

/// <summary>What start_time = end_time means; 00:00 to 00:00 is the whole day in any case.</summary>
public enum EqualTimesRule { WholeDay, Never }

/// <summary>What an <c>end_time</c> of 00:00 means.</summary>
public enum EndMidnightRule { EndOfDay, NeverAlone }

/// <summary>From when min_duration and max_duration count.</summary>
public enum DurationOriginRule
{
    Session,
    FirstPeriod,

    /// <summary>Since parking began; before that they are 0.</summary>
    Parking,

    /// <summary>Since the session's start, both times cut to whole seconds.</summary>
    SessionInSeconds,
}

/// <summary>What a power or current restriction says where nothing was measured.</summary>
public enum MissingPowerRule { NoMatch, Match }

/// <summary>How often FLAT is charged.</summary>
public enum FlatRule
{
    /// <summary>Once per session among elements without <c>reservation</c>, once more per reservation among those with it.</summary>
    OncePerSession,
    EachDistinct,

    /// <summary>Once: of a period's elements without <c>reservation</c> the first; only if none matches and it has RESERVATION_TIME, one with it.</summary>
    OnceInAll,
}

/// <summary>How min_price, max_price and VAT go together.</summary>
public enum ClampVatRule { Scaled, Separate }

/// <summary>What a restriction does that begins or ends within a partner's charging period.</summary>
public enum UnsplitRule
{
    /// <summary>A period is priced as it starts.</summary>
    PeriodStarts,

    /// <summary>The period is split there, its volumes in proportion to time.</summary>
    Interpolated,
}

/// <summary>Where local time comes from; the caller finds the zone.</summary>
public enum ZoneRule
{
    /// <summary>The location's time_zone.</summary>
    Location,

    /// <summary>The one zone of the CDR's country.</summary>
    Country,
}

/// <summary>Which of several tariffs rates what.</summary>
public enum TariffChoiceRule
{
    /// <summary>A period's tariff_id names its tariff; without one, the first that is valid at the session's start.</summary>
    Stated,

    /// <summary>As stated; else the first that is valid at the period's start, those without a type first.</summary>
    PerPeriod,

    /// <summary>The first that is valid at the session's start rates all of it.</summary>
    SessionStartOnly,
}

/// <summary>Whether reservations are priced.</summary>
public enum ReservationRule { Priced, Ignored }

/// <summary>The sign of a credit CDR's total.</summary>
public enum CreditRule { Negated, NotNegated }

/// <summary>The order in which periods are rated.</summary>
public enum PeriodOrderRule { Sorted, AsGiven }

/// <summary>Which of a period's dimensions of one type counts.</summary>
public enum DuplicateDimensionRule { First, Last }

/// <summary>How totals are rounded to the currency's minor unit.</summary>
public enum RoundingRule
{
    HalfAwayFromZero,
    HalfEven,

    /// <summary>Each line first, half away from zero.</summary>
    PerComponent,
}

/// <summary>What VAT is rounded from.</summary>
public enum VatRoundingRule
{
    /// <summary>The total incl. VAT from the exact sum; VAT is the difference.</summary>
    Total,

    /// <summary>Each rate's rounded base times the rate.</summary>
    PerRate,
}

/// <summary>Which states of the charger are PARKING_TIME, in sessions that are made of events.</summary>
public enum ParkingStatesRule
{
    /// <summary>What lies with the driver or the car: SuspendedEV, Idle, and EVConnected after the first Charging.</summary>
    Driver,

    /// <summary>All but Charging: also SuspendedEVSE, and EVConnected before charging.</summary>
    All,
}

/// <summary>Which version of a tariff counts where it changes during a session.</summary>
public enum MidSessionChangeRule
{
    /// <summary>The one in force at the session's start, for all of it.</summary>
    SessionStart,

    /// <summary>The one in force as each charging period starts; a period starts where a version does.</summary>
    PerPeriod,
}

/// <summary>
/// Which reading of OCPI holds where its text is argued about (docs/rating.md); the defaults are EvBilling's. Each property is a row there, each value a
/// reading that somebody defends.
/// </summary>
public sealed record RatingOptions
{
    public static RatingOptions Default { get; } = new();

    public ElementChoice ElementChoice { get; init; }

    public StepSizeRule StepSize { get; init; }

    public StepTotalRule StepTotal { get; init; }

    public StepPrecisionRule StepPrecision { get; init; }

    /// <summary>A TIME or PARKING_TIME volume within 0.18 s of its period's length is that length: hours with 4 decimals can't say it exactly.</summary>
    public bool PeriodSnap { get; init; } = true;

    public ZeroVolumeRule ZeroVolume { get; init; }

    public MinDurationRule MinDuration { get; init; }

    public EqualTimesRule EqualTimes { get; init; }

    public EndMidnightRule EndMidnight { get; init; }

    public DurationOriginRule DurationOrigin { get; init; }

    public MissingPowerRule MissingPower { get; init; }

    /// <summary>A bound on power or current that is not measured is compared with the other: MAX_POWER stands in for MIN_POWER and the reverse.</summary>
    public bool PowerStandIn { get; init; } = true;

    public FlatRule Flat { get; init; }

    public ClampVatRule ClampVat { get; init; }

    /// <summary>A min_price without VAT becomes the total of a session where nothing was priced, and the tariff's components state several rates or none: the total with VAT is the same.</summary>
    public bool IsMinPriceWithoutVat { get; init; }

    public ZoneRule Zone { get; init; }

    /// <summary>Of CDRs alone: own sessions are cut before they are rated.</summary>
    public UnsplitRule Unsplit { get; init; }

    public TariffChoiceRule TariffChoice { get; init; }

    public ReservationRule Reservation { get; init; }

    public CreditRule Credit { get; init; }

    public PeriodOrderRule PeriodOrder { get; init; }

    public DuplicateDimensionRule DuplicateDimension { get; init; }

    public RoundingRule Rounding { get; init; }

    public VatRoundingRule VatRounding { get; init; }

    /// <summary>Of sessions made of events alone: a CDR states its PARKING_TIME.</summary>
    public ParkingStatesRule ParkingStates { get; init; }

    public MidSessionChangeRule MidSessionChange { get; init; }
}
