using System.Collections.Immutable;

namespace EvBilling.Locations;

/// <summary>
/// Where a session took place, as far as the book knows: each level is null if it was not found or not told apart.
/// <c>default</c>: nothing is known. An <see cref="Evse"/> or <see cref="Station"/> never comes without its location,
/// a <see cref="Connector"/> never without its EVSE.
/// </summary>
public readonly record struct LocationMatch
{
    private readonly ImmutableArray<string> _connectorTariffIds;

    internal LocationMatch(Place place, Station? station, Connector? connector, ImmutableArray<string> connectorTariffIds, bool ambiguous)
    {
        Location = place.Location;
        Station = station ?? place.Station;
        Evse = place.Evse;
        Connector = connector;
        Ambiguous = ambiguous;
        _connectorTariffIds = connectorTariffIds;
    }

    private LocationMatch(bool ambiguous) => Ambiguous = ambiguous;

    /// <summary>Several places answer to the ids, and nothing tells which one is meant.</summary>
    public static LocationMatch OneOfSeveral => new(ambiguous: true);

    public Location? Location { get; }

    public Station? Station { get; }

    public Evse? Evse { get; }

    public Connector? Connector { get; }

    /// <summary>The ids fit several places: the levels below those given here are not known for that reason.</summary>
    public bool Ambiguous { get; }

    /// <summary>The connector's tariffs; without a connector stated, those that all connectors of the EVSE share.</summary>
    public ImmutableArray<string> ConnectorTariffIds => _connectorTariffIds.IsDefault ? [] : _connectorTariffIds;
}
