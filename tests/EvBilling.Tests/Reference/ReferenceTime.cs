using System.Globalization;
using System.Text.RegularExpressions;

namespace EvBilling.Tests.Reference;

/// <summary>RFC 3339 date-times as nanoseconds since 1970.</summary>
internal static partial class ReferenceTime
{
    public const long Second = 1_000_000_000;

    /// <summary>2262-01-01: the first year that does not fit into 64 bits of nanoseconds is not entered.</summary>
    private static readonly Int128 FirstTooLate = (Int128)(long)(new DateTime(2262, 1, 1) - DateTime.UnixEpoch).TotalSeconds * Second;

    /// <summary>Not a date-time: false. A date-time out of range: true and null.</summary>
    public static bool TryParse(string text, out long? nanoseconds)
    {
        nanoseconds = null;
        Match match = Pattern().Match(text);
        if (!match.Success) return false;
        int year = Number(match, 1), month = Number(match, 2), day = Number(match, 3);
        int hour = Number(match, 4), minute = Number(match, 5), second = Number(match, 6);
        int offsetHours = match.Groups[9].Success ? Number(match, 9) : 0, offsetMinutes = match.Groups[10].Success ? Number(match, 10) : 0;
        // The year 0 is not in .NET's calendar; it is a leap year as 400 is.
        if (month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year == 0 ? 400 : year, month)) return false;
        if (hour > 23 || minute > 59 || second > 60 || offsetHours > 23 || offsetMinutes > 59) return false;

        int offset = (match.Groups[8].Value == "-" ? -60 : 60) * ((offsetHours * 60) + offsetMinutes);
        long days = year == 0 ? -800_000 : (new DateTime(year, month, day) - DateTime.UnixEpoch).Days;
        Int128 seconds = ((Int128)days * 86400) + (hour * 3600) + (minute * 60) + second - offset;
        // A leap second ends a day of UTC: nowhere else is there a 60th. As an instant it is the next day's first, whatever its fraction.
        bool leap = second == 60;
        if (leap && seconds % 86400 != 0) return false;

        string fraction = leap ? "" : match.Groups[7].Value;
        Int128 total = (seconds * Second) + long.Parse(fraction.PadRight(9, '0')[..9], CultureInfo.InvariantCulture);
        if (total >= 0 && total < FirstTooLate) nanoseconds = (long)total;
        return true;
    }

    /// <summary>For tests: a text that is known to be good.</summary>
    public static long Parse(string text) =>
        TryParse(text, out long? nanoseconds) && nanoseconds is long value ? value : throw new FormatException(text);

    private static int Number(Match match, int group) => int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    // \z, not $: a line feed at the end is no part of a date-time.
    [GeneratedRegex(@"^([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))\z")]
    private static partial Regex Pattern();
}
