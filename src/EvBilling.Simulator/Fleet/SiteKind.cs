namespace EvBilling.Simulator;

/// <summary>What a site is for; it decides connectors, visitors and tariff.</summary>
internal enum SiteKind
{
    HomeAc,
    WorkAc,
    PublicAc,
    Dc50,
    Dc150,
    Dc300,
}
