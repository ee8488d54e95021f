using System.Globalization;
using EvBilling.Functions.Scaling;
using NodaTime;

namespace EvBilling.Functions.Timer;

/// <summary>The schedule as a setting has it: <c>Mon-Fri 07:00-19:00 Europe/Berlin 8; Sat,Sun 09:00-17:00 Europe/Berlin 2; else 0</c>.</summary>
internal static class ScheduleText
{
    private static readonly string[] DayNames = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

    /// <exception cref="SettingsException">It is no schedule, or one of its numbers is out of bounds.</exception>
    public static Schedule Parse(string name, string text, ReplicaBounds bounds)
    {
        try
        {
            var lines = text.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            if (lines.Length == 0 || lines[^1].Split(' ', StringSplitOptions.RemoveEmptyEntries) is not ["else", var otherwise])
            {
                throw new FormatException("its last part is not \"else N\", which says what holds at all other times");
            }
            return new([.. lines[..^1].Select(line => Entry(line, bounds))], Replicas(otherwise, bounds));
        }
        catch (FormatException e)
        {
            throw new SettingsException($"{name}: {e.Message}. Write it as: Mon-Fri 07:00-19:00 Europe/Berlin 8; Sat,Sun 09:00-17:00 Europe/Berlin 2; else 0");
        }
    }

    private static ScheduleEntry Entry(string line, ReplicaBounds bounds)
    {
        if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [var days, var hours, var zone, var replicas])
        {
            throw new FormatException($"\"{line}\" is not weekdays, hours, a zone and replicas");
        }
        if (hours.Split('-') is not [var from, var to])
        {
            throw new FormatException($"\"{hours}\" are no hours such as 07:00-19:00");
        }
        var (begin, end) = (Time(from, isEnd: false), Time(to, isEnd: true));
        if (begin == end && begin != LocalTime.Midnight)
        {
            throw new FormatException($"\"{hours}\" begins and ends at the same time; a whole day is 00:00-24:00");
        }
        return new(
            Days(days), begin, end,
            DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone) ?? throw new FormatException($"\"{zone}\" is no time zone of the IANA database"),
            Replicas(replicas, bounds));
    }

    private static HashSet<IsoDayOfWeek> Days(string text)
    {
        if (text == "daily")
        {
            return [.. Enum.GetValues<IsoDayOfWeek>().Except([IsoDayOfWeek.None])];
        }
        var days = new HashSet<IsoDayOfWeek>();
        foreach (var part in text.Split(','))
        {
            var ends = part.Split('-');
            if (ends.Length > 2)
            {
                throw new FormatException($"\"{part}\" are no weekdays");
            }
            // Sat-Mon goes over the end of the week.
            var (first, last) = (Day(ends[0]), Day(ends[^1]));
            for (var day = first; ; day = (day + 1) % DayNames.Length)
            {
                days.Add((IsoDayOfWeek)(day + 1));
                if (day == last)
                {
                    break;
                }
            }
        }
        return days;
    }

    private static int Day(string name) =>
        Array.IndexOf(DayNames, name) is >= 0 and var day ? day : throw new FormatException($"\"{name}\" is no weekday: they are {string.Join(", ", DayNames)}, or daily");

    // 24:00 is the end of the day, as it is the next one's beginning.
    private static LocalTime Time(string text, bool isEnd)
    {
        if (text == "24:00" && isEnd)
        {
            return LocalTime.Midnight;
        }
        return TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
            ? new LocalTime(time.Hour, time.Minute)
            : throw new FormatException($"\"{text}\" is no time such as 07:00");
    }

    private static int Replicas(string text, ReplicaBounds bounds) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var replicas) && bounds.Contain(replicas)
            ? replicas
            : throw new FormatException($"\"{text}\" are no replicas from {bounds.Min} to {bounds.Max}");
}
