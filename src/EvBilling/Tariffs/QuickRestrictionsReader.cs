using System.Runtime.CompilerServices;
using EvBilling.Json;
using NodaTime;

namespace EvBilling.Tariffs;

/// <summary>Reads an element's restrictions for <see cref="QuickTariffReader"/>.</summary>
internal static class QuickRestrictionsReader
{
    private const long NsPerMinute = 60_000_000_000;

    // A bit each of those seen.
    private enum Restriction
    {
        StartTime,
        EndTime,
        StartDate,
        EndDate,
        MinKwh,
        MaxKwh,
        MinCurrent,
        MaxCurrent,
        MinPower,
        MaxPower,
        MinDuration,
        MaxDuration,
        DayOfWeek,
        Reservation,
        Unknown,
    }

    /// <summary>Reads an object of restrictions.</summary>
    public static ref byte Read(ref byte at, scoped in PaddedText text, out byte[]? plain, out TariffRestrictions? conditions)
    {
        (plain, conditions) = (null, null);
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
        var (isAnyStated, seen) = (false, 0);
        var values = default(Values);
        while (true)
        {
            at = ref JsonScanner.Name(ref at, text, out var name);
            var restriction = Find(name);
            // One that OCPI does not know is for the full reader to speak of.
            if (restriction == Restriction.Unknown || (seen & (1 << (int)restriction)) != 0)
            {
                return ref JsonScanner.Nowhere;
            }
            seen |= 1 << (int)restriction;
            at = ref values.Read(restriction, ref at, text, out var isStated);
            isAnyStated |= isStated;
            at = ref JsonScanner.Next(ref at, 0);
            if (at != ',')
            {
                break;
            }
            at = ref JsonScanner.Next(ref at, 1);
        }
        if (at != '}')
        {
            return ref JsonScanner.Nowhere;
        }
        if (isAnyStated)
        {
            plain = JsonScanner.Between(ref first, ref Unsafe.Add(ref at, 1)).ToArray();
            conditions = values.Conditions();
        }
        return ref Unsafe.Add(ref at, 1);
    }

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
    private static ref byte ReadTime(ref byte at, out long? timeNs)
    {
        var (hours, minutes) = (PlainTime.Two(ref Unsafe.Add(ref at, 1)), PlainTime.Two(ref Unsafe.Add(ref at, 4)));
        timeNs = ((hours % 24 * 60) + minutes) * NsPerMinute;
        return ref at == '"' && Unsafe.Add(ref at, 3) == ':' && Unsafe.Add(ref at, 6) == '"' && minutes < 60 && (hours < 24 || (hours == 24 && minutes == 0))
            ? ref Unsafe.Add(ref at, 7)
            : ref JsonScanner.Nowhere;
    }

    /// <summary>Reads "2026-01-31".</summary>
    private static ref byte ReadDate(ref byte at, out LocalDate? date)
    {
        date = null;
        if (at != '"' || Unsafe.Add(ref at, 5) != '-' || Unsafe.Add(ref at, 8) != '-' || Unsafe.Add(ref at, 11) != '"')
        {
            return ref JsonScanner.Nowhere;
        }
        var (century, ofCentury) = (PlainTime.Two(ref Unsafe.Add(ref at, 1)), PlainTime.Two(ref Unsafe.Add(ref at, 3)));
        var (month, day) = (PlainTime.Two(ref Unsafe.Add(ref at, 6)), PlainTime.Two(ref Unsafe.Add(ref at, 9)));
        if (ofCentury > 99 || !PlainTime.TryDays((century * 100) + ofCentury, month, day, out _))
        {
            return ref JsonScanner.Nowhere;
        }
        date = new LocalDate((century * 100) + ofCentury, month, day);
        return ref Unsafe.Add(ref at, 12);
    }

    private static ref byte ReadNumber(ref byte at, out decimal? number)
    {
        at = ref PlainNumber.Read(ref at, out var plain);
        number = plain.Value;
        return ref at;
    }

    /// <summary>Reads a list of days; null where it is empty.</summary>
    private static ref byte ReadDays(ref byte at, scoped in PaddedText text, out int? days)
    {
        days = null;
        if (at != '[')
        {
            return ref JsonScanner.Nowhere;
        }
        at = ref JsonScanner.Next(ref at, 1);
        if (at == ']')
        {
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
                days = read;
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

    private ref struct Values
    {
        private long? _startTimeNs;
        private long? _endTimeNs;
        private LocalDate? _startDate;
        private LocalDate? _endDate;
        private decimal? _minKwh;
        private decimal? _maxKwh;
        private decimal? _minCurrent;
        private decimal? _maxCurrent;
        private decimal? _minPower;
        private decimal? _maxPower;
        private decimal? _minDuration;
        private decimal? _maxDuration;
        private int? _days;
        private ReservationRestriction _reservation;

        /// <param name="isStated">False for null and an empty list, which are as if they were not there.</param>
        public ref byte Read(Restriction restriction, ref byte at, scoped in PaddedText text, out bool isStated)
        {
            isStated = at != 'n';
            if (!isStated)
            {
                return ref JsonScanner.Literal(ref at);
            }
            switch (restriction)
            {
                case Restriction.StartTime:
                    return ref ReadTime(ref at, out _startTimeNs);
                case Restriction.EndTime:
                    return ref ReadTime(ref at, out _endTimeNs);
                case Restriction.StartDate:
                    return ref ReadDate(ref at, out _startDate);
                case Restriction.EndDate:
                    return ref ReadDate(ref at, out _endDate);
                case Restriction.MinKwh:
                    return ref ReadNumber(ref at, out _minKwh);
                case Restriction.MaxKwh:
                    return ref ReadNumber(ref at, out _maxKwh);
                case Restriction.MinCurrent:
                    return ref ReadNumber(ref at, out _minCurrent);
                case Restriction.MaxCurrent:
                    return ref ReadNumber(ref at, out _maxCurrent);
                case Restriction.MinPower:
                    return ref ReadNumber(ref at, out _minPower);
                case Restriction.MaxPower:
                    return ref ReadNumber(ref at, out _maxPower);
                case Restriction.MinDuration:
                    return ref ReadNumber(ref at, out _minDuration);
                case Restriction.MaxDuration:
                    return ref ReadNumber(ref at, out _maxDuration);
                case Restriction.DayOfWeek:
                    at = ref ReadDays(ref at, text, out _days);
                    isStated = _days is not null;
                    return ref at;
                default:
                    return ref ReadReservation(ref at, out _reservation);
            }
        }

        public readonly TariffRestrictions Conditions() => new()
        {
            StartTimeNs = _startTimeNs,
            EndTimeNs = _endTimeNs,
            StartDate = _startDate,
            EndDate = _endDate,
            MinKwh = _minKwh,
            MaxKwh = _maxKwh,
            MinCurrent = _minCurrent,
            MaxCurrent = _maxCurrent,
            MinPower = _minPower,
            MaxPower = _maxPower,
            MinDuration = _minDuration,
            MaxDuration = _maxDuration,
            DaysOfWeek = _days,
            Reservation = _reservation,
        };
    }
}
