namespace EvBilling.Simulator;

/// <summary>A car and what its driver means to do, drawn when it arrives. Durations in seconds from the start of the session.</summary>
internal readonly struct Visit
{
    /// <summary>No battery is filled faster than in a third of an hour.</summary>
    private const int BatteryPowerPerWhMax = 3;

    /// <summary>Battery's size, Wh.</summary>
    public int CapacityWh { get; private init; }

    /// <summary>State of charge at arrival, per mille.</summary>
    public int ArrivalPerMille { get; private init; }

    /// <summary>State of charge at which the car takes no more, per mille.</summary>
    public int TargetPerMille { get; private init; }

    /// <summary>The most the car takes from this kind of connector, W.</summary>
    public int LimitW { get; private init; }

    /// <summary>The battery's charging curve.</summary>
    public ChargingCurve Curve { get; private init; }

    /// <summary>The voltage that the current is reckoned with: the mains' or the battery's.</summary>
    public int VoltageV { get; private init; }

    /// <summary>Plugged in, before charging begins.</summary>
    public int WaitS { get; private init; }

    /// <summary>When the driver leaves, charged or not.</summary>
    public int StayS { get; private init; }

    /// <summary>How long a car that takes no more still stands there; on DC the driver comes when it is done.</summary>
    public int ParkedS { get; private init; }

    /// <summary>When the site's load management pauses charging; 0 = never.</summary>
    public int PauseAfterS { get; private init; }

    /// <summary>How long it pauses.</summary>
    public int PauseS { get; private init; }

    /// <summary>Draws a visit. The car has a stream of its own: a household's is the same every evening.</summary>
    public static Visit Draw(ref SplitMix64 random, SplitMix64 carRandom, SiteProfile profile)
    {
        bool dc = profile.Connector.IsDc;
        int capacityWh = carRandom.Between(30, 110) * 1_000;
        int carDcW = Math.Min(carRandom.Between(50, 250) * 1_000, capacityWh * BatteryPowerPerWhMax);
        int carAcW = carRandom.Chance(1_500) ? 3_600 : 7_400;
        int kneePerMille = carRandom.Between(600, 800);
        int arrivalPerMille = dc ? random.Between(100, 520) : random.Between(150, 700);
        int wishPerMille = random.Chance(dc ? 2_500 : 7_000) ? 1_000 : random.Between(700, 950);
        bool pauses = !dc && profile.Kind != SiteKind.HomeAc && random.Chance(500);
        return new Visit
        {
            CapacityWh = capacityWh,
            ArrivalPerMille = arrivalPerMille,
            TargetPerMille = Math.Max(wishPerMille, arrivalPerMille + 60),
            LimitW = Math.Min(profile.Connector.UsablePowerW, dc ? carDcW : carAcW),
            Curve = new ChargingCurve(carDcW, kneePerMille),
            VoltageV = !dc ? profile.Connector.MaxVoltageV : carDcW > 170_000 ? 800 : 400,
            WaitS = random.Chance(1_500) ? random.Between(20, dc ? 150 : 1_800) : 0,
            StayS = StaySeconds(ref random, profile.Kind),
            ParkedS = random.Chance(4_000) ? random.Between(20, 120) : random.Between(120, 1_500),
            PauseAfterS = pauses ? random.Between(600, 5_400) : 0,
            PauseS = random.Between(300, 1_800),
        };
    }

    private static int StaySeconds(ref SplitMix64 random, SiteKind kind) => kind switch
    {
        SiteKind.HomeAc => random.Between(6 * 3600, 14 * 3600),
        SiteKind.WorkAc => random.Between(4 * 3600, 9 * 3600),
        SiteKind.PublicAc => random.Between(2_400, 5 * 3600),
        SiteKind.Dc50 => random.Between(1_200, 4_500),
        _ => random.Between(600, 2_700),
    };
}
