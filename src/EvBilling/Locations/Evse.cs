using System.Collections.Immutable;

namespace EvBilling.Locations;

/// <summary>A charging station: what charging events name by <c>station_id</c>. It holds one or more EVSEs.</summary>
/// <param name="TariffIds">Tariffs of its connectors that name none, nor their EVSE; in order of preference.</param>
public sealed record Station(string Id, ImmutableArray<string> TariffIds);

/// <summary>What charges one vehicle at a time (OCPI 2.2.1 mod_locations, EVSE object). A null member was not stated.</summary>
public sealed class Evse
{
    /// <summary>The id within the publisher's systems.</summary>
    public string? Uid { get; init; }

    /// <summary>The id painted on the EVSE, such as <c>BE*BEC*E041503001</c>; it may be used again once an EVSE is removed.</summary>
    public string? EvseId { get; init; }

    /// <summary>The station it is part of. No OCPI 2.x member.</summary>
    public string? StationId { get; init; }

    /// <summary>Status REMOVED: it is gone, but late sessions of it may still be billed.</summary>
    public bool Removed { get; init; }

    /// <summary>Tariffs of its connectors that name none; in order of preference. No OCPI member.</summary>
    public ImmutableArray<string> TariffIds { get; init; } = [];

    public ImmutableArray<Connector> Connectors { get; init; } = [];
}

/// <summary>A socket or cable of an EVSE (OCPI 2.2.1 mod_locations, Connector object). A null member was not stated.</summary>
public sealed class Connector
{
    /// <summary>Unique within its EVSE.</summary>
    public string? Id { get; init; }

    /// <summary>ConnectorType in upper case, such as IEC_62196_T2.</summary>
    public string? Standard { get; init; }

    /// <summary>SOCKET or CABLE.</summary>
    public string? Format { get; init; }

    /// <summary>PowerType in upper case: AC_1_PHASE, AC_3_PHASE, DC, ...</summary>
    public string? PowerType { get; init; }

    /// <summary>
    /// The most power it can give, in W, greater than 0. Never derived from voltage and amperage: what those state
    /// (line or phase voltage, per phase or in all) differs between publishers, and a limit set too low would hold good bills.
    /// </summary>
    public int? MaxElectricPowerW { get; init; }

    /// <summary>V, greater than 0.</summary>
    public int? MaxVoltage { get; init; }

    /// <summary>A, greater than 0.</summary>
    public int? MaxAmperage { get; init; }

    /// <summary>OCPI <c>tariff_ids</c> (2.1.1: <c>tariff_id</c>), in order of preference.</summary>
    public ImmutableArray<string> TariffIds { get; init; } = [];
}
