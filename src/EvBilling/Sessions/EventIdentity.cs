using EvBilling.Events;

namespace EvBilling.Sessions;

/// <summary>
/// What makes two events the same: their event id, else their content: type, the times, meter_wh, energy_wh, charging_state, sequence_number,
/// tariff_id and the connector (location_id, station_id, evse_id, connector_id).
/// </summary>
internal static class EventIdentity
{
    public const EventMembers Content = EventMembers.Type | EventMembers.SequenceNumber | EventMembers.Timestamp | EventMembers.LocationId
        | EventMembers.StationId | EventMembers.EvseId | EventMembers.ConnectorId | EventMembers.TariffId | EventMembers.ChargingState
        | EventMembers.Meter | EventMembers.StartedAt | EventMembers.EndedAt | EventMembers.ChargingEndedAt | EventMembers.Energy;

    public static uint Hash(in ChargingEvent e, ReadOnlySpan<byte> eventId, ReadOnlySpan<byte> buffer)
    {
        if (e.Has(EventMembers.EventId))
        {
            return Hash(eventId);
        }
        SessionEvent values = default;
        EventJoin.CopyValues(e, ref values);
        var hash = HashOfValues(values);
        hash = Mix(hash, Hash(e.TariffId.In(buffer)));
        hash = Mix(hash, Hash(e.EvseId.In(buffer)));
        return Fold(Mix(hash, Hash(e.ConnectorId.In(buffer))));
    }

    public static uint Hash(in SessionEvent e, SessionRecord record)
    {
        var hash = HashOfValues(e);
        hash = Mix(hash, Hash(record.Text(e.TariffText)));
        hash = Mix(hash, Hash(record.Text(e.EvseText)));
        return Fold(Mix(hash, Hash(record.Text(e.ConnectorText))));
    }

    public static uint Hash(ReadOnlySpan<byte> text)
    {
        var hash = 0x9E37_79B9_7F4A_7C15;
        while (text.Length >= 8)
        {
            hash = Mix(hash, System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(text));
            text = text[8..];
        }
        ulong rest = (ulong)text.Length;
        foreach (var unit in text)
        {
            rest = (rest << 8) | unit;
        }
        return Fold(Mix(hash, rest));
    }

    /// <summary>Whether two events of one record that have no event id have the same content.</summary>
    public static bool SameContent(in SessionEvent a, in SessionEvent b) =>
        (a.Members & Content) == (b.Members & Content) && a.Type == b.Type && a.ChargingState == b.ChargingState
        && a.SequenceNumber == b.SequenceNumber && a.TimestampNs == b.TimestampNs && a.StartedAtNs == b.StartedAtNs && a.EndedAtNs == b.EndedAtNs
        && a.ChargingEndedAtNs == b.ChargingEndedAtNs && a.MeterMwh == b.MeterMwh && a.EnergyMwh == b.EnergyMwh && a.TariffText == b.TariffText
        && a.LocationText == b.LocationText && a.StationText == b.StationText && a.EvseText == b.EvseText && a.ConnectorText == b.ConnectorText;

    private static ulong HashOfValues(in SessionEvent e)
    {
        var hash = Mix(0, (ulong)(uint)(e.Members & Content));
        hash = Mix(hash, ((ulong)e.Type << 8) | (ulong)e.ChargingState);
        hash = Mix(hash, (ulong)e.SequenceNumber);
        hash = Mix(hash, (ulong)e.TimestampNs);
        hash = Mix(hash, (ulong)e.MeterMwh);
        hash = Mix(hash, (ulong)e.StartedAtNs);
        hash = Mix(hash, (ulong)e.EndedAtNs);
        hash = Mix(hash, (ulong)e.ChargingEndedAtNs);
        return Mix(hash, (ulong)e.EnergyMwh);
    }

    private static ulong Mix(ulong hash, ulong value) => unchecked(Math.BigMul(hash ^ value ^ 0xD6E8_FEB8_6659_FD93, 0xA076_1D64_78BD_642F, out var low) ^ low);

    private static uint Fold(ulong hash) => unchecked((uint)(hash ^ (hash >> 32)));
}
