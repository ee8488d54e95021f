using EvBilling.Billing;
using EvBilling.Billing.Explain;
using EvBilling.Events;
using EvBilling.Locations;
using EvBilling.Sessions;
using EvBilling.Tariffs;

namespace EvBilling.Cli.Explain;

/// <summary>Which bill, how it stands and what is owed; then place, time, token and tariff.</summary>
internal static class HeadingText
{
    public static void Write(Page page, BillExplanation explanation, StoreFacts store)
    {
        var bill = explanation.Bill;
        page.Title($"Session {Printable.Of(bill.SessionId)}", bill.Status == BillStatus.Open ? "OPEN" : $"{Words.Of(bill.Status)}, version {bill.Version}");
        WriteStatus(page, explanation, store);
        WriteSource(page, explanation);
        page.Blank();
        WritePlace(page, explanation);
        page.Fact("Started", Words.Moment(bill.StartedAtNs, explanation.Zone.Zone));
        page.Fact(bill.Status == BillStatus.Open ? "Last event" : "Ended", Words.Moment(bill.EndedAtNs, explanation.Zone.Zone));
        WriteZone(page, explanation.Zone);
        if (bill.EndedAtNs >= bill.StartedAtNs)
        {
            page.Fact("Lasted", Lasted(bill));
        }
        page.Fact("Energy", bill.EnergyMwh is { } energy ? Words.Kwh(energy) : "not known");
        page.Fact("Token", bill.TokenId is { } token ? Printable.Of(token) : "none was reported");
        TariffText.Write(page, explanation);
    }

    private static void WriteStatus(Page page, BillExplanation explanation, StoreFacts store)
    {
        var bill = explanation.Bill;
        switch (bill.Status)
        {
            case BillStatus.Final:
                page.Paragraph(Owed(bill));
                break;
            case BillStatus.Void:
                page.Paragraph("Void: by a decision nothing is owed for this session.");
                break;
            case BillStatus.Held:
                page.Paragraph("HELD: no bill can be defended as things stand, so this one is not charged. Why, and what can be done:");
                HeldText.WriteReasons(page, explanation);
                WriteStanding(page, explanation);
                break;
            default:
                page.Paragraph("OPEN: no end of this session has been reported. What follows is a preview as things stand; nothing is charged yet.");
                page.Paragraph(bill.TotalExclVat is null ? "As things stand there is no price." : $"As things stand: {Owed(bill)}");
                if (store.Options is { } options)
                {
                    page.Paragraph(
                        "It is closed by a run that has read an event at least "
                        + $"{Words.Duration(options.CloseAfterSeconds * Rfc3339.NsPerSecond)} younger than the session's last one, "
                        + "or that knows a later session on the same connector.");
                }
                if ((bill.Flags & BillFlag.Holding) != 0)
                {
                    page.Paragraph("If it ended now, its bill would be held. Why, and what can be done:");
                    HeldText.WriteReasons(page, explanation);
                }
                WriteStanding(page, explanation);
                break;
        }
    }

    // A final version that became held or open is credited only when the next final or void one is there.
    private static void WriteStanding(Page page, BillExplanation explanation)
    {
        if (explanation.Versions.LastOrDefault(bill => bill.Status is BillStatus.Final or BillStatus.Void) is { Status: BillStatus.Final } standing)
        {
            page.Blank();
            page.Paragraph($"What was billed before stands until a new final version replaces it: version {standing.Version}, {Owed(standing)}");
        }
    }

    private static string Owed(Bill bill) => bill switch
    {
        { TotalInclVat: { } incl, TotalExclVat: { } excl } when incl == excl => $"{Words.Money(incl, bill.Currency)}, no VAT added.",
        { TotalInclVat: { } incl, TotalExclVat: { } excl } =>
            $"{Words.Money(incl, bill.Currency)} incl. VAT ({Words.Money(excl, bill.Currency)} and {Words.Money(incl - excl, bill.Currency)} VAT).",
        { TotalExclVat: { } excl } => $"{Words.Money(excl, bill.Currency)} without VAT; the tariff does not tell the VAT.",
        _ => "The price is not known.",
    };

