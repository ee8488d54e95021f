using NodaTime;

namespace EvBilling.Tariffs;

/// <summary>Whether an element prices reservations (OCPI 2.2.1 mod_tariffs 1.4.3, ReservationRestrictionType).</summary>
public enum ReservationRestriction
{
    /// <summary>Absent: it prices what was charged and parked.</summary>
    None,

    /// <summary>RESERVATION: the reservation itself.</summary>
    Reservation,

    /// <summary>RESERVATION_EXPIRES: a reservation that nobody used.</summary>
    ReservationExpires,
}

/// <summary>
/// When an element applies (OCPI 2.2.1 mod_tariffs 1.4.6, TariffRestrictions): where all that is stated holds. Null = not stated. What ends mean is for
/// <see cref="Rating.RatingOptions"/> to say.
/// </summary>
public sealed record TariffRestrictions
{
    /// <summary>Nanoseconds in a day.</summary>
    public const long DayNs = 86_400_000_000_000;

    /// <summary>Local time of day in nanoseconds, 0 to under <see cref="DayNs"/>.</summary>
    public long? StartTimeNs { get; init; }

    /// <summary>Likewise; "24:00" is 0 as "00:00" is.</summary>
    public long? EndTimeNs { get; init; }

    public LocalDate? StartDate { get; init; }

    public LocalDate? EndDate { get; init; }

    public decimal? MinKwh { get; init; }

    public decimal? MaxKwh { get; init; }

    /// <summary>In A.</summary>
    public decimal? MinCurrent { get; init; }

    /// <summary>In A.</summary>
    public decimal? MaxCurrent { get; init; }

    /// <summary>In kW.</summary>
    public decimal? MinPower { get; init; }

    /// <summary>In kW.</summary>
    public decimal? MaxPower { get; init; }

    /// <summary>In seconds.</summary>
    public decimal? MinDuration { get; init; }

    /// <summary>In seconds.</summary>
    public decimal? MaxDuration { get; init; }

    /// <summary>Bit 0 = Monday to bit 6 = Sunday; null = every day.</summary>
    public int? DaysOfWeek { get; init; }

    public ReservationRestriction Reservation { get; init; }

    /// <summary>A value is stated that OCPI does not know, so that nothing can be said to fulfil it (rule <c>lenient</c>).</summary>
    public bool IsNeverFulfilled { get; init; }

    /// <summary>Whether local time decides.</summary>
    public bool NeedsLocalTime => StartTimeNs is not null || EndTimeNs is not null || StartDate is not null || EndDate is not null || DaysOfWeek is not null;
}
