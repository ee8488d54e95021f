using System.Collections.Concurrent;
using EvBilling.Locations;
using EvBilling.Rating;
using NodaTime;

namespace EvBilling.Cli.Pricing;

/// <summary>Zones made ready for rating, each once. Threads may share it.</summary>
internal sealed class RatingZones
{
    private readonly ConcurrentDictionary<string, RatingZone> _known = new(StringComparer.Ordinal);

    /// <exception cref="PricingException">There is no such zone.</exception>
    public static DateTimeZone ZoneOf(string id) => TimeZoneChooser.FindZone(id)
        ?? throw new PricingException($"/timezone: \"{PricingException.Shown(id)}\" is no time zone that is known; please state an IANA name such as \"Europe/Amsterdam\".");

    /// <exception cref="PricingException">There is no such zone.</exception>
    public RatingZone Find(string id)
    {
        if (_known.TryGetValue(id, out var known))
        {
            return known;
        }
        var zone = ZoneOf(id);
        return _known.GetOrAdd(zone.Id, static (_, zone) => new(zone), zone);
    }

    /// <exception cref="PricingException">The country is not stated, or has several zones.</exception>
    public RatingZone OfCountry(string? country)
    {
        var zone = country is null ? null : TimeZoneChooser.FindZoneOfCountry(country);
        return zone is null
            ? throw new PricingException(
                $"/cdr/cdr_location/country: {(country is null ? "it is missing" : $"\"{PricingException.Shown(country)}\" has no or several time zones")}, so reading zone=country finds no local time; "
                + "please state a timezone and leave that reading.")
            : Find(zone.Id);
    }
}
