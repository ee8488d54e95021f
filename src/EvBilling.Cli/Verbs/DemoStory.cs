using System.Globalization;
using EvBilling.Billing;
using EvBilling.Cli.Explain;
using EvBilling.Simulator;

namespace EvBilling.Cli.Verbs;

/// <summary>What a demo tells: what happened, a bill explained, what to try next.</summary>
internal sealed class DemoStory(TextWriter to, DemoFolder folder)
{
    private static readonly string[] Heads = ["Tariff", "Final bills", "Energy", "Without VAT", "With VAT"];

    public void TellEvents(SimulationOptions options, SimulationSummary summary)
    {
        var page = new Page(to);
        page.Title("EvBilling: a simulated fleet, from events to bills", "");
        page.Paragraph(
            $"1. {Words.Count(options.Stations, "charging station", "charging stations")} reported for {Words.Count(options.Hours, "hour", "hours")}: "
            + $"{Words.Count(summary.Events, "event", "events")} of {Words.Count(summary.Sessions, "session", "sessions")}, in the order "
            + "in which they arrived.");
        var faults = new[]
        {
            Fault(summary.Duplicates, "event sent twice", "events sent twice"),
            Fault(summary.Reordered, "delayed, so that later ones may overtake it", "delayed, so that later ones may overtake them"),
            Fault(summary.Late, "hours late", "hours late"),
            Fault(summary.LostStarts, "start never sent", "starts never sent"),
            Fault(summary.LostStops, "end never sent", "ends never sent"),
            Fault(summary.LostUpdates, "reading on the way never sent", "readings on the way never sent"),
            Fault(summary.MeterResets, "meter restarted at 0", "meters restarted at 0"),
        }.Where(fault => fault is not null).ToList();
        page.Paragraph(
            faults.Count == 0 ? "Nothing went wrong on the way." : $"As in the field, things went wrong on the way: {string.Join(", ", faults)}.", 3);
    }

    public void TellBills(RunSummary summary, IReadOnlyList<Bill> bills)
    {
        var page = new Page(to);
        page.Blank();
        page.Paragraph(
            $"2. They were billed in {summary.Seconds.ToString("0.00", CultureInfo.InvariantCulture)} s: {Words.Count(summary.NewEvents, "event", "events")} "
            + $"and {Words.Count(summary.Duplicates, "copy that changes nothing", "copies that change nothing")}, "
            + $"{(summary.DeadLetters == 0 ? "none" : Words.Count(summary.DeadLetters, "event", "events"))} refused. "
            + $"{Words.Count(summary.Bills, "bill is final", "bills are final")}, "
            + $"{(summary.BillsHeld == 0 ? "none is held" : $"{Words.Count(summary.BillsHeld, "is", "are")} held, as no bill could be defended")}, "
            + $"{(summary.BillsOpen == 0 ? "none is open" : $"{Words.Count(summary.BillsOpen, "is", "are")} open, as the session has not ended")}.");
        var final = bills.Where(bill => bill is { Status: BillStatus.Final, TotalInclVat: not null }).ToList();
        if (final.Count == 0)
        {
            return;
        }
        page.Blank();
        var rows = new List<string[]> { Heads };
        rows.AddRange(final.GroupBy(bill => (bill.TariffId, bill.Currency)).OrderBy(group => group.Key.TariffId, StringComparer.Ordinal).Select(Row));
        foreach (var currency in final.GroupBy(bill => (TariffId: (string?)"all", bill.Currency)))
        {
            rows.Add(Row(currency));
        }
        page.Table(rows, [false, true, true, true, true], 3);
        foreach (var (name, meaning) in BillFlagNames.Explain(bills.Aggregate(BillFlag.None, (flags, bill) => flags | bill.Flags)))
        {
            var of = bills.Count(bill => BillFlagNames.Of(bill.Flags).Contains(name));
            page.Paragraph($"Flag {name} on {Words.Count(of, "bill", "bills")}: {meaning}", 3);
        }
    }

    public void Introduce(Bill bill)
    {
        var page = new Page(to);
        page.Blank();
        page.Paragraph($"3. One of the bills, that of session {Printable.Of(bill.SessionId)}, as `evbilling explain` shows it to a person:");
        page.Blank();
    }

    /// <summary>Commands that work when they are pasted where the demo was started.</summary>
    public void Suggest(bool isOneExplained, Bill? other, long refused)
    {
        var store = Quoted(folder.Store);
        to.WriteLine();
        to.WriteLine($"{(isOneExplained ? 4 : 3)}. What to try next:");
        Try("All bills, as JSON:", $"./evbilling bills --store {store}");
        if (other is not null)
        {
            Try(
                other.Flags == BillFlag.None
                    ? "Another bill explained:"
                    : $"A bill with a flag ({string.Join(", ", BillFlagNames.Of(other.Flags))}) explained:",
                $"./evbilling explain --store {store} {Quoted(other.SessionId)}");
        }
        Try(
            refused == 0 ? "Events that were refused (here none, so nothing is printed):" : "Events that were refused:",
            $"./evbilling dead-letter --store {store}");
        Try(
            "The same events once more; nothing is new, so no bill changes:",
            $"./evbilling run --events {Quoted(folder.Events)} \\",
            $"  --tariffs {Quoted(folder.Tariffs)} --locations {Quoted(folder.Locations)} \\",
            $"  --store {store}");
        Try(
            "A fleet of 1,000 stations for two days, and its bills:",
            $"./evbilling simulate --stations 1000 --hours 48 --faults field --seed 2 \\",
            $"  --to {Quoted(folder.In("big.jsonl"))} \\",
            $"  --tariffs-to {Quoted(folder.In("big-tariffs.json"))} --locations-to {Quoted(folder.In("big-locations.json"))}",
            $"./evbilling run --events {Quoted(folder.In("big.jsonl"))} \\",
            $"  --tariffs {Quoted(folder.In("big-tariffs.json"))} --locations {Quoted(folder.In("big-locations.json"))} \\",
            $"  --store {Quoted("sqlite:" + folder.In("big.db"))}");
    }

    private void Try(string what, params string[] commands)
    {
        to.WriteLine();
        to.WriteLine($"   {what}");
        foreach (var command in commands)
        {
            to.WriteLine($"     {command}");
        }
    }

    private static string[] Row(IGrouping<(string? TariffId, string? Currency), Bill> bills) =>
    [
        Printable.Of(bills.Key.TariffId ?? ""),
        bills.Count().ToString("N0", CultureInfo.InvariantCulture),
        Words.Kwh(bills.Sum(bill => bill.EnergyMwh ?? 0)),
        Words.Money(bills.Sum(bill => bill.TotalExclVat ?? 0), bills.Key.Currency),
        Words.Money(bills.Sum(bill => bill.TotalInclVat ?? 0), bills.Key.Currency),
    ];

    private static string? Fault(long count, string one, string several) => count == 0 ? null : Words.Count(count, one, several);

    /// <summary>As one word of a shell's command line.</summary>
    private static string Quoted(string text) =>
        text.All(c => char.IsAsciiLetterOrDigit(c) || "./:_-*@+,=".Contains(c, StringComparison.Ordinal)) && !text.Contains('*', StringComparison.Ordinal)
            ? text
            : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
