using System.Globalization;
using System.Text;
using EvBilling.Events;
using EvBilling.Locations;
using EvBilling.Sessions;

namespace EvBilling.Billing.Explain;

/// <summary>A member in which two events differ that should not, with both values as text; empty = not stated.</summary>
public sealed record DisputedMember(string Name, string One, string Other);

/// <summary>Two copies of an event, or two <c>completed</c> events, that contradict each other.</summary>
/// <param name="EventId">Null = they have none, or different ones.</param>
public sealed record DisputedEvent(string? EventId, ChargingEventType Type, IReadOnlyList<DisputedMember> Members);

/// <summary>An event whose time lies before that of one with a smaller sequence number.</summary>
public sealed record JumpedClock(long SequenceNumber, long TimeNs, long EarlierSequenceNumber, long EarlierTimeNs);

/// <summary>Energy that is not believed.</summary>
/// <param name="IsOfConnector">The power is the connector's own; else the one assumed where none is stated.</param>
public sealed record ExcessEnergy(long EnergyMwh, long FromNs, long ToNs, long MaxPowerMw, bool IsOfConnector);

/// <summary>What exactly in a session's events holds its bill.</summary>
public sealed class SessionDoubts
{
    public required IReadOnlyList<DisputedEvent> Disputed { get; init; }

    public required JumpedClock? Jump { get; init; }

    public required ExcessEnergy? Excess { get; init; }

    public static SessionDoubts Find(SessionRecord record, AssembledSession session, BillFlag flags, LocationMatch place)
    {
        var watts = place.Connector?.MaxElectricPowerW;
        var maxPowerMw = watts is { } stated ? stated * 1000L : Biller.DefaultMaxPowerMw;
        return new SessionDoubts
        {
            Disputed = (flags & BillFlag.ConflictingDuplicate) == 0 ? [] : [.. FindDisputed(record)],
            Jump = (flags & BillFlag.ClockJump) == 0 ? null : FindJump(record),
            Excess = (flags & BillFlag.ImplausibleEnergy) != 0 && EnergyLimit.Excess(session, maxPowerMw) is { } excess
                ? new(excess.EnergyMwh, excess.FromNs, excess.ToNs, maxPowerMw, watts is not null)
                : null,
        };
    }

    private static IEnumerable<DisputedEvent> FindDisputed(SessionRecord record)
    {
        var events = record.DecodeWithContradictions();
        SessionEvent? completed = null;
        for (var i = 0; i < events.Count; i++)
        {
            var e = events[i];
            if (e.IsConflicting && i + 1 < events.Count && events[i + 1].IsConflicting)
            {
                var id = record.EventIdText(e);
                yield return new(id.Length == 0 ? null : id, e.Type, Differences(record, e, events[++i]));
            }
            if (e.Type != ChargingEventType.Completed)
            {
                continue;
            }
            if (completed is { } first && !EventIdentity.SameContent(first, e))
            {
                yield return new(null, e.Type, Differences(record, first, e));
            }
            completed ??= e;
        }
    }

    private static List<DisputedMember> Differences(SessionRecord record, SessionEvent one, SessionEvent other)
    {
        var members = new List<DisputedMember>();
        Add(EventMembers.Type, "type", e => e.Type.ToString());
        Add(EventMembers.Timestamp, "timestamp", e => Rfc3339.Format(e.TimestampNs));
        Add(EventMembers.SequenceNumber, "sequence_number", e => e.SequenceNumber.ToString(CultureInfo.InvariantCulture));
        Add(EventMembers.Meter, "meter_wh", e => Wh(e.MeterMwh));
        Add(EventMembers.Energy, "energy_wh", e => Wh(e.EnergyMwh));
        Add(EventMembers.StartedAt, "started_at", e => Rfc3339.Format(e.StartedAtNs));
        Add(EventMembers.EndedAt, "ended_at", e => Rfc3339.Format(e.EndedAtNs));
        Add(EventMembers.ChargingEndedAt, "charging_ended_at", e => Rfc3339.Format(e.ChargingEndedAtNs));
        Add(EventMembers.ChargingState, "charging_state", e => e.ChargingState.ToString());
        Add(EventMembers.TariffId, "tariff_id", e => Text(e.TariffText));
        Add(EventMembers.LocationId, "location_id", e => Text(e.LocationText));
        Add(EventMembers.StationId, "station_id", e => Text(e.StationText));
        Add(EventMembers.EvseId, "evse_id", e => Text(e.EvseText));
        Add(EventMembers.ConnectorId, "connector_id", e => Text(e.ConnectorText));
        return members;

        string Text(int index) => Encoding.UTF8.GetString(record.Text(index));

        void Add(EventMembers member, string name, Func<SessionEvent, string> format)
        {
            var (a, b) = (one.Has(member) ? format(one) : "", other.Has(member) ? format(other) : "");
            if (a != b)
            {
                members.Add(new(name, a, b));
            }
        }
    }

    private static string Wh(long milliwattHours) => new Energy(milliwattHours).ToString();

    // The greatest one: the assembler has found that there is one of more than a minute.
    private static JumpedClock? FindJump(SessionRecord record)
    {
        var events = Array.Empty<SessionEvent>();
        var count = record.Decode(ref events);
        var numbered = events.Take(count)
            .Where(e => e.Has(EventMembers.SequenceNumber) && e.Type != ChargingEventType.Completed)
            .OrderBy(e => e.SequenceNumber).ThenBy(e => e.TimestampNs).ToList();
        JumpedClock? greatest = null;
        var newest = 0;
        for (var i = 1; i < numbered.Count; i++)
        {
            var (e, before) = (numbered[i], numbered[newest]);
            var greatestNs = greatest is null ? 0 : greatest.EarlierTimeNs - greatest.TimeNs;
            if (before.SequenceNumber < e.SequenceNumber && before.TimestampNs - e.TimestampNs > greatestNs)
            {
                greatest = new(e.SequenceNumber, e.TimestampNs, before.SequenceNumber, before.TimestampNs);
            }
            newest = e.TimestampNs > before.TimestampNs ? i : newest;
        }
        return greatest;
    }
}
