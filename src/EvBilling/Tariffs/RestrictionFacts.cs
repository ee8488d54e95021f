using System.Runtime.CompilerServices;
using EvBilling.Json;
using NodaTime;

namespace EvBilling.Tariffs;

/// <summary>An element's restrictions in plain values, as <see cref="QuickRestrictionsReader"/> reads them; what is not stated holds anything.</summary>
internal struct RestrictionFacts
{
    /// <summary>A bit of each <see cref="Restriction"/> that has a value.</summary>
    public int Stated;

    /// <summary>The object's bytes.</summary>
    public TextRange Text;

    public long StartTimeNs;
    public long EndTimeNs;
    public DateFacts StartDate;
    public DateFacts EndDate;
    public int Days;
    public ReservationRestriction Reservation;
    private RestrictionNumbers _numbers;

    public readonly bool AreStated => Stated != 0;

    public readonly PlainNumber Number(Restriction restriction) => _numbers[(int)restriction];

    public void SetNumber(Restriction restriction, PlainNumber number) => _numbers[(int)restriction] = number;

    public readonly bool Has(Restriction restriction) => (Stated & (1 << (int)restriction)) != 0;

    public readonly bool HasAny(Restriction one, Restriction other) => (Stated & ((1 << (int)one) | (1 << (int)other))) != 0;

    public readonly TariffRestrictions Conditions() => new()
    {
        StartTimeNs = Has(Restriction.StartTime) ? StartTimeNs : null,
        EndTimeNs = Has(Restriction.EndTime) ? EndTimeNs : null,
        StartDate = Has(Restriction.StartDate) ? StartDate.Date : null,
        EndDate = Has(Restriction.EndDate) ? EndDate.Date : null,
        MinKwh = Decimal(Restriction.MinKwh),
        MaxKwh = Decimal(Restriction.MaxKwh),
        MinCurrent = Decimal(Restriction.MinCurrent),
        MaxCurrent = Decimal(Restriction.MaxCurrent),
        MinPower = Decimal(Restriction.MinPower),
        MaxPower = Decimal(Restriction.MaxPower),
        MinDuration = Decimal(Restriction.MinDuration),
        MaxDuration = Decimal(Restriction.MaxDuration),
        DaysOfWeek = Has(Restriction.DayOfWeek) ? Days : null,
        Reservation = Has(Restriction.Reservation) ? Reservation : ReservationRestriction.None,
    };

    private readonly decimal? Decimal(Restriction restriction) => Has(restriction) ? _numbers[(int)restriction].Value : null;
}

/// <summary>A restriction that OCPI knows; those that are numbers come first.</summary>
internal enum Restriction
{
    MinKwh,
    MaxKwh,
    MinCurrent,
    MaxCurrent,
    MinPower,
    MaxPower,
    MinDuration,
    MaxDuration,
    StartTime,
    EndTime,
    StartDate,
    EndDate,
    DayOfWeek,
    Reservation,
    Unknown,
}

internal readonly record struct DateFacts(int Year, int Month, int Day, int DayNumber)
{
    public LocalDate Date => new(Year, Month, Day);
}

[InlineArray((int)Restriction.MaxDuration + 1)]
internal struct RestrictionNumbers
{
    private PlainNumber _first;
}
