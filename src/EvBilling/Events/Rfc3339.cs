namespace EvBilling.Events;

/// <summary>RFC 3339 date-times as nanoseconds since 1970-01-01T00:00:00Z, and back.</summary>
public static class Rfc3339
{
    public const long NsPerSecond = 1_000_000_000;

    /// <summary>The first instant that is not in range: 2262-01-01T00:00:00Z.</summary>
    public const long EndOfRangeSeconds = 9_214_646_400;

    private const int SecondsPerDay = 86_400;

    /// <summary>
    /// Reads <c>2024-05-01T10:00:00[.fraction](Z|+hh:mm|-hh:mm)</c>. A fraction beyond nanoseconds is cut; a leap second (23:59:60 UTC) is the next second's start.
    /// </summary>
    /// <param name="inRange">False if it is well-formed, but before 1970 or after 2261.</param>
    /// <returns>False if it is malformed.</returns>
    public static bool TryParse(ReadOnlySpan<byte> text, out long unixNs, out bool inRange)
    {
        unixNs = 0;
        inRange = false;
        if (text.Length < 20 || text[4] != '-' || text[7] != '-' || (text[10] | 0x20) != 't' || text[13] != ':' || text[16] != ':'
            || !Two(text, 0, out var century) || !Two(text, 2, out var yearOfCentury) || !Two(text, 5, out var month) || !Two(text, 8, out var day)
            || !Two(text, 11, out var hour) || !Two(text, 14, out var minute) || !Two(text, 17, out var second))
        {
            return false;
        }
        var year = (century * 100) + yearOfCentury;
        if (month is < 1 or > 12 || day < 1 || day > DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 60)
        {
            return false;
        }
        var at = 19;
        if (!TryFraction(text, ref at, out var fractionNs) || !TryOffset(text[at..], out var offsetMinutes))
        {
            return false;
        }
        var seconds = (DaysSince1970(year, month, day) * SecondsPerDay) + (hour * 3600) + (minute * 60) + second - (offsetMinutes * 60L);
        if (second == 60)
        {
            if (Mod(seconds, SecondsPerDay) != 0)
            {
                return false;
            }
            fractionNs = 0;
        }
        inRange = seconds is >= 0 and < EndOfRangeSeconds;
        unixNs = inRange ? (seconds * NsPerSecond) + fractionNs : 0;
        return true;
    }

    /// <summary>Writes <c>2024-05-01T10:00:00Z</c>, with as many decimals as the fraction needs, if any.</summary>
    /// <returns>The number of bytes written; <paramref name="to"/> has room for 30.</returns>
    public static int Format(long unixNs, Span<byte> to)
    {
        var seconds = unixNs / NsPerSecond;
        var fraction = (int)(unixNs % NsPerSecond);
        var (year, month, day) = Date((int)(seconds / SecondsPerDay));
        var ofDay = (int)(seconds % SecondsPerDay);
        WriteTwo(to, 0, year / 100);
        WriteTwo(to, 2, year % 100);
        to[4] = to[7] = (byte)'-';
        WriteTwo(to, 5, month);
        WriteTwo(to, 8, day);
        to[10] = (byte)'T';
        to[13] = to[16] = (byte)':';
        WriteTwo(to, 11, ofDay / 3600);
        WriteTwo(to, 14, ofDay / 60 % 60);
        WriteTwo(to, 17, ofDay % 60);
        var length = 19;
        if (fraction != 0)
        {
            to[length++] = (byte)'.';
            for (var unit = (int)NsPerSecond / 10; fraction != 0; unit /= 10)
            {
                to[length++] = (byte)('0' + (fraction / unit));
                fraction %= unit;
            }
        }
        to[length++] = (byte)'Z';
        return length;
    }

    /// <summary>The text of an instant, as <see cref="Format(long, Span{byte})"/> writes it.</summary>
    public static string Format(long unixNs)
    {
        Span<byte> text = stackalloc byte[30];
        return System.Text.Encoding.ASCII.GetString(text[..Format(unixNs, text)]);
    }

    private static bool Two(ReadOnlySpan<byte> text, int at, out int value)
    {
        var tens = text[at] - '0';
        var ones = text[at + 1] - '0';
        value = (tens * 10) + ones;
        return tens is >= 0 and <= 9 && ones is >= 0 and <= 9;
    }

    private static void WriteTwo(Span<byte> to, int at, int value)
    {
        to[at] = (byte)('0' + (value / 10));
        to[at + 1] = (byte)('0' + (value % 10));
    }

    private static bool TryFraction(ReadOnlySpan<byte> text, ref int at, out long fractionNs)
    {
        fractionNs = 0;
        if (text[at] != '.')
        {
            return true;
        }
        var first = ++at;
        for (long unit = NsPerSecond / 10; at < text.Length && text[at] is >= (byte)'0' and <= (byte)'9'; at++, unit /= 10)
        {
            fractionNs += (text[at] - '0') * unit;
        }
        return at > first && at < text.Length;
    }

    private static bool TryOffset(ReadOnlySpan<byte> text, out int minutes)
    {
        minutes = 0;
        if (text.Length == 1)
        {
            return (text[0] | 0x20) == 'z';
        }
        if (text.Length != 6 || text[3] != ':' || text[0] is not ((byte)'+' or (byte)'-') || !Two(text, 1, out var hour) || !Two(text, 4, out var minute) || hour > 23 || minute > 59)
        {
            return false;
        }
        minutes = ((hour * 60) + minute) * (text[0] == '-' ? -1 : 1);
        return true;
    }

    private static int DaysInMonth(int year, int month) =>
        month == 2 ? (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28) : month is 4 or 6 or 9 or 11 ? 30 : 31;

    // The Gregorian calendar counted from 0000-03-01, so that the leap day is a year's last.
    private static long DaysSince1970(int year, int month, int day)
    {
        var y = month <= 2 ? year - 1 : year;
        var era = (y >= 0 ? y : y - 399) / 400;
        var yearOfEra = y - (era * 400);
        var dayOfYear = (((153 * (month + (month > 2 ? -3 : 9))) + 2) / 5) + day - 1;
        return (era * 146_097L) + (yearOfEra * 365) + (yearOfEra / 4) - (yearOfEra / 100) + dayOfYear - 719_468;
    }

    private static (int Year, int Month, int Day) Date(int daysSince1970)
    {
        var z = daysSince1970 + 719_468;
        var era = z / 146_097;
        var dayOfEra = z - (era * 146_097);
        var yearOfEra = (dayOfEra - (dayOfEra / 1460) + (dayOfEra / 36_524) - (dayOfEra / 146_096)) / 365;
        var dayOfYear = dayOfEra - ((365 * yearOfEra) + (yearOfEra / 4) - (yearOfEra / 100));
        var shifted = ((5 * dayOfYear) + 2) / 153;
        var month = shifted < 10 ? shifted + 3 : shifted - 9;
        return (yearOfEra + (era * 400) + (month <= 2 ? 1 : 0), month, dayOfYear - (((153 * shifted) + 2) / 5) + 1);
    }

    private static long Mod(long value, long divisor) => ((value % divisor) + divisor) % divisor;
}
