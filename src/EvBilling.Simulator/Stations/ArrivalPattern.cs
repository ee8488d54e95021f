using NodaTime;

namespace EvBilling.Simulator;

/// <summary>When cars come to a free connector, by local hour and weekday.</summary>
internal sealed class ArrivalPattern
{
    private const int SecondsAnHour = 3600;
    private const int HoursADay = 24;
    private const int SecondsADay = SecondsAnHour * HoursADay;
    private const long ChanceDenominator = 1_000_000;

    // Shares of a day's visits by local hour, per mille, from midnight.
    private static readonly int[] Evenings = [8, 4, 2, 2, 2, 4, 8, 14, 18, 20, 24, 28, 34, 34, 36, 48, 88, 142, 158, 124, 84, 58, 38, 22];
    private static readonly int[] Mornings = [1, 1, 1, 2, 5, 24, 96, 226, 258, 142, 58, 28, 34, 40, 26, 16, 10, 8, 8, 6, 4, 3, 2, 1];
    private static readonly int[] ShoppingHours = [4, 2, 2, 2, 3, 8, 22, 44, 68, 80, 86, 84, 78, 74, 72, 70, 72, 70, 58, 40, 26, 18, 11, 6];
    private static readonly int[] Daytime = [8, 6, 5, 5, 8, 18, 38, 56, 62, 64, 66, 70, 70, 68, 68, 70, 74, 72, 58, 42, 30, 20, 13, 9];

    private readonly int[] _sharesPerMille;
    private readonly int _workdayVisitsPerMille;
    private readonly int _weekendVisitsPerMille;

    private ArrivalPattern(int[] sharesPerMille, int workdayVisitsPerMille, int weekendVisitsPerMille)
    {
        _sharesPerMille = sharesPerMille;
        _workdayVisitsPerMille = workdayVisitsPerMille;
        _weekendVisitsPerMille = weekendVisitsPerMille;
    }

    public static ArrivalPattern Homes { get; } = new(Evenings, 1_100, 900);

    public static ArrivalPattern Work { get; } = new(Mornings, 1_000, 150);

    public static ArrivalPattern PublicPlaces { get; } = new(ShoppingHours, 2_600, 3_200);

    public static ArrivalPattern Roadside { get; } = new(Daytime, 5_500, 6_500);

    public static ArrivalPattern Corridor { get; } = new(Daytime, 6_500, 8_000);

    /// <summary>The next arrival at or after a moment, both in Unix seconds; the limit itself if none comes before it.</summary>
    public long NextUnixS(ref SplitMix64 random, long fromUnixS, long limitUnixS, int standardOffsetH)
    {
        long offsetS = (standardOffsetH * SecondsAnHour) + (SummerTime.IsInForce(fromUnixS) ? SecondsAnHour : 0);
        long atUnixS = fromUnixS;
        while (atUnixS < limitUnixS)
        {
            long localS = atUnixS + offsetS;
            int leftS = (int)(SecondsAnHour - (localS % SecondsAnHour));
            int hour = (int)(localS / SecondsAnHour % HoursADay);
            long chance = (long)_sharesPerMille[hour] * VisitsPerMille(localS / SecondsADay) * leftS / SecondsAnHour;
            if (random.Below((int)ChanceDenominator) < chance)
            {
                return atUnixS + random.Below(leftS);
            }

            atUnixS += leftS;
        }

        return limitUnixS;
    }

    private int VisitsPerMille(long daySinceEpoch)
    {
        // 1 January 1970 was a Thursday.
        bool weekend = (daySinceEpoch + (int)IsoDayOfWeek.Thursday - 1) % 7 >= 5;
        return weekend ? _weekendVisitsPerMille : _workdayVisitsPerMille;
    }
}
