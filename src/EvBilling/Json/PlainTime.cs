using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace EvBilling.Json;

/// <summary>
/// Times as most are written, <c>"2026-01-31T22:00:00Z"</c>, with or without a fraction of a second, with Z, an offset or nothing (which is UTC), in the years 1901 to 2148.
/// </summary>
internal static class PlainTime
{
    private const long NsPerSecond = 1_000_000_000;
    private const int SecondsPerDay = 86_400;
    private const int SecondsAt = 16;

    private static ReadOnlySpan<int> NsPerDecimal => [0, 100_000_000, 10_000_000, 1_000_000, 100_000, 10_000, 1_000, 100, 10, 1];

    /// <summary>Reads a time in quotes.</summary>
    /// <param name="at">Its first quote.</param>
    /// <param name="unixNs">In nanoseconds since 1970-01-01T00:00:00Z.</param>
    /// <returns>Just behind the last quote, or <see cref="JsonScanner.Nowhere"/>.</returns>
    public static ref byte Read(ref byte at, out long unixNs)
    {
        unchecked
        {
            unixNs = 0;
            if (at != '"')
            {
                return ref JsonScanner.Nowhere;
            }
            at = ref Unsafe.Add(ref at, 1);
            // What is left of a digit is its value, of a separator nothing; no digit is over the one that may stand there.
            var digits = Vector128.LoadUnsafe(ref at) ^ Vector128.Create("0000-00-00T00:00"u8);
            var greatest = Vector128.Create((byte)9, 9, 9, 9, 0, 1, 9, 0, 3, 9, 0, 2, 9, 0, 5, 9);
            if (Vector128.Max(digits, greatest) != greatest)
            {
                return ref JsonScanner.Nowhere;
            }
            var ordered = Vector128.Shuffle(digits, Vector128.Create((byte)0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 16, 16, 16, 16)).AsUInt64();
            var date = Pairs(ordered[0]);
            var time = Pairs(ordered[1]);
            var (month, day, hour) = ((int)(date >> 32) & 0xFF, (int)(date >> 48), (int)time & 0xFF);
            var (tens, ones) = ((uint)Unsafe.Add(ref at, SecondsAt + 1) - '0', (uint)Unsafe.Add(ref at, SecondsAt + 2) - '0');
            if (!TryDays(((int)date & 0xFF) * 100 + ((int)(date >> 16) & 0xFF), month, day, out var days)
                || hour > 23 || Unsafe.Add(ref at, SecondsAt) != ':' || tens > 5 || ones > 9)
            {
                return ref JsonScanner.Nowhere;
            }
            var seconds = ((long)days * SecondsPerDay) + (hour * 3_600) + ((int)(time >> 16) * 60) + (int)((tens * 10) + ones);
            at = ref Unsafe.Add(ref at, SecondsAt + 3);
            unixNs = seconds * NsPerSecond;
            return ref at == 'Z' && Unsafe.Add(ref at, 1) == '"' ? ref Unsafe.Add(ref at, 2) : ref ReadRest(ref at, ref unixNs);
        }
    }

    /// <summary>Days since 1970-01-01; false for a day that is not in the calendar, or in no year that is read here.</summary>
    public static bool TryDays(int year, int month, int day, out int days)
    {
        unchecked
        {
            days = 0;
            if (year is < 1901 or > 2148 || month is < 1 or > 12 || day < 1 || (day > 28 && day > DaysInMonth(year, month)))
            {
                return false;
            }
            // Years that begin in March, so that the leap day is a year's last.
            var (y, m) = month > 2 ? ((uint)year, (uint)month - 3) : ((uint)year - 1, (uint)month + 9);
            // Of the centuries in these years 2000 has a leap day and 2100 has none.
            days = (int)(((y * 1461) >> 2) + (((m * 153) + 2) / 5) + (uint)day) - (y < 2100 ? 719_484 : 719_485);
            return true;
        }
    }

    private static int DaysInMonth(int year, int month) =>
        month == 2 ? (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28) : month is 4 or 6 or 9 or 11 ? 30 : 31;

    /// <summary>Of two digits each in its own byte the number, in the first of the two bytes.</summary>
    private static ulong Pairs(ulong digits) => unchecked((digits * 10) + (digits >> 8)) & 0x00FF_00FF_00FF_00FF;

    // Behind the seconds: a fraction, an offset.
    private static ref byte ReadRest(ref byte at, scoped ref long unixNs)
    {
        unchecked
        {
            if (at == '.')
            {
                at = ref Unsafe.Add(ref at, 1);
                var (fraction, decimals) = (0, 0);
                for (; at is >= (byte)'0' and <= (byte)'9' && decimals < 9; decimals++)
                {
                    fraction = (fraction * 10) + at - '0';
                    at = ref Unsafe.Add(ref at, 1);
                }
                if (decimals == 0)
                {
                    return ref JsonScanner.Nowhere;
                }
                unixNs += (long)fraction * NsPerDecimal[decimals];
            }
            if (at is (byte)'+' or (byte)'-')
            {
                var isWest = at == '-';
                var (hours, minutes) = (Two(ref Unsafe.Add(ref at, 1)), Two(ref Unsafe.Add(ref at, 4)));
                // An offset of nothing is written Z; "-00:00" may mean that none is known.
                if (Unsafe.Add(ref at, 3) != ':' || hours > 14 || minutes > 59 || hours + minutes == 0)
                {
                    return ref JsonScanner.Nowhere;
                }
                var offsetNs = ((hours * 60) + minutes) * 60 * NsPerSecond;
                unixNs += isWest ? offsetNs : -offsetNs;
                at = ref Unsafe.Add(ref at, 6);
            }
            else if (at == 'Z')
            {
                at = ref Unsafe.Add(ref at, 1);
            }
            return ref at == '"' ? ref Unsafe.Add(ref at, 1) : ref JsonScanner.Nowhere;
        }
    }

    /// <summary>The number that two digits make; over 99 where they are none.</summary>
    public static int Two(ref byte at)
    {
        unchecked
        {
            var (tens, ones) = ((uint)at - '0', (uint)Unsafe.Add(ref at, 1) - '0');
            return tens <= 9 && ones <= 9 ? (int)((tens * 10) + ones) : 100;
        }
    }
}
