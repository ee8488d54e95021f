using System.Runtime.CompilerServices;
using EvBilling.Json;

namespace EvBilling.Tariffs;

/// <summary>Reads an element's restrictions for <see cref="QuickTariffReader"/>.</summary>
internal static class QuickRestrictionsReader
{
    private const long NsPerMinute = 60_000_000_000;

    /// <summary>Reads an object of restrictions.</summary>
    public static ref byte Read(ref byte at, scoped in PaddedText text, scoped ref RestrictionFacts facts)
    {
        if (at != '{')
        {
            return ref JsonScanner.Nowhere;
        }
        ref var first = ref at;
        at = ref JsonScanner.Next(ref at, 1);
        if (at == '}')
        {
            return ref Unsafe.Add(ref at, 1);
        }
        var seen = 0;
        bool isLast;
        do
        {
            at = ref JsonScanner.Name(ref at, text, out var name);
            var restriction = Find(name);
            // One that OCPI does not know is for the full reader to speak of.
            if (restriction == Restriction.Unknown || (seen & (1 << (int)restriction)) != 0)
            {
                return ref JsonScanner.Nowhere;
            }
            seen |= 1 << (int)restriction;
            // Null is as if it were not there.
            if (at == 'n')
            {
                at = ref JsonScanner.Literal(ref at);
            }
            else
            {
                facts.Stated |= 1 << (int)restriction;
                at = ref ReadValue(restriction, ref at, text, ref facts);
            }
            at = ref JsonScanner.NextMember(ref at, out isLast);
        }
        while (!isLast);
        // Nonsense where it ended nowhere; then all that was read is left to the full reader.
        facts.Text = text.Range(ref first, ref at);
        return ref at;
    }

