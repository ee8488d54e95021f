using EvBilling.Events;

namespace EvBilling.Sessions;

/// <summary>
/// The order of readings and states: (timestamp, sequence number, meter reading, type, charging state), an absent member before any value.
/// </summary>
internal readonly struct OrderKey(in SessionEvent e)
{
    private readonly long _timeNs = e.OrderTimeNs;
    private readonly long _sequenceNumber = e.Has(EventMembers.SequenceNumber) ? e.SequenceNumber : -1;
    private readonly long _meterMwh = e.Has(EventMembers.Meter) ? e.MeterMwh : -1;
    private readonly int _typeAndState = ((int)e.Type * 8) + (e.Has(EventMembers.ChargingState) ? (int)e.ChargingState + 1 : 0);

    public bool IsBefore(in SessionEvent next)
    {
        var time = next.OrderTimeNs;
        return _timeNs < time || (_timeNs == time && Compare(new OrderKey(next)) < 0);
    }

    public int Compare(in OrderKey other)
    {
        var order = _timeNs.CompareTo(other._timeNs);
        order = order != 0 ? order : _sequenceNumber.CompareTo(other._sequenceNumber);
        order = order != 0 ? order : _meterMwh.CompareTo(other._meterMwh);
        return order != 0 ? order : _typeAndState.CompareTo(other._typeAndState);
    }
}

/// <summary>The total order of a record's events: <see cref="OrderKey"/>, then identity, so that a set has one stored form.</summary>
internal sealed class EventOrder(SessionRecord record) : IComparer<(SessionEvent Low, SessionEvent High)>
{
    public int Compare((SessionEvent Low, SessionEvent High) x, (SessionEvent Low, SessionEvent High) y)
    {
        ref readonly var a = ref x.Low;
        ref readonly var b = ref y.Low;
        var order = new OrderKey(a).Compare(new OrderKey(b));
        order = order != 0 ? order : CompareEventIds(a, b);
        order = order != 0 ? order : a.TimestampNs.CompareTo(b.TimestampNs);
        order = order != 0 ? order : a.StartedAtNs.CompareTo(b.StartedAtNs);
        order = order != 0 ? order : a.EndedAtNs.CompareTo(b.EndedAtNs);
        order = order != 0 ? order : a.ChargingEndedAtNs.CompareTo(b.ChargingEndedAtNs);
        order = order != 0 ? order : a.EnergyMwh.CompareTo(b.EnergyMwh);
        order = order != 0 ? order : ((int)(a.Members & EventIdentity.Content)).CompareTo((int)(b.Members & EventIdentity.Content));
        order = order != 0 ? order : CompareTexts(a.TariffText, b.TariffText);
        order = order != 0 ? order : CompareTexts(a.LocationText, b.LocationText);
        order = order != 0 ? order : CompareTexts(a.StationText, b.StationText);
        order = order != 0 ? order : CompareTexts(a.EvseText, b.EvseText);
        return order != 0 ? order : CompareTexts(a.ConnectorText, b.ConnectorText);
    }

    private int CompareTexts(int a, int b) => a == b ? 0 : record.Text(a).SequenceCompareTo(record.Text(b));

    private int CompareEventIds(in SessionEvent a, in SessionEvent b)
    {
        if (!a.Has(EventMembers.EventId) || !b.Has(EventMembers.EventId))
        {
            return a.Has(EventMembers.EventId).CompareTo(b.Has(EventMembers.EventId));
        }
        Span<byte> first = stackalloc byte[EventId.MaxBytes];
        Span<byte> second = stackalloc byte[EventId.MaxBytes];
        return first[..record.ExpandEventId(a, first)].SequenceCompareTo(second[..record.ExpandEventId(b, second)]);
    }
}
