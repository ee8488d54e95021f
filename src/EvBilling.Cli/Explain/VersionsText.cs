using EvBilling.Billing;
using EvBilling.Billing.Explain;
using EvBilling.Events;

namespace EvBilling.Cli.Explain;

/// <summary>The versions of a bill, and what changed from each to the next.</summary>
internal static class VersionsText
{
    public static void Write(Page page, BillExplanation explanation, StoreFacts store)
    {
        var versions = explanation.Versions;
        if (versions.Count == 0)
        {
            return;
        }
        page.Section("Versions");
        foreach (var version in versions)
        {
            var written = version.WrittenAtUnixSeconds is { } at ? $", written {Words.Utc(at * Rfc3339.NsPerSecond)}" : "";
            var replaced = version.Supersedes is { } before ? $", in place of version {before}" : "";
            page.Item($"Version {version.Version}{written}{replaced}: {Words.Of(version.Status)}, {Total(version)}.");
            if (versions.FirstOrDefault(bill => bill.Version == version.Supersedes) is { } superseded)
            {
                WriteChanges(page, Changes(superseded, version));
            }
        }
        if (explanation.Bill.Status == BillStatus.Open)
        {
            page.Item($"Now the session is open again: {Total(explanation.Bill)} as things stand.");
            WriteChanges(page, Changes(versions[^1], explanation.Bill));
        }
    }

    /// <summary>What differs in the second bill, a phrase each: "energy 10 kWh -> 12 kWh".</summary>
    public static IEnumerable<string> Changes(Bill before, Bill after) => BillDifference.Between(before, after).Select(fact => fact switch
    {
        BillFact.Status => $"status {Words.Of(before.Status)} -> {Words.Of(after.Status)}",
        BillFact.Start => $"start {Words.Utc(before.StartedAtNs)} -> {Words.Utc(after.StartedAtNs)}",
        BillFact.End => $"end {Words.Utc(before.EndedAtNs)} -> {Words.Utc(after.EndedAtNs)}",
        BillFact.Energy => $"energy {Energy(before)} -> {Energy(after)}",
        BillFact.Charging => $"charging {Words.Duration(before.ChargingNs)} -> {Words.Duration(after.ChargingNs)}",
        BillFact.Parking => $"parking {Words.Duration(before.ParkingNs)} -> {Words.Duration(after.ParkingNs)}",
        BillFact.Waiting => $"waiting {Words.Duration(before.WaitingNs)} -> {Words.Duration(after.WaitingNs)}",
        BillFact.Tariff => $"tariff {Tariff(before)} -> {Tariff(after)}",
        BillFact.TariffVersion => "another version of the tariff",
        BillFact.Total => $"total {Total(before)} -> {Total(after)}",
        BillFact.Lines => "lines or VAT, with the same total",
        BillFact.Place => $"place {Place(before)} -> {Place(after)}",
        BillFact.Token => $"token {Text(before.TokenId)} -> {Text(after.TokenId)}",
        BillFact.Readings => $"readings that count {before.Readings} -> {after.Readings}",
        BillFact.RatingReadings => $"readings of OCPI {Readings(before)} -> {Readings(after)}",
        _ => Flags(before.Flags, after.Flags),
    });

    private static void WriteChanges(Page page, IEnumerable<string> changes)
    {
        var text = string.Join("; ", changes);
        page.Paragraph(text.Length == 0 ? "Nothing that is shown here changed." : $"Changed: {text}.", 2);
    }

    private static string Total(Bill bill) => bill switch
    {
        { TotalInclVat: { } incl } => $"{Words.Money(incl, bill.Currency)} with VAT",
        { TotalExclVat: { } excl } => $"{Words.Money(excl, bill.Currency)} without VAT",
        _ => "no total",
    };

    private static string Energy(Bill bill) => bill.EnergyMwh is { } energy ? Words.Kwh(energy) : "not known";

    private static string Tariff(Bill bill) =>
        bill.TariffId is { } id ? $"{Printable.Of(id)}{(bill.Currency is { } currency ? $" in {currency}" : "")}" : "none";

    private static string Place(Bill bill) =>
        string.Join(' ', new[] { bill.LocationId, bill.StationId, bill.EvseId, bill.ConnectorId }.OfType<string>().Select(Printable.Of).DefaultIfEmpty("none"));

    private static string Text(string? id) => id is null ? "none" : Printable.Of(id);

    private static string Readings(Bill bill) => bill.RatingReadings.Length == 0 ? "EvBilling's own" : bill.RatingReadings;

    private static string Flags(BillFlag before, BillFlag after)
    {
        var added = BillFlagNames.Of(after & ~before).Select(name => $"+{name}");
        var removed = BillFlagNames.Of(before & ~after).Select(name => $"-{name}");
        return $"flags {string.Join(' ', added.Concat(removed))}";
    }
}