    private static ref byte ReadValue(Restriction restriction, ref byte at, scoped in PaddedText text, scoped ref RestrictionFacts facts)
    {
        if (restriction <= Restriction.MaxDuration)
        {
            at = ref PlainNumber.Read(ref at, out var number);
            facts.SetNumber(restriction, number);
            return ref at;
        }
        switch (restriction)
        {
            case Restriction.StartTime:
                return ref ReadTime(ref at, out facts.StartTimeNs);
            case Restriction.EndTime:
                return ref ReadTime(ref at, out facts.EndTimeNs);
            case Restriction.StartDate:
                return ref ReadDate(ref at, out facts.StartDate);
            case Restriction.EndDate:
                return ref ReadDate(ref at, out facts.EndDate);
            case Restriction.DayOfWeek:
                return ref ReadDays(ref at, text, ref facts);
            default:
                return ref ReadReservation(ref at, out facts.Reservation);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Restriction Find(in MemberName name) => name.Length switch
    {
        7 when name.Is("min_kwh"u8) => Restriction.MinKwh,
        7 when name.Is("max_kwh"u8) => Restriction.MaxKwh,
        8 when name.Is("end_time"u8) => Restriction.EndTime,
        8 when name.Is("end_date"u8) => Restriction.EndDate,
        9 when name.Is("min_power"u8) => Restriction.MinPower,
        9 when name.Is("max_power"u8) => Restriction.MaxPower,
        10 when name.Is("start_time"u8) => Restriction.StartTime,
        10 when name.Is("start_date"u8) => Restriction.StartDate,
        11 when name.Is("day_of_week"u8) => Restriction.DayOfWeek,
        11 when name.Is("min_current"u8) => Restriction.MinCurrent,
        11 when name.Is("max_current"u8) => Restriction.MaxCurrent,
        11 when name.Is("reservation"u8) => Restriction.Reservation,
        12 when name.Is("min_duration"u8) => Restriction.MinDuration,
        12 when name.Is("max_duration"u8) => Restriction.MaxDuration,
        _ => Restriction.Unknown,
    };

    /// <summary>Reads "22:00".</summary>
    private static ref byte ReadTime(ref byte at, out long timeNs)
    {
        var (hours, minutes) = (PlainTime.Two(ref Unsafe.Add(ref at, 1)), PlainTime.Two(ref Unsafe.Add(ref at, 4)));
        timeNs = ((hours % 24 * 60) + minutes) * NsPerMinute;
        return ref at == '"' && Unsafe.Add(ref at, 3) == ':' && Unsafe.Add(ref at, 6) == '"' && minutes < 60 && (hours < 24 || (hours == 24 && minutes == 0))
            ? ref Unsafe.Add(ref at, 7)
            : ref JsonScanner.Nowhere;
    }

    /// <summary>Reads "2026-01-31".</summary>
    private static ref byte ReadDate(ref byte at, out DateFacts date)
    {
        date = default;
        if (at != '"' || Unsafe.Add(ref at, 5) != '-' || Unsafe.Add(ref at, 8) != '-' || Unsafe.Add(ref at, 11) != '"')
        {
            return ref JsonScanner.Nowhere;
        }
        var (century, ofCentury) = (PlainTime.Two(ref Unsafe.Add(ref at, 1)), PlainTime.Two(ref Unsafe.Add(ref at, 3)));
        var (month, day) = (PlainTime.Two(ref Unsafe.Add(ref at, 6)), PlainTime.Two(ref Unsafe.Add(ref at, 9)));
        if (ofCentury > 99 || !PlainTime.TryDays((century * 100) + ofCentury, month, day, out var number))
        {
            return ref JsonScanner.Nowhere;
        }
        date = new((century * 100) + ofCentury, month, day, number);
        return ref Unsafe.Add(ref at, 12);
    }

    /// <summary>Reads a list of days; an empty one is as if it were not there.</summary>
    private static ref byte ReadDays(ref byte at, scoped in PaddedText text, scoped ref RestrictionFacts facts)
    {
        if (at != '[')
        {
            return ref JsonScanner.Nowhere;
        }
        at = ref JsonScanner.Next(ref at, 1);
        if (at == ']')
        {
            facts.Stated &= ~(1 << (int)Restriction.DayOfWeek);
            return ref Unsafe.Add(ref at, 1);
        }
        var read = 0;
        while (true)
        {
            ref var first = ref Unsafe.Add(ref at, 1);
            ref var end = ref text.Quote(ref first);
            var day = Day(new(ref first, JsonScanner.Distance(ref first, ref end)));
            if (at != '"' || end != '"' || day < 0)
            {
                return ref JsonScanner.Nowhere;
            }
            read |= 1 << day;
            at = ref JsonScanner.Next(ref end, 1);
            if (at != ',')
            {
                facts.Days = read;
                return ref at == ']' ? ref Unsafe.Add(ref at, 1) : ref JsonScanner.Nowhere;
            }
            at = ref JsonScanner.Next(ref at, 1);
        }
    }

    private static int Day(in MemberName name) => name.Length switch
    {
        6 when name.Is("MONDAY"u8) => 0,
        7 when name.Is("TUESDAY"u8) => 1,
        9 when name.Is("WEDNESDAY"u8) => 2,
        8 when name.Is("THURSDAY"u8) => 3,
        6 when name.Is("FRIDAY"u8) => 4,
        8 when name.Is("SATURDAY"u8) => 5,
        6 when name.Is("SUNDAY"u8) => 6,
        _ => -1,
    };

    private static ref byte ReadReservation(ref byte at, out ReservationRestriction reservation)
    {
        if (JsonScanner.StartsWith(ref at, "\"RESERVATION\""u8))
        {
            reservation = ReservationRestriction.Reservation;
            return ref Unsafe.Add(ref at, 13);
        }
        reservation = ReservationRestriction.ReservationExpires;
        return ref JsonScanner.StartsWith(ref at, "\"RESERVATION_EXPIRES\""u8) ? ref Unsafe.Add(ref at, 21) : ref JsonScanner.Nowhere;
    }
}
