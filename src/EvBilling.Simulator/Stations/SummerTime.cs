using NodaTime;

namespace EvBilling.Simulator;

/// <summary>
/// The European Union's summer time, by its rule: from the last Sunday of March to that of October, 01:00 UTC. Not the time zone database, whose later versions
/// would move arrivals and so change the bytes of a seed.
/// </summary>
internal static class SummerTime
{
    public static bool IsInForce(long unixS)
    {
        var utc = Instant.FromUnixTimeSeconds(unixS).InUtc().LocalDateTime;
        return utc.Month switch
        {
            < 3 or > 10 => false,
            > 3 and < 10 => true,
            3 => utc >= Change(utc.Year, 3),
            _ => utc < Change(utc.Year, 10),
        };
    }

    private static LocalDateTime Change(int year, int month)
    {
        var last = new LocalDate(year, month, 31);
        var sunday = last.PlusDays(-((int)last.DayOfWeek % 7));
        return sunday.At(new LocalTime(1, 0));
    }
}
