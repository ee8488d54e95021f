using EvBilling.Events;

namespace EvBilling.Sessions;

/// <summary>Turns events of a record back into <see cref="ChargingEvent"/>s, their texts in a buffer.</summary>
internal sealed class EventExpansion(SessionRecord record, EventBuffer buffer)
{
    public ChargingEvent Expand(in SessionEvent e)
    {
        var expanded = new ChargingEvent
        {
            Members = e.Members,
            Type = e.Type,
            ChargingState = e.ChargingState,
            Offline = e.Offline,
            SequenceNumber = e.SequenceNumber,
            TimestampNs = e.TimestampNs,
            StartedAtNs = e.StartedAtNs,
            EndedAtNs = e.EndedAtNs,
            ChargingEndedAtNs = e.ChargingEndedAtNs,
            MeterMwh = e.MeterMwh,
            EnergyMwh = e.EnergyMwh,
            PowerMw = e.PowerMw,
            CurrentMa = e.CurrentMa,
            SessionId = buffer.Append(record.SessionIdUtf8),
            LocationId = Text(e.LocationText),
            StationId = Text(e.StationText),
            EvseId = Text(e.EvseText),
            ConnectorId = Text(e.ConnectorText),
            TariffId = Text(e.TariffText),
            TokenId = Text(e.TokenText),
            TriggerReason = Text(e.TriggerReasonText),
            StoppedReason = Text(e.StoppedReasonText),
        };
        if (e.Has(EventMembers.EventId))
        {
            expanded.EventId = buffer.Commit(record.ExpandEventId(e, buffer.Reserve(EventId.MaxBytes)));
        }
        return expanded;
    }

    private TextSlice Text(int index) => index == 0 ? default : buffer.Append(record.Text(index));
}
