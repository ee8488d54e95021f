using EvBilling.Billing;
using EvBilling.Billing.Explain;
using EvBilling.Events;

namespace EvBilling.Cli.Explain;

/// <summary>Why a bill is held: each reason with what exactly was found, and what can be done.</summary>
internal static class HeldText
{
    private const int ShownMax = 5;

    public static void WriteReasons(Page page, BillExplanation explanation)
    {
        foreach (var (flag, name, meaning, remedy) in HeldRemedies.Of(explanation.Bill.Flags))
        {
            page.Item($"{meaning} ({name})");
            foreach (var detail in Details(flag, explanation))
            {
                page.Paragraph(detail, 2);
            }
            page.Paragraph($"What can be done: {remedy}", 2);
        }
    }

    private static IEnumerable<string> Details(BillFlag flag, BillExplanation explanation) => flag switch
    {
        BillFlag.ConflictingDuplicate => Disputed(explanation.Events?.Doubts.Disputed ?? []),
        BillFlag.ClockJump when explanation.Events?.Doubts.Jump is { } jump =>
        [
            $"The event of sequence number {jump.SequenceNumber} is of {Words.Utc(jump.TimeNs)}, "
            + $"{Words.Duration(jump.EarlierTimeNs - jump.TimeNs)} before that of the smaller number "
            + $"{jump.EarlierSequenceNumber} ({Words.Utc(jump.EarlierTimeNs)}).",
        ],
        BillFlag.ImplausibleEnergy when explanation.Events?.Doubts.Excess is { } excess => [Excess(excess)],
        BillFlag.NegativeDuration =>
            [$"It started {Words.Utc(explanation.Bill.StartedAtNs)} and ended {Words.Utc(explanation.Bill.EndedAtNs)}."],
        BillFlag.ImplausibleDuration =>
            [$"It lasted {Words.Duration(explanation.Bill.EndedAtNs - explanation.Bill.StartedAtNs)}."],
        BillFlag.UnknownTariff when explanation.Events?.Search is { } search => Unknown(search),
        BillFlag.TariffRefused when explanation.Refusal is { } refusal =>
            [$"At {Printable.Of(refusal.Path.Length == 0 ? "/" : refusal.Path)} of the tariff: {Printable.Of(refusal.Message)}"],
        _ => [],
    };

    private static IEnumerable<string> Unknown(TariffSearch search) =>
        search.Id is { } ended ? [$"{Printable.Of(ended)} is known, but no version of it is valid at the session's start."]
        : search.PassedOver.Count == 0 ? ["Neither the session's events, nor its place, nor --default-tariff names one."]
        : [$"Named, but in no tariff file: {string.Join(", ", search.PassedOver.Select(named => Printable.Of(named.Id)).Distinct())}."];

    private static IEnumerable<string> Disputed(IReadOnlyList<DisputedEvent> disputed)
    {
        foreach (var e in disputed.Take(ShownMax))
        {
            var which = e.EventId is { } id ? $"The copies of event {Printable.Of(id)}" : $"Two `{TypeName(e.Type)}` events";
            yield return $"{which} differ in {string.Join("; ", e.Members.Select(member => $"{member.Name}: {Value(member.One)} or {Value(member.Other)}"))}.";
        }
        if (disputed.Count > ShownMax)
        {
            yield return $"... and {disputed.Count - ShownMax} more.";
        }
    }

    private static string Excess(ExcessEnergy excess)
    {
        var power = Words.Power(excess.MaxPowerMw);
        var limit = excess.IsOfConnector ? $"The connector gives at most {power}" : $"No power of the connector is stated, so {power} is taken";
        var lengthNs = Math.Max(excess.ToNs - excess.FromNs, 60 * Rfc3339.NsPerSecond);
        var possibleMwh = (Int128)excess.MaxPowerMw * lengthNs / (3600 * Rfc3339.NsPerSecond);
        return $"{Words.Kwh(excess.EnergyMwh)} are reported from {Words.Utc(excess.FromNs)} to {Words.Utc(excess.ToNs)}. "
            + $"{limit}: {Words.Cut(Exact.Decimal(possibleMwh, 6))} kWh in {Words.Duration(lengthNs)}"
            + $"{(lengthNs > excess.ToNs - excess.FromNs ? ", the least time taken" : "")}.";
    }

    private static string Value(string value) => value.Length == 0 ? "none" : Printable.Of(value);

    private static string TypeName(ChargingEventType type) => type switch
    {
        ChargingEventType.Started => "started",
        ChargingEventType.Updated => "updated",
        ChargingEventType.Ended => "ended",
        _ => "completed",
    };
}
