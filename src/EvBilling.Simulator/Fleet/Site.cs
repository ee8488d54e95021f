namespace EvBilling.Simulator;

/// <summary>Stations at one address. Numbers count from 1 over the whole fleet; station indices from 0.</summary>
internal sealed class Site(int number, SiteProfile profile, Place place, int firstStation, int stations, int addressDraw)
{
    private static readonly string[] Streets =
        ["Station Road", "Mill Lane", "Harbour Street", "Market Square", "Ring Road", "Garden Street", "Bridge Street", "Long Street"];

    public int Number { get; } = number;

    public SiteProfile Profile { get; } = profile;

    public Place Place { get; } = place;

    public int FirstStation { get; } = firstStation;

    public int Stations { get; } = stations;

    public string Street => Streets[addressDraw % Streets.Length];

    /// <summary>From 1 to 199.</summary>
    public int HouseNumber => (addressDraw / Streets.Length % 199) + 1;

    /// <summary>Within about 5 km of the town's middle.</summary>
    public int LatitudeMicroDegrees => Place.LatitudeMicroDegrees + (addressDraw % 90_001) - 45_000;

    /// <summary>Within about 5 km of the town's middle.</summary>
    public int LongitudeMicroDegrees => Place.LongitudeMicroDegrees + (addressDraw / 90_001 % 140_001) - 70_000;
}
