namespace EvBilling.Tests.Reference;

/// <summary>What goes wrong in the field, one thing at a time.</summary>
internal static class EventSpoiling
{
    public const int KindLast = 27;

    private static readonly string[] States = ["Charging", "EVConnected", "SuspendedEV", "SuspendedEVSE", "Idle"];

    private static readonly string[] Types = ["started", "updated", "ended", "updated", "started", "ended"];

    private static readonly long[] Times = [-3_600_000, -60_000, 0, 500, 30_000, 60_000, 60_001, 900_000, 3_600_000, 90_000_000, 400_000_000];

    private static readonly long[] Meters = [0, 1, 999, 1000, 500_000, 2_500_000, 1_234_567, 60_000_000, 9_000_000_000];

    /// <summary>Index and value are taken modulo what there is.</summary>
    public static void Apply(List<EventDraft> events, int kind, int index, int value)
    {
        index %= events.Count;
        EventDraft draft = events[index];
        switch (kind)
        {
            case 0 when events.Count > 1:
                events.RemoveAt(index);
                break;
            case 1 or 2:
                // Sent again: the same, if not in the same spelling.
                events.Add(draft);
                break;
            case 3 or 4:
                events.Add(Lacking(draft, value));
                break;
            case 5:
                events.Add(Change(draft, 7 + ((value + index) % (KindLast - 6)), value));
                break;
            case 6:
                events.Add(draft with { EventId = draft.EventId is null ? "e0" : null });
                break;
            default:
                events[index] = Change(draft, kind, value);
                break;
        }
    }

    private static EventDraft Change(EventDraft draft, int kind, int value) => kind switch
    {
        7 => draft with { Meter = null },
        8 or 9 or 10 => draft with { Meter = Meters[value % Meters.Length] },
        11 => draft with { Meter = draft.Meter / 2 },
        12 => draft with { Meter = draft.Meter * 10 },
        13 or 14 => draft with { Time = Times[value % Times.Length] },
        15 => draft with { Time = draft.Time + Times[value % Times.Length] },
        16 => draft with { Sequence = value % 4 == 0 ? null : value % 4 },
        17 or 18 => draft with { State = States[value % States.Length] },
        19 => draft with { Type = Types[value % Types.Length] },
        20 => draft with { Token = value % 3 == 0 ? null : "T" + (value % 3) },
        21 => draft with { Connector = value % 3 == 0 ? null : (value % 3).ToString("0", null), Evse = value > 8 ? "E1" : null },
        22 => draft with { Tariff = value % 3 == 0 ? null : value % 3 == 1 ? "A" : "B" },
        23 => draft with { EventId = "e" + (value % 3) },
        24 => draft with { Trigger = "Trigger", Offline = value % 2 == 0, Power = value * 1000, Current = -value },
        25 => draft with { Location = value % 2 == 0 ? "L1" : "Zürich", Station = "S" + (value % 2) },
        26 => draft with { Stopped = "EVDisconnected", Energy = value * 1000, EndedAt = value * 60_000 },
        _ => draft with { Type = "completed", StartedAt = 0, EndedAt = 60_000 * value },
    };

    private static EventDraft Lacking(EventDraft draft, int value) => value switch
    {
        0 => draft with { Meter = null },
        1 => draft with { State = null },
        2 => draft with { Sequence = null },
        3 => draft with { Token = null },
        4 => draft with { Connector = null, Station = null },
        5 => draft with { Energy = null },
        6 => draft with { ChargingEndedAt = null },
        7 => draft with { Meter = null, State = null, Sequence = null },
        _ => draft with { Token = value % 2 == 0 ? "T0" : "T1" },
    };
}
