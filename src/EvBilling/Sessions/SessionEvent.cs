using EvBilling.Events;

namespace EvBilling.Sessions;

/// <summary>
/// An event within its <see cref="SessionRecord"/>: a <see cref="ChargingEvent"/> whose texts are indexes into the record's texts (0 = absent).
/// </summary>
public struct SessionEvent
{
    public EventMembers Members;
    public ChargingEventType Type;
    public ChargingState ChargingState;
    public bool Offline;

    /// <summary>Copies of this event contradict each other in a member that is content; this is the least of each member's values.</summary>
    public bool IsConflicting;

    public long SequenceNumber;
    public long TimestampNs;
    public long StartedAtNs;
    public long EndedAtNs;
    public long ChargingEndedAtNs;
    public long MeterMwh;
    public long EnergyMwh;
    public long PowerMw;
    public long CurrentMa;
    public int LocationText;
    public int StationText;
    public int EvseText;
    public int ConnectorText;
    public int TariffText;
    public int TokenText;
    public int TriggerReasonText;
    public int StoppedReasonText;
    internal EventIdSlice EventId;

    public readonly bool Has(EventMembers member) => (Members & member) != 0;

    /// <summary>When it happened; of a <c>completed</c> without a timestamp, its start.</summary>
    internal readonly long OrderTimeNs => Has(EventMembers.Timestamp) ? TimestampNs : StartedAtNs;
}

/// <summary>
/// An event id within a record's entries: the first <see cref="PrefixLength"/> bytes of the record's base id, then the bytes at <see cref="Start"/>;
/// or 16 bytes there that are a lower-case UUID. <c>default</c> = none.
/// </summary>
internal readonly record struct EventIdSlice(int Start, int Length, int PrefixLength, bool IsUuid);
