namespace EvBilling.Billing;

/// <summary>What a bill's reader must know about it. The names are a contract; the numbers never leave the program.</summary>
[Flags]
public enum BillFlag : long
{
    None = 0,

    /// <summary>Held: two contents under one event identity, or two different <c>completed</c> of one session.</summary>
    ConflictingDuplicate = 1L << 0,

    /// <summary>Held: sequence numbers and timestamps contradict each other by more than 60 s.</summary>
    ClockJump = 1L << 1,

    /// <summary>Held: no meter reading counts.</summary>
    NoReadings = 1L << 2,

    /// <summary>Held: more energy than the connector can deliver.</summary>
    ImplausibleEnergy = 1L << 3,

    /// <summary>Held: the session ended before it started.</summary>
    NegativeDuration = 1L << 4,

    /// <summary>Held: the session is longer than the longest that is believed.</summary>
    ImplausibleDuration = 1L << 5,

    /// <summary>Held: no tariff is known for the session.</summary>
    UnknownTariff = 1L << 6,

    /// <summary>Held: several parties publish a tariff of that id.</summary>
    TariffAmbiguous = 1L << 7,

    /// <summary>Held: the tariff cannot be read, or has what this version does not support.</summary>
    TariffRefused = 1L << 8,

    /// <summary>Held: a restriction needs local time, and the zone is not known.</summary>
    TimeZoneUnknown = 1L << 9,

    /// <summary>Held: the amounts are larger than exact arithmetic reaches.</summary>
    AmountTooLarge = 1L << 10,

    ReadingGlitch = 1L << 16,
    MeterReset = 1L << 17,
    StartReadingMissing = 1L << 18,
    ReadingBeforeStart = 1L << 19,
    ReadingAfterEnd = 1L << 20,
    SeveralStarts = 1L << 21,
    SeveralEnds = 1L << 22,
    StartMissing = 1L << 23,
    ClosedByPolicy = 1L << 24,
    ParkingInferred = 1L << 25,
    NoEnergy = 1L << 26,
    EnergyInterpolated = 1L << 27,
    SeveralConnectors = 1L << 28,
    SeveralTokens = 1L << 29,
    SeveralTariffs = 1L << 30,
    TariffIdUnknown = 1L << 31,
    ChargingEndOutside = 1L << 32,
    VatNotStated = 1L << 33,
    PowerNotMeasured = 1L << 34,
    VatOfMinPriceUnknown = 1L << 35,
    VatSetByLimit = 1L << 36,

    /// <summary>Those that hold a bill as soon as it is no longer open.</summary>
    Holding = ConflictingDuplicate | ClockJump | NoReadings | ImplausibleEnergy | NegativeDuration | ImplausibleDuration
        | UnknownTariff | TariffAmbiguous | TariffRefused | TimeZoneUnknown | AmountTooLarge,
}

/// <summary>The flags' names and what they mean to a person.</summary>
public static class BillFlagNames
{
    private static readonly (BillFlag Flag, string Name, string Meaning)[] All =
    [
        .. new (BillFlag Flag, string Meaning)[]
        {
            (BillFlag.AmountTooLarge, "The amounts are too large to be computed exactly; look at the tariff's prices."),
            (BillFlag.ChargingEndOutside, "The stated end of charging lies outside the session; it was moved to the session's nearer end."),
            (BillFlag.ClockJump, "Sequence numbers and timestamps contradict each other by more than a minute: the station's clock jumped."),
            (BillFlag.ClosedByPolicy, "No end was reported; the session was closed after its last event."),
            (BillFlag.ConflictingDuplicate, "Copies of one event contradict each other, so it is not known which is true."),
            (BillFlag.EnergyInterpolated, "Energy was spread evenly over a time without readings, and this decides a price."),
            (BillFlag.ImplausibleDuration, "The session is longer than the longest that is believed (--max-session)."),
            (BillFlag.ImplausibleEnergy, "More energy was reported than the connector can deliver in the time."),
            (BillFlag.MeterReset, "The meter's register restarted at 0 during the session; energy before and after was added up."),
            (BillFlag.NegativeDuration, "The session's end lies before its start."),
            (BillFlag.NoEnergy, "No reading rose, and no charging state was reported: no parking time was counted."),
            (BillFlag.NoReadings, "No meter reading counts, so the energy is not known."),
            (BillFlag.ParkingInferred, "No charging state was reported; parking was counted from the last reading that rose to the end."),
            (BillFlag.ReadingAfterEnd, "A reading from after the end was left out."),
            (BillFlag.ReadingBeforeStart, "A reading from before the start was left out."),
            (BillFlag.ReadingGlitch, "A reading that fell below the others and was followed by higher ones, or by none, was left out."),
            (BillFlag.SeveralConnectors, "Events name different locations, stations or connectors; the first stated counts."),
            (BillFlag.SeveralEnds, "Several ends were reported; the last counts."),
            (BillFlag.SeveralStarts, "Several starts were reported; the first counts."),
            (BillFlag.SeveralTariffs, "Events name different tariffs; the first stated counts."),
            (BillFlag.SeveralTokens, "Events name different tokens; the first stated counts."),
            (BillFlag.StartMissing, "No start was reported; the session starts at its first event."),
            (BillFlag.StartReadingMissing, "The start came without a meter reading; the first reading counts as the start's."),
            (BillFlag.TariffAmbiguous, "Several parties publish a tariff of this id; name it CC*PARTY*id."),
            (BillFlag.TariffIdUnknown, "A tariff id that was named is in no file; the next in line, if there is one, was taken."),
            (BillFlag.TariffRefused, "The tariff cannot be read, or has what this version does not support."),
            (BillFlag.TimeZoneUnknown, "The tariff needs local time, and the location's time zone is not known; give it, or --timezone."),
            (BillFlag.UnknownTariff, "No tariff is known for this session; name one, or --default-tariff."),
            (BillFlag.PowerNotMeasured, "A price depends on power or current, and none was measured; it was not applied."),
            (BillFlag.VatOfMinPriceUnknown, "The least price of the tariff states no VAT, and its prices state several rates; the total with VAT is not known."),
            (BillFlag.VatSetByLimit, "The tariff's least or greatest price states its total with VAT, so that the VAT is not that of the rates; look at that price."),
            (BillFlag.VatNotStated, "The tariff states no VAT; it was taken as 0 %."),
        }.Select(row => (row.Flag, row.Flag.ToString(), row.Meaning)).OrderBy(row => row.Item2, StringComparer.Ordinal),
    ];

    /// <summary>The names of the set flags, in ordinal order.</summary>
    public static IEnumerable<string> Of(BillFlag flags) => All.Where(row => (flags & row.Flag) != 0).Select(row => row.Name);

    /// <summary>The name and meaning of each set flag, in ordinal order of the names.</summary>
    public static IEnumerable<(string Name, string Meaning)> Explain(BillFlag flags) => All.Where(row => (flags & row.Flag) != 0).Select(row => (row.Name, row.Meaning));

    /// <summary>The flag of that name; none if it is unknown.</summary>
    public static BillFlag Parse(string name) => All.FirstOrDefault(row => row.Name == name).Flag;
}
