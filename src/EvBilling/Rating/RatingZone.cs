using NodaTime;
using NodaTime.TimeZones;

namespace EvBilling.Rating;

/// <summary>
/// Local time of a zone as rating needs it: when its offset from UTC changes, in one array. Immutable, so that threads may share it; made once for a zone.
/// </summary>
public sealed class RatingZone
{
    // Sessions lie within these years; what lies outside has the nearest offset.
    private static readonly Instant From = Instant.FromUtc(1990, 1, 1, 0, 0);
    private static readonly Instant Until = Instant.FromUtc(2100, 1, 1, 0, 0);

    private readonly long[] _beginNs;
    private readonly long[] _offsetNs;

    public RatingZone(DateTimeZone zone)
    {
        ArgumentNullException.ThrowIfNull(zone);
        Zone = zone;
        var begins = new List<long>();
        var offsets = new List<long>();
        foreach (var interval in zone.GetZoneIntervals(new Interval(From, Until), ZoneEqualityComparer.Options.OnlyMatchWallOffset))
        {
            begins.Add(begins.Count == 0 ? long.MinValue : interval.Start.ToUnixTimeTicks() * 100);
            offsets.Add(interval.WallOffset.Nanoseconds);
        }
        _beginNs = [.. begins];
        _offsetNs = [.. offsets];
    }

    public DateTimeZone Zone { get; }

    /// <summary>The stretch of equal offset that an instant lies in.</summary>
    internal int StretchOf(long unixNs)
    {
        var (low, high) = (0, _beginNs.Length - 1);
        while (low < high)
        {
            var middle = (low + high + 1) >>> 1;
            if (_beginNs[middle] <= unixNs)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }
        return low;
    }

    /// <summary>Moves on from a stretch that is near.</summary>
    internal int StretchOf(long unixNs, int near)
    {
        while (near > 0 && _beginNs[near] > unixNs)
        {
            near--;
        }
        while (near + 1 < _beginNs.Length && _beginNs[near + 1] <= unixNs)
        {
            near++;
        }
        return near;
    }

    internal long OffsetNs(int stretch) => _offsetNs[stretch];

    /// <summary>When a stretch begins; the least long for the first.</summary>
    internal long BeginNs(int stretch) => _beginNs[stretch];

    /// <summary>When the next stretch begins; the greatest long after the last.</summary>
    internal long EndNs(int stretch) => stretch + 1 < _beginNs.Length ? _beginNs[stretch + 1] : long.MaxValue;
}
