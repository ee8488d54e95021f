using NodaTime;

namespace EvBilling.Simulator;

/// <summary>Writes RFC 3339 times in whole seconds, UTC. It keeps the day last written, since most times follow each other closely.</summary>
internal struct TimestampFormatter
{
    private const int SecondsADay = 86_400;

    private long _day;
    private LocalDate _date;

    public void Append(ref Utf8Cursor to, long unixS)
    {
        (long day, long second) = Math.DivRem(unixS, SecondsADay);
        if (day != _day || _date == default)
        {
            _day = day;
            _date = Instant.FromUnixTimeSeconds(unixS).InUtc().Date;
        }

        to.AppendNumber(_date.Year, 4);
        to.Append("-"u8);
        to.AppendNumber(_date.Month, 2);
        to.Append("-"u8);
        to.AppendNumber(_date.Day, 2);
        to.Append("T"u8);
        to.AppendNumber(second / 3_600, 2);
        to.Append(":"u8);
        to.AppendNumber(second / 60 % 60, 2);
        to.Append(":"u8);
        to.AppendNumber(second % 60, 2);
        to.Append("Z"u8);
    }
}
