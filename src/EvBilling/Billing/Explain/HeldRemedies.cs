namespace EvBilling.Billing.Explain;

/// <summary>What can be done about a bill that is held: for each flag of <see cref="BillFlag.Holding"/> what would have to change.</summary>
public static class HeldRemedies
{
    private const string AtTheSource =
        "correct it where the events come from, and bill the corrected events into a new store (what was read once stays in this one).";

    private const string InTheTariff =
        "correct it in the file of --tariffs, with a newer last_updated and a start_date_time that is not after this session's start, and run again.";

    private static readonly (BillFlag Flag, string Remedy)[] All =
    [
        (BillFlag.ConflictingDuplicate, "Ask the station's operator which copy is true, " + AtTheSource),
        (BillFlag.ClockJump, "Ask the station's operator when things really happened, " + AtTheSource),
        (BillFlag.NoReadings, "An event with a meter reading from between start and end mends it, however late it comes: run it into this store."),
        (BillFlag.ImplausibleEnergy,
            "If the connector does give more power, state its max_electric_power in the locations and run again with --locations. If a reading is wrong, "
            + AtTheSource),
        (BillFlag.NegativeDuration, "The last end that is reported counts: an `ended` event with the right time mends it; run it into this store."),
        (BillFlag.ImplausibleDuration, "If the session really was that long, run again with a greater --max-session. If a time is wrong, " + AtTheSource),
        (BillFlag.UnknownTariff,
            "Add the tariff, in a version that is valid at this session's start, to the file of --tariffs, or name one for such sessions with "
            + "--default-tariff, and run again."),
        (BillFlag.TariffAmbiguous,
            "Name the one that is meant as CC*PARTY*id where the id is stated: in the location, in --default-tariff, or in the events of a new store."),
        (BillFlag.TariffRefused, "If it is a mistake, " + InTheTariff + " If it is meant so, this version of the program cannot bill the session."),
        (BillFlag.TimeZoneUnknown, "State time_zone in the location and run again with --locations, or run again with --timezone."),
        (BillFlag.AmountTooLarge, "Look for a mistyped price in the tariff; " + InTheTariff),
    ];

    /// <summary>The flags that hold, in the order of their numbers, each with its name, its meaning and what can be done.</summary>
    public static IEnumerable<(BillFlag Flag, string Name, string Meaning, string Remedy)> Of(BillFlag flags) =>
        from row in All
        where (flags & row.Flag) != 0
        orderby row.Flag
        let words = BillFlagNames.Explain(row.Flag).First()
        select (row.Flag, words.Name, words.Meaning, row.Remedy);
}