    private static void WriteSource(Page page, BillExplanation explanation)
    {
        if (explanation.OtherBillNow is { } now)
        {
            page.Blank();
            page.Paragraph(
                "NOTE: made anew from the session's events with the tariffs, locations and options of the last run, this bill would be another. The "
                + "stored bill counts; it is explained from what it states itself. The other would differ in:");
            foreach (var change in VersionsText.Changes(explanation.Bill, now))
            {
                page.Item(change);
            }
        }
        else if (explanation.Events is null)
        {
            page.Blank();
            page.Paragraph("NOTE: the session's events are no longer kept (--keep-sessions), so this is explained from the stored bill alone.");
        }
    }

    private static void WritePlace(Page page, BillExplanation explanation)
    {
        var (bill, place) = (explanation.Bill, explanation.Place);
        var lines = new List<string>();
        if (place.Location is { } location)
        {
            var address = string.Join(", ", new[] { location.Name, location.Address, $"{location.PostalCode} {location.City}".Trim() }
                .Where(part => !string.IsNullOrWhiteSpace(part)).Select(part => Printable.Of(part!)));
            lines.Add(address.Length == 0 ? $"location {Printable.Of(location.Id)}" : $"{address} ({Printable.Of(location.Id)})");
        }
        else if (bill.LocationId is { } id)
        {
            lines.Add($"location {Printable.Of(id)}, of which nothing is known (run with --locations)");
        }
        var parts = new[] { ("station", bill.StationId), ("EVSE", bill.EvseId), ("connector", bill.ConnectorId) }
            .Where(part => part.Item2 is not null).Select(part => $"{part.Item1} {Printable.Of(part.Item2!)}").ToList();
        if (place.Connector is { } connector)
        {
            var power = connector.MaxElectricPowerW is { } watts ? Words.Power(watts * 1000L) : null;
            var kind = string.Join(", ", new[] { connector.Standard, power }.OfType<string>().Select(Printable.Of));
            parts.Add(kind.Length == 0 ? "" : $"({kind})");
        }
        if (parts.Count > 0)
        {
            lines.Add(string.Join(", ", parts).Replace(", (", " (", StringComparison.Ordinal).TrimEnd(',', ' '));
        }
        if (place.Ambiguous)
        {
            lines.Add("Several places known to the store have these ids, and nothing tells which is meant.");
        }
        page.Fact("Place", lines.Count == 0 ? "none was reported" : lines[0]);
        foreach (var line in lines.Skip(1))
        {
            page.Fact("", line);
        }
    }

    private static void WriteZone(Page page, TimeZoneChoice zone) => page.Fact("", zone switch
    {
        { Zone: { } known, Origin: TimeZoneOrigin.Location } => $"Local time is that of {known.Id}, which the location states.",
        { Zone: { } known, Origin: TimeZoneOrigin.Default } => $"Local time is that of {known.Id}, by --timezone.",
        { Zone: { } known } => $"Local time is that of {known.Id}, as the country has only one.",
        { UnknownId: { } id } => $"There is no local time: the location's time zone {Printable.Of(id)} is none that is known.",
        _ => "There is no local time: the location's time zone is not known.",
    });

    private static string Lasted(Bill bill)
    {
        var parts = new[] { (bill.ChargingNs, StretchKind.Charging), (bill.ParkingNs, StretchKind.Parking), (bill.WaitingNs, StretchKind.Waiting) }
            .Where(part => part.Item1 != 0).Select(part => $"{Words.Duration(part.Item1)} {Words.Of(part.Item2)}").ToList();
        var total = Words.Duration(bill.EndedAtNs - bill.StartedAtNs);
        return parts.Count switch { 0 => total, 1 => parts[0], _ => $"{total} ({string.Join(", ", parts)})" };
    }
}
