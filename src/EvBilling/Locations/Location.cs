using System.Collections.Immutable;
using NodaTime;

namespace EvBilling.Locations;

/// <summary>
/// A place with EVSEs (OCPI 2.2.1 mod_locations, Location object), as far as choosing a tariff, a time zone, and writing a CDR need it.
/// A null member was not stated.
/// </summary>
public sealed class Location
{
    /// <summary>OCPI <c>id</c>, unique within the publishing party.</summary>
    public required string Id { get; init; }

    /// <summary>ISO 3166-1 alpha-2 code of the publishing party's country.</summary>
    public string? CountryCode { get; init; }

    /// <summary>The publishing party's id (ISO 15118), three letters.</summary>
    public string? PartyId { get; init; }

    public string? Name { get; init; }

    public string? Address { get; init; }

    public string? City { get; init; }

    public string? PostalCode { get; init; }

    /// <summary>Country of the place, as published: ISO 3166-1 alpha-3 in OCPI; alpha-2 is met as well.</summary>
    public string? Country { get; init; }

    public Coordinates? Coordinates { get; init; }

    /// <summary>IANA zone id as published; <see cref="TimeZoneChooser"/> says what it stands for.</summary>
    public string? TimeZone { get; init; }

    /// <summary>Tariffs of every connector here that names none nearer to it. No OCPI member; ids in order of preference.</summary>
    public ImmutableArray<string> TariffIds { get; init; } = [];

    /// <summary>Charging stations. No OCPI 2.x member: OCPI knows EVSEs only.</summary>
    public ImmutableArray<Station> Stations { get; init; } = [];

    public ImmutableArray<Evse> Evses { get; init; } = [];

    public Instant? LastUpdated { get; init; }

    /// <summary>The JSON object that this was read from, UTF-8; empty if it was not read from JSON.</summary>
    public ReadOnlyMemory<byte> Json { get; init; }
}

/// <summary>WGS 84 degrees as the decimal text that was published: billing passes them on and never computes with them.</summary>
public sealed record Coordinates(string Latitude, string Longitude);
