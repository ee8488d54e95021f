using System.Runtime.CompilerServices;
using System.Text;

namespace EvBilling.Events;

/// <summary>The schema's names of the members, what type each is and in what range.</summary>
public static class EventMemberNames
{
    private static readonly string[] Names =
    [
        "type", "event_id", "session_id", "sequence_number", "timestamp", "location_id", "station_id", "evse_id", "connector_id", "tariff_id", "token_id",
        "charging_state", "trigger_reason", "stopped_reason", "offline", "meter_wh", "power_w", "current_a", "started_at", "ended_at", "charging_ended_at", "energy_wh",
        "charger_id", "start_time", "end_time", "energy_consumed", "phone_number", "email",
    ];

    private const EventMembers Times = EventMembers.Timestamp | EventMembers.StartedAt | EventMembers.EndedAt | EventMembers.ChargingEndedAt;
    private const EventMembers Numbers = EventMembers.Meter | EventMembers.Power | EventMembers.Current | EventMembers.Energy | EventMembers.EnergyConsumed;

    private const EventMembers OlderTimes = EventMembers.StartTime | EventMembers.EndTime;

    /// <summary>The JSON name of one member.</summary>
    public static string Of(EventMembers member) => Names[int.TrailingZeroCount((int)member)];

    /// <summary>Whether it is a member of the older system's messages.</summary>
    internal static bool IsOlder(EventMembers member) => member >= EventMembers.ChargerId;

    internal static string Expected(EventMembers member) =>
        (member & Times) != 0 ? "an RFC 3339 date-time with an offset, such as \"2024-05-01T10:00:00Z\""
        : (member & OlderTimes) != 0 ? "a date-time, such as \"2024-05-01 10:00:00\" (UTC) or \"2024-05-01T12:00:00+02:00\""
        : (member & Numbers) != 0 ? "a number"
        : member == EventMembers.SequenceNumber ? "an integer"
        : member == EventMembers.Offline ? "true or false"
        : "a text";

    internal static string Range(EventMembers member) => member switch
    {
        EventMembers.SequenceNumber => "0 to 9223372036854775807",
        EventMembers.Meter or EventMembers.Energy => "0 to 999999999999 Wh",
        EventMembers.EnergyConsumed => "0 to 999999999.999 kWh",
        EventMembers.Power => "-999999999999 to 999999999999 W",
        EventMembers.Current => "-999999999 to 999999999 A",
        EventMembers.ChargingState => "Charging, EVConnected, SuspendedEV, SuspendedEVSE or Idle",
        EventMembers.SessionId or EventMembers.EventId or EventMembers.ChargerId => "1 to 64 characters, none of them U+0000",
        EventMembers.ConnectorId => "at most 36 characters, none of them U+0000",
        EventMembers.Email => "at most 254 characters, none of them U+0000",
        _ when (member & (Times | OlderTimes)) != 0 => "1970-01-01 to 2261-12-31",
        EventMembers.TriggerReason or EventMembers.StoppedReason => "no U+0000 in it",
        _ => "at most 64 characters, none of them U+0000",
    };

    /// <summary>The event's member of that name, <see cref="EventMembers.None"/> for an unknown one. The length and a letter tell the names apart; then the whole is compared.</summary>
    internal static EventMembers Find(ReadOnlySpan<byte> name) => name.Length switch
    {
        4 => Only(name, "type"u8, EventMembers.Type),
        7 => name[0] == 'e' ? Only(name, "evse_id"u8, EventMembers.EvseId)
            : name[0] == 'p' ? Only(name, "power_w"u8, EventMembers.Power)
            : Only(name, "offline"u8, EventMembers.Offline),
        8 => name[0] == 'm' ? Only(name, "meter_wh"u8, EventMembers.Meter)
            : name[0] == 't' ? Only(name, "token_id"u8, EventMembers.TokenId)
            : name[1] == 'v' ? Only(name, "event_id"u8, EventMembers.EventId)
            : Only(name, "ended_at"u8, EventMembers.EndedAt),
        9 => name[0] == 'e' ? Only(name, "energy_wh"u8, EventMembers.Energy)
            : name[0] == 'c' ? Only(name, "current_a"u8, EventMembers.Current)
            : name[1] == 'i' ? Only(name, "timestamp"u8, EventMembers.Timestamp)
            : Only(name, "tariff_id"u8, EventMembers.TariffId),
        10 => name[1] == 'e' ? Only(name, "session_id"u8, EventMembers.SessionId)
            : name[3] == 't' ? Only(name, "station_id"u8, EventMembers.StationId)
            : Only(name, "started_at"u8, EventMembers.StartedAt),
        11 => Only(name, "location_id"u8, EventMembers.LocationId),
        12 => Only(name, "connector_id"u8, EventMembers.ConnectorId),
        14 => name[0] == 'c' ? Only(name, "charging_state"u8, EventMembers.ChargingState)
            : name[0] == 't' ? Only(name, "trigger_reason"u8, EventMembers.TriggerReason)
            : Only(name, "stopped_reason"u8, EventMembers.StoppedReason),
        15 => Only(name, "sequence_number"u8, EventMembers.SequenceNumber),
        17 => Only(name, "charging_ended_at"u8, EventMembers.ChargingEndedAt),
        _ => EventMembers.None,
    };

    internal static EventMembers Find(string name) => Find(Encoding.UTF8.GetBytes(name));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static EventMembers Only(ReadOnlySpan<byte> name, ReadOnlySpan<byte> expected, EventMembers member) =>
        name.SequenceEqual(expected) ? member : EventMembers.None;
}
