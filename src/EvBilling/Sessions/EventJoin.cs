using EvBilling.Events;

namespace EvBilling.Sessions;

/// <summary>
/// Joins two copies of one event, member by member: what one lacks comes from the other. Two values of a member that is content contradict each other:
/// the least and the greatest are kept. Two values of another member: the smaller text. This is the join of a semilattice, so order and repetition do not matter.
/// </summary>
internal static class EventJoin
{
    /// <summary>Copies all but the texts.</summary>
    public static void CopyValues(in ChargingEvent from, ref SessionEvent to)
    {
        to.Members = from.Members | EventMembers.Type | EventMembers.SessionId;
        to.Type = from.Type;
        to.ChargingState = from.ChargingState;
        to.Offline = from.Offline;
        to.SequenceNumber = from.SequenceNumber;
        to.TimestampNs = from.TimestampNs;
        to.StartedAtNs = from.StartedAtNs;
        to.EndedAtNs = from.EndedAtNs;
        to.ChargingEndedAtNs = from.ChargingEndedAtNs;
        to.MeterMwh = from.MeterMwh;
        to.EnergyMwh = from.EnergyMwh;
        to.PowerMw = from.PowerMw;
        to.CurrentMa = from.CurrentMa;
    }

    /// <summary>Joins <paramref name="copy"/> into the stored pair; all three index the same record's texts.</summary>
    /// <returns>Whether the pair changed.</returns>
    public static bool Join(SessionRecord record, ref SessionEvent low, ref SessionEvent high, in SessionEvent copy)
    {
        var changed = false;
        var contradicted = false;
        Content(EventMembers.Type, (long)copy.Type, (long)low.Type, (long)high.Type, low, copy, out var least, out var most, ref changed, ref contradicted);
        (low.Type, high.Type) = ((ChargingEventType)least, (ChargingEventType)most);
        Content(EventMembers.ChargingState, (long)copy.ChargingState, (long)low.ChargingState, (long)high.ChargingState, low, copy, out least, out most, ref changed, ref contradicted);
        (low.ChargingState, high.ChargingState) = ((ChargingState)least, (ChargingState)most);
        Content(EventMembers.SequenceNumber, copy.SequenceNumber, low.SequenceNumber, high.SequenceNumber, low, copy, out low.SequenceNumber, out high.SequenceNumber, ref changed, ref contradicted);
        Content(EventMembers.Timestamp, copy.TimestampNs, low.TimestampNs, high.TimestampNs, low, copy, out low.TimestampNs, out high.TimestampNs, ref changed, ref contradicted);
        Content(EventMembers.StartedAt, copy.StartedAtNs, low.StartedAtNs, high.StartedAtNs, low, copy, out low.StartedAtNs, out high.StartedAtNs, ref changed, ref contradicted);
        Content(EventMembers.EndedAt, copy.EndedAtNs, low.EndedAtNs, high.EndedAtNs, low, copy, out low.EndedAtNs, out high.EndedAtNs, ref changed, ref contradicted);
        Content(EventMembers.ChargingEndedAt, copy.ChargingEndedAtNs, low.ChargingEndedAtNs, high.ChargingEndedAtNs, low, copy, out low.ChargingEndedAtNs, out high.ChargingEndedAtNs, ref changed, ref contradicted);
        Content(EventMembers.Meter, copy.MeterMwh, low.MeterMwh, high.MeterMwh, low, copy, out low.MeterMwh, out high.MeterMwh, ref changed, ref contradicted);
        Content(EventMembers.Energy, copy.EnergyMwh, low.EnergyMwh, high.EnergyMwh, low, copy, out low.EnergyMwh, out high.EnergyMwh, ref changed, ref contradicted);
        ContentText(record, copy.TariffText, ref low.TariffText, ref high.TariffText, ref changed, ref contradicted);
        ContentText(record, copy.LocationText, ref low.LocationText, ref high.LocationText, ref changed, ref contradicted);
        ContentText(record, copy.StationText, ref low.StationText, ref high.StationText, ref changed, ref contradicted);
        ContentText(record, copy.EvseText, ref low.EvseText, ref high.EvseText, ref changed, ref contradicted);
        ContentText(record, copy.ConnectorText, ref low.ConnectorText, ref high.ConnectorText, ref changed, ref contradicted);

        Number(EventMembers.Power, copy.PowerMw, ref low.PowerMw, low, copy, ref changed);
        Number(EventMembers.Current, copy.CurrentMa, ref low.CurrentMa, low, copy, ref changed);
        if (copy.Has(EventMembers.Offline) && (!low.Has(EventMembers.Offline) || (low.Offline && !copy.Offline)))
        {
            low.Offline = copy.Offline;
            changed = true;
        }
        SmallerText(record, copy.TokenText, ref low.TokenText, ref changed);
        SmallerText(record, copy.TriggerReasonText, ref low.TriggerReasonText, ref changed);
        SmallerText(record, copy.StoppedReasonText, ref low.StoppedReasonText, ref changed);

        low.Members |= copy.Members;
        low.IsConflicting |= contradicted;
        (high.PowerMw, high.CurrentMa, high.Offline) = (low.PowerMw, low.CurrentMa, low.Offline);
        (high.TokenText, high.TriggerReasonText, high.StoppedReasonText) = (low.TokenText, low.TriggerReasonText, low.StoppedReasonText);
        (high.Members, high.IsConflicting) = (low.Members, low.IsConflicting);
        return changed;
    }

    private static void Content(
        EventMembers member, long copied, long low, long high, in SessionEvent stored, in SessionEvent copy, out long least, out long most, ref bool changed, ref bool contradicted)
    {
        (least, most) = (low, high);
        if (!copy.Has(member))
        {
            return;
        }
        if (!stored.Has(member))
        {
            (least, most) = (copied, copied);
            changed = true;
            return;
        }
        (least, most) = (Math.Min(low, copied), Math.Max(high, copied));
        changed |= least != low || most != high;
        contradicted |= least != most;
    }

    private static void ContentText(SessionRecord record, int copied, ref int low, ref int high, ref bool changed, ref bool contradicted)
    {
        if (copied == 0)
        {
            return;
        }
        if (low == 0)
        {
            (low, high) = (copied, copied);
            changed = true;
            return;
        }
        var text = record.Text(copied);
        if (text.SequenceCompareTo(record.Text(low)) < 0)
        {
            low = copied;
            changed = true;
        }
        if (text.SequenceCompareTo(record.Text(high)) > 0)
        {
            high = copied;
            changed = true;
        }
        contradicted |= low != high;
    }

    // The smaller text of a number, not the smaller number: "1000" comes before "900".
    private static void Number(EventMembers member, long copied, ref long low, in SessionEvent stored, in SessionEvent copy, ref bool changed)
    {
        if (!copy.Has(member))
        {
            return;
        }
        if (!stored.Has(member) || (copied != low && string.CompareOrdinal(Plain(copied), Plain(low)) < 0))
        {
            low = copied;
            changed = true;
        }
    }

    private static string Plain(long thousandths) => Exact.Decimal(thousandths, 3).ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static void SmallerText(SessionRecord record, int copied, ref int low, ref bool changed)
    {
        if (copied != 0 && copied != low && (low == 0 || record.Text(copied).SequenceCompareTo(record.Text(low)) < 0))
        {
            low = copied;
            changed = true;
        }
    }
}
