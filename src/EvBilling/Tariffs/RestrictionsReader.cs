using System.Globalization;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;

namespace EvBilling.Tariffs;

/// <summary>
/// Reads an element's <c>restrictions</c>, leniently (rule <c>lenient</c>): "9:00", small letters, numbers as texts, null for absent. A value that can't be
/// understood makes the element one that never applies, with a finding; a member that OCPI does not know is ignored, with a finding.
/// </summary>
internal static class RestrictionsReader
{
    private static readonly string[] Days = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"];

    public static TariffRestrictions? Read(OcpiJson json)
    {
        if (json.IsAbsent)
        {
            return null;
        }
        json.MustBe(JsonValueKind.Object, "an object of restrictions, or null");
        TariffRestrictions? read = null;
        foreach (var (name, value) in json.Members())
        {
            if (!value.IsAbsent && !value.IsEmptyList)
            {
                read = Add(read ?? new TariffRestrictions(), name, value);
            }
        }
        return read;
    }

    private static TariffRestrictions Add(TariffRestrictions to, string name, OcpiJson value) => name switch
    {
        "start_time" => TryTime(value, out var time) ? to with { StartTimeNs = time } : Never(to),
        "end_time" => TryTime(value, out var time) ? to with { EndTimeNs = time } : Never(to),
        "start_date" => TryDate(value, out var date) ? to with { StartDate = date } : Never(to),
        "end_date" => TryDate(value, out var date) ? to with { EndDate = date } : Never(to),
        "min_kwh" => TryNumber(value, out var number) ? to with { MinKwh = number } : Never(to),
        "max_kwh" => TryNumber(value, out var number) ? to with { MaxKwh = number } : Never(to),
        "min_current" => TryNumber(value, out var number) ? to with { MinCurrent = number } : Never(to),
        "max_current" => TryNumber(value, out var number) ? to with { MaxCurrent = number } : Never(to),
        "min_power" => TryNumber(value, out var number) ? to with { MinPower = number } : Never(to),
        "max_power" => TryNumber(value, out var number) ? to with { MaxPower = number } : Never(to),
        "min_duration" => TryNumber(value, out var number) ? to with { MinDuration = number } : Never(to),
        "max_duration" => TryNumber(value, out var number) ? to with { MaxDuration = number } : Never(to),
        "day_of_week" => TryDays(value, out var days) ? to with { DaysOfWeek = days } : Never(to),
        "reservation" => TryReservation(value, out var reservation) ? to with { Reservation = reservation } : Never(to),
        _ => Ignored(to, value),
    };

    private static TariffRestrictions Never(TariffRestrictions to) => to with { IsNeverFulfilled = true };

    private static TariffRestrictions Ignored(TariffRestrictions to, OcpiJson value)
    {
        value.Note("unknown_restriction", FindingSeverity.Warning, "belongs to a restriction that OCPI does not know, and is ignored");
        return to;
    }

    private static bool TryTime(OcpiJson value, out long timeNs)
    {
        timeNs = 0;
        var text = value.TextOrNull() ?? "";
        var parts = text.Split(':');
        var isRead = parts.Length is 2 or 3 && parts.All(part => part.Length is 1 or 2 && part.All(char.IsAsciiDigit));
        if (isRead)
        {
            var (hours, minutes, seconds) = (Whole(parts[0]), Whole(parts[1]), parts.Length == 3 ? Whole(parts[2]) : 0);
            isRead = (hours < 24 && minutes < 60 && seconds < 60) || (hours == 24 && minutes == 0 && seconds == 0);
            timeNs = (((hours % 24 * 60) + minutes) * 60 + seconds) * 1_000_000_000L;
        }
        if (!isRead)
        {
            value.Note("unreadable_restriction", FindingSeverity.Error, "is no time of day such as \"09:00\", so this element never applies");
        }
        else if (text.Length != 5)
        {
            value.Note("time_format", FindingSeverity.Warning, "is not written as OCPI wants times of day, such as \"09:00\"");
        }
        return isRead;
    }

    private static long Whole(string digits) => long.Parse(digits, CultureInfo.InvariantCulture);

    private static bool TryDate(OcpiJson value, out LocalDate date)
    {
        if (LocalDatePattern.Iso.Parse(value.TextOrNull() ?? "").TryGetValue(default, out date))
        {
            return true;
        }
        value.Note("unreadable_restriction", FindingSeverity.Error, "is no date such as \"2026-01-31\", so this element never applies");
        return false;
    }

    private static bool TryNumber(OcpiJson value, out decimal number)
    {
        if (value.TryNumber(out number))
        {
            return true;
        }
        value.Note("unreadable_restriction", FindingSeverity.Error, "is no number that can be compared, so this element never applies");
        return false;
    }

    // A day that does not exist never comes; the others do.
    private static bool TryDays(OcpiJson value, out int days)
    {
        days = 0;
        if (value.Kind != JsonValueKind.Array)
        {
            value.Note("unreadable_restriction", FindingSeverity.Error, "is no list of days such as [\"MONDAY\"], so this element never applies");
            return false;
        }
        foreach (var (_, item) in value.Items())
        {
            var text = item.TextOrNull() ?? "";
            var day = Array.FindIndex(Days, known => string.Equals(known, text, StringComparison.OrdinalIgnoreCase));
            if (day < 0)
            {
                item.Note("unknown_day", FindingSeverity.Error, "is no day of the week, so this element does not apply on it");
                continue;
            }
            item.NoteSmallLetters(text, Days[day]);
            days |= 1 << day;
        }
        return true;
    }

    private static bool TryReservation(OcpiJson value, out ReservationRestriction reservation)
    {
        var text = value.TextOrNull() ?? "";
        reservation = text.ToUpperInvariant() switch
        {
            "RESERVATION" => ReservationRestriction.Reservation,
            "RESERVATION_EXPIRES" => ReservationRestriction.ReservationExpires,
            _ => ReservationRestriction.None,
        };
        if (reservation == ReservationRestriction.None)
        {
            value.Note("unreadable_restriction", FindingSeverity.Error, "is neither RESERVATION nor RESERVATION_EXPIRES, so this element never applies");
            return false;
        }
        value.NoteSmallLetters(text, text.ToUpperInvariant());
        return true;
    }
}
