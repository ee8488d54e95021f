using System.Collections.Concurrent;
using NodaTime;
using NodaTime.TimeZones;

namespace EvBilling.Locations;

/// <summary>What a <see cref="TimeZoneChoice"/> rests on.</summary>
public enum TimeZoneOrigin
{
    /// <summary>Nothing: no zone is known.</summary>
    None,

    /// <summary>The location's <c>time_zone</c>.</summary>
    Location,

    /// <summary>The zone that the caller takes where a location states none (<c>--timezone</c>).</summary>
    Default,

    /// <summary>The one zone of the location's country.</summary>
    Country,
}

/// <summary>The zone whose local time a session's tariff is read in.</summary>
/// <param name="Zone">Null: not known.</param>
/// <param name="UnknownId">The location's <c>time_zone</c> where it is stated and no IANA id; then <see cref="Zone"/> is null.</param>
public readonly record struct TimeZoneChoice(DateTimeZone? Zone, TimeZoneOrigin Origin, string? UnknownId = null);

/// <summary>
/// Chooses a session's time zone: the location's <c>time_zone</c>, else the caller's default, else the one zone of its country, else none.
/// A location that states a zone that does not exist has none: neither default nor country may overrule what it meant to say.
/// Safe for use by several threads.
/// </summary>
public sealed class TimeZoneChooser
{
    // From here on the zones of one country must agree: no session that is billed is older, and several countries have zones that differ only in history.
    private static readonly ZoneEqualityComparer SameLocalTime = ZoneEqualityComparer
        .ForInterval(new Interval(Instant.FromUtc(2000, 1, 1, 0, 0), Instant.FromUtc(2050, 1, 1, 0, 0)))
        .WithOptions(ZoneEqualityComparer.Options.OnlyMatchWallOffset);

    // Results of pure functions, kept because the same few locations' texts come with every bill.
    private readonly ConcurrentDictionary<string, TimeZoneChoice> _byZoneId = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, TimeZoneChoice> _byCountry = new(StringComparer.Ordinal);
    private readonly DateTimeZone? _defaultZone;
    private readonly bool _isOfCountry;

    /// <param name="defaultZone">For locations that state no zone, and sessions without a location; null: none.</param>
    /// <param name="isOfCountry">Neither the location's zone nor the default counts, but the one of its country (reading <c>zone=country</c>).</param>
    public TimeZoneChooser(DateTimeZone? defaultZone = null, bool isOfCountry = false) => (_defaultZone, _isOfCountry) = (defaultZone, isOfCountry);

    /// <summary>The zone of an IANA id, letters of either case; null if there is none of that name.</summary>
    public static DateTimeZone? FindZone(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        if (DateTimeZoneProviders.Tzdb.GetZoneOrNull(id) is { } zone)
        {
            return zone;
        }
        foreach (var known in DateTimeZoneProviders.Tzdb.Ids)
        {
            if (string.Equals(known, id.Trim(), StringComparison.OrdinalIgnoreCase))
            {
                return DateTimeZoneProviders.Tzdb[known];
            }
        }
        return null;
    }

    /// <summary>
    /// The one zone of a country; null if the code is unknown or the country keeps several local times.
    /// Zones that have shown the same local time since 2000 count as one (DE: Europe/Berlin and Europe/Busingen): the first the database lists.
    /// </summary>
    /// <param name="countryCode">ISO 3166-1 alpha-2 or alpha-3.</param>
    public static DateTimeZone? FindZoneOfCountry(string countryCode)
    {
        if (CountryCodes.Alpha2(countryCode) is not { } alpha2 || TzdbDateTimeZoneSource.Default.ZoneLocations is not { } zones)
        {
            return null;
        }
        DateTimeZone? first = null;
        foreach (var location in zones)
        {
            if (location.CountryCode != alpha2)
            {
                continue;
            }
            var zone = DateTimeZoneProviders.Tzdb[location.ZoneId];
            first ??= zone;
            if (!SameLocalTime.Equals(first, zone))
            {
                return null;
            }
        }
        return first;
    }

    /// <summary>The zone for a session at this location; null: the session's location is not known.</summary>
    public TimeZoneChoice Choose(Location? location)
    {
        if (!_isOfCountry && location?.TimeZone is { } id)
        {
            return _byZoneId.GetOrAdd(id, static id =>
                FindZone(id) is { } zone ? new TimeZoneChoice(zone, TimeZoneOrigin.Location) : new TimeZoneChoice(null, TimeZoneOrigin.None, id));
        }
        if (!_isOfCountry && _defaultZone is not null)
        {
            return new TimeZoneChoice(_defaultZone, TimeZoneOrigin.Default);
        }
        return (location?.Country ?? location?.CountryCode) is { } country
            ? _byCountry.GetOrAdd(country, static country =>
                FindZoneOfCountry(country) is { } zone ? new TimeZoneChoice(zone, TimeZoneOrigin.Country) : default)
            : default;
    }
}
