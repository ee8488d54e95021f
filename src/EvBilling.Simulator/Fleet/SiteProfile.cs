namespace EvBilling.Simulator;

/// <summary>What all sites of one kind share: size, connectors, how often stations report and when cars come.</summary>
internal sealed class SiteProfile
{
    // Report intervals are chosen so that a session of the mixed fleet has about 21 events: long sessions report rarely, short ones often.
    private static readonly SiteProfile[] All =
    [
        new(SiteKind.HomeAc, ConnectorType.Ac, stationsMin: 1, stationsMax: 3, reportS: 900, parkedReportS: 3600, ArrivalPattern.Homes),
        new(SiteKind.WorkAc, ConnectorType.Ac, stationsMin: 2, stationsMax: 8, reportS: 900, parkedReportS: 3600, ArrivalPattern.Work),
        new(SiteKind.PublicAc, ConnectorType.Ac, stationsMin: 1, stationsMax: 4, reportS: 900, parkedReportS: 3600, ArrivalPattern.PublicPlaces),
        new(SiteKind.Dc50, ConnectorType.Dc50, stationsMin: 1, stationsMax: 2, reportS: 120, parkedReportS: 300, ArrivalPattern.Roadside),
        new(SiteKind.Dc150, ConnectorType.Dc150, stationsMin: 2, stationsMax: 6, reportS: 60, parkedReportS: 300, ArrivalPattern.Corridor),
        new(SiteKind.Dc300, ConnectorType.Dc300, stationsMin: 4, stationsMax: 12, reportS: 60, parkedReportS: 300, ArrivalPattern.Corridor),
    ];

    private SiteProfile(
        SiteKind kind, ConnectorType connector, int stationsMin, int stationsMax, int reportS, int parkedReportS, ArrivalPattern arrivals)
    {
        Kind = kind;
        Connector = connector;
        StationsMin = stationsMin;
        StationsMax = stationsMax;
        ReportS = reportS;
        ParkedReportS = parkedReportS;
        Arrivals = arrivals;
    }

    public SiteKind Kind { get; }

    public ConnectorType Connector { get; }

    public int StationsMin { get; }

    public int StationsMax { get; }

    /// <summary>Seconds between meter values while energy may flow.</summary>
    public int ReportS { get; }

    /// <summary>Seconds between meter values once the car takes no more.</summary>
    public int ParkedReportS { get; }

    public ArrivalPattern Arrivals { get; }

    public static SiteProfile Of(SiteKind kind) => All[(int)kind];
}
