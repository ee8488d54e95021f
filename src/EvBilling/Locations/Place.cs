using System.Collections.Immutable;

namespace EvBilling.Locations;

/// <summary>
/// A location, a station or an EVSE as <see cref="LocationBook"/> looks it up. <see cref="Ordinal"/> is its location's number in the book:
/// places that share an id are kept ordered by it, so that those within one location are found without walking all.
/// </summary>
internal sealed class Place
{
    public Place(int ordinal, Location location, Station? station = null, Evse? evse = null)
    {
        Ordinal = ordinal;
        Location = location;
        Station = station;
        Evse = evse;
        SharedTariffIds = evse is null ? [] : TariffIdsOfEvery(evse.Connectors);
    }

    public int Ordinal { get; }

    public Location Location { get; }

    public Station? Station { get; }

    public Evse? Evse { get; }

    /// <summary>Of a location or a station: its EVSEs.</summary>
    public List<Place> Evses { get; } = [];

    /// <summary>Of an EVSE: the tariff ids if all its connectors state the same; whichever of them was used, these are its tariffs.</summary>
    public ImmutableArray<string> SharedTariffIds { get; }

    public bool Removed => Evse is { Removed: true };

    /// <summary>The connector of that id, in the same spelling or else in another case; null if there is none.</summary>
    public Connector? FindConnector(ReadOnlySpan<char> id)
    {
        Connector? otherCase = null;
        foreach (var connector in Evse!.Connectors)
        {
            if (id.SequenceEqual(connector.Id))
            {
                return connector;
            }
            if (otherCase is null && id.Equals(connector.Id, StringComparison.OrdinalIgnoreCase))
            {
                otherCase = connector;
            }
        }
        return otherCase;
    }

    /// <summary>Those of <paramref name="places"/>, ordered by ordinal, that lie in one location.</summary>
    public static ReadOnlySpan<Place> In(int ordinal, ReadOnlySpan<Place> places)
    {
        var start = LowerBound(places, ordinal);
        return places[start..LowerBound(places, ordinal + 1)];
    }

    private static int LowerBound(ReadOnlySpan<Place> places, int ordinal)
    {
        var (low, high) = (0, places.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = places[middle].Ordinal < ordinal ? (middle + 1, high) : (low, middle);
        }
        return low;
    }

    private static ImmutableArray<string> TariffIdsOfEvery(ImmutableArray<Connector> connectors)
    {
        for (var i = 1; i < connectors.Length; i++)
        {
            if (!connectors[i].TariffIds.AsSpan().SequenceEqual(connectors[0].TariffIds.AsSpan()))
            {
                return [];
            }
        }
        return connectors.Length == 0 ? [] : connectors[0].TariffIds;
    }
}
