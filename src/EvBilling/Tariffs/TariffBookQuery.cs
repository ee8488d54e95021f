using EvBilling.Locations;
using NodaTime;

namespace EvBilling.Tariffs;

/// <summary>What decides the tariff version of a session.</summary>
/// <param name="StatedTariffId">The session's own <c>tariff_id</c>; null or empty: none.</param>
/// <param name="Place">Where the session took place, as <see cref="LocationBook"/> found it.</param>
/// <param name="DefaultTariffId"><c>--default-tariff</c>, taken literally; null or empty: none.</param>
/// <param name="SessionStart">The version in force then rates the whole session.</param>
/// <param name="NotLoadedAfter">
/// Of a session whose bill was final: versions with a greater <see cref="TariffVersion{TPayload}.LoadedSequence"/> do not compete,
/// as if they were in no file. Null: all compete.
/// </param>
public readonly record struct TariffQuery(
    string? StatedTariffId,
    LocationMatch Place,
    string? DefaultTariffId,
    Instant SessionStart,
    long? NotLoadedAfter = null);

/// <summary>How a choice ended.</summary>
public enum TariffOutcome
{
    /// <summary>A version is in force.</summary>
    Found,

    /// <summary>No id leads to a tariff, or the version that would be in force has ended: the session is held, flag UnknownTariff.</summary>
    UnknownTariff,

    /// <summary>The id names tariffs of several publishers: the session is held, flag TariffAmbiguous.</summary>
    TariffAmbiguous,
}

/// <summary>Where a tariff's id was stated, in the order of precedence.</summary>
public enum TariffStep
{
    /// <summary>Nowhere that led to a tariff.</summary>
    None,
    Session,
    Connector,
    Evse,
    Station,
    Location,
    Default,
}

/// <summary>The tariff version of a session, or why there is none.</summary>
/// <param name="Version">Null unless <paramref name="Outcome"/> is <see cref="TariffOutcome.Found"/>.</param>
/// <param name="TariffIdUnknown">An id that precedes the chosen one is in no file: flag TariffIdUnknown.</param>
/// <param name="TariffId">
/// The id that decided, as the file spells it: an OCPI id, or CC*PARTY*id where it was named so. Null if no id is in any file.
/// </param>
/// <param name="Step">Where it was stated.</param>
public readonly record struct TariffChoice<TPayload>(
    TariffVersion<TPayload>? Version,
    TariffOutcome Outcome,
    bool TariffIdUnknown,
    string? TariffId,
    TariffStep Step);
