using EvBilling.Billing;
using EvBilling.Billing.Explain;
using EvBilling.Rating;
using EvBilling.Tariffs;

namespace EvBilling.Cli.Explain;

/// <summary>Which version of which tariff, and how it was found.</summary>
internal static class TariffText
{
    public static void Write(Page page, BillExplanation explanation)
    {
        var bill = explanation.Bill;
        if (bill.TariffId is null)
        {
            page.Fact("Tariff", "none");
        }
        else
        {
            var publisher = explanation.Tariff is { } entry && (entry.CountryCode ?? entry.PartyId) is not null
                ? $" of {Printable.Of($"{entry.CountryCode}*{entry.PartyId}")}"
                : "";
            page.Fact("Tariff", $"{Printable.Of(bill.TariffId)}{publisher}{(bill.Currency is { } currency ? $", in {currency}" : "")}");
        }
        if (explanation.Tariff is { } version)
        {
            page.Fact("", Version(version));
        }
        foreach (var change in bill.TariffChanges)
        {
            page.Fact("", $"From {Words.Moment(change.FromNs, explanation.Zone.Zone)} on another version of it rates (reading mid_session_change).");
        }
        WriteReadings(page, bill);
        if (explanation.Events is not { } events)
        {
            return;
        }
        foreach (var (step, id) in events.Search.PassedOver)
        {
            page.Fact("", $"{Printable.Of(id)}, named by {Named(step)}, is in no tariff file.");
        }
        page.Fact("", How(events.Search));
    }

    private static void WriteReadings(Page page, Bill bill)
    {
        foreach (var (name, value) in RatingReadings.Differing(RatingReadings.Parse(bill.RatingReadings)))
        {
            page.Fact("", $"Rated by the reading {name}={value}; EvBilling's own is {RatingReadings.ValuesOf(name).First()}.");
        }
    }

    private static string Version(TariffEntry version)
    {
        var from = version.StartDateTime is { } start ? $"valid from {Words.Utc(start)}" : null;
        var until = version.EndDateTime is { } end ? $"valid until {Words.Utc(end)}" : null;
        var updated = version.LastUpdated is { } last ? $"last updated {Words.Utc(last)}" : null;
        var parts = new[] { updated, from, until }.Where(part => part is not null).ToList();
        return parts.Count == 0 ? "Its version: without dates." : $"Its version: {string.Join(", ", parts)}.";
    }

    private static string How(TariffSearch search) => search switch
    {
        { Outcome: TariffOutcome.Found, Step: TariffStep.Session } => "Chosen because the session's own events name it.",
        { Outcome: TariffOutcome.Found, Step: TariffStep.Default } => "Chosen because nothing nearer names one: it is that of --default-tariff.",
        { Outcome: TariffOutcome.Found } => $"Chosen because {Named(search.Step)} names it, and nothing nearer does.",
        { Outcome: TariffOutcome.TariffAmbiguous } => $"Named by {Named(search.Step)}; several parties publish one of this id.",
        { Id: not null } => $"Named by {Named(search.Step)}, but none of its versions was valid any more when the session started.",
        { PassedOver.Count: > 0 } => "Nothing else names a tariff.",
        _ => "Neither the session's events, nor its place, nor --default-tariff names one.",
    };

    private static string Named(TariffStep step) => step switch
    {
        TariffStep.Session => "the session's events",
        TariffStep.Connector => "the connector",
        TariffStep.Evse => "the EVSE",
        TariffStep.Station => "the station",
        TariffStep.Location => "the location",
        _ => "--default-tariff",
    };
}
