namespace EvBilling.Simulator;

/// <summary>Deals a fleet's stations out to sites.</summary>
internal static class SitePlan
{
    /// <summary>The stream of the fleet's seed that sites are drawn from; stations use those from 0.</summary>
    private const ulong SiteStream = 1UL << 40;

    // A fixed round instead of a draw: the smallest fleets have quick and slow chargers, too.
    private static readonly SiteKind[] Round =
    [
        SiteKind.Dc150, SiteKind.PublicAc, SiteKind.HomeAc, SiteKind.Dc50, SiteKind.WorkAc, SiteKind.Dc300,
        SiteKind.HomeAc, SiteKind.PublicAc, SiteKind.Dc150, SiteKind.HomeAc, SiteKind.WorkAc, SiteKind.Dc50,
    ];

    /// <summary>All sites of the fleet, whatever the shard; they depend on stations and seed alone.</summary>
    public static Site[] Deal(int stations, long seed)
    {
        var random = new SplitMix64(SplitMix64.Derive(unchecked((ulong)seed), SiteStream));
        var sites = new List<Site>(stations / 3);
        int dealt = 0;
        while (dealt < stations)
        {
            var profile = SiteProfile.Of(Round[sites.Count % Round.Length]);
            int size = Math.Min(random.Between(profile.StationsMin, profile.StationsMax), stations - dealt);
            var place = Place.All[random.Below(Place.All.Length)];
            sites.Add(new Site(sites.Count + 1, profile, place, dealt, size, random.Below(int.MaxValue)));
            dealt += size;
        }

        return [.. sites];
    }
}
