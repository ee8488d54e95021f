namespace EvBilling.Events;

/// <summary>What kind of thing happened. Numbers are frozen: they stand in stored session records.</summary>
public enum ChargingEventType : byte
{
    Started = 0,
    Updated = 1,
    Ended = 2,

    /// <summary>A whole session in one event, from a system that keeps no meter curve.</summary>
    Completed = 3,
}

/// <summary>OCPP 2.0.1 ChargingStateEnumType. Numbers are frozen: they stand in stored session records.</summary>
public enum ChargingState : byte
{
    Charging = 0,
    EVConnected = 1,
    SuspendedEV = 2,
    SuspendedEVSE = 3,
    Idle = 4,
}

/// <summary>The members that an event states, in the order of the JSON schema (docs/charging-event.schema.json); behind them those of the older system's messages.</summary>
[Flags]
public enum EventMembers
{
    None = 0,
    Type = 1 << 0,
    EventId = 1 << 1,
    SessionId = 1 << 2,
    SequenceNumber = 1 << 3,
    Timestamp = 1 << 4,
    LocationId = 1 << 5,
    StationId = 1 << 6,
    EvseId = 1 << 7,
    ConnectorId = 1 << 8,
    TariffId = 1 << 9,
    TokenId = 1 << 10,
    ChargingState = 1 << 11,
    TriggerReason = 1 << 12,
    StoppedReason = 1 << 13,
    Offline = 1 << 14,
    Meter = 1 << 15,
    Power = 1 << 16,
    Current = 1 << 17,
    StartedAt = 1 << 18,
    EndedAt = 1 << 19,
    ChargingEndedAt = 1 << 20,
    Energy = 1 << 21,

    // Members of the older system's messages, in its order: refusals name them, no event states them.
    ChargerId = 1 << 22,
    StartTime = 1 << 23,
    EndTime = 1 << 24,
    EnergyConsumed = 1 << 25,
    PhoneNumber = 1 << 26,
    Email = 1 << 27,
}

/// <summary>
/// One charging event as read from its JSON text. Texts are slices of the <see cref="EventBuffer"/> that it was read from;
/// a member not in <see cref="Members"/> was absent and its field is <c>default</c>. Times are nanoseconds since 1970-01-01T00:00:00Z.
/// </summary>
public struct ChargingEvent
{
    public EventMembers Members;
    public ChargingEventType Type;
    public ChargingState ChargingState;
    public bool Offline;
    public long SequenceNumber;
    public long TimestampNs;
    public long StartedAtNs;
    public long EndedAtNs;
    public long ChargingEndedAtNs;

    /// <summary>Energy.Active.Import.Register in milliwatt-hours.</summary>
    public long MeterMwh;

    /// <summary>The whole session's energy in milliwatt-hours (<see cref="ChargingEventType.Completed"/> only).</summary>
    public long EnergyMwh;

    /// <summary>Power.Active.Import in milliwatts; negative = the vehicle feeds back.</summary>
    public long PowerMw;

    /// <summary>Current.Import of the highest phase in milliamperes.</summary>
    public long CurrentMa;

    public TextSlice SessionId;
    public TextSlice EventId;
    public TextSlice LocationId;
    public TextSlice StationId;
    public TextSlice EvseId;
    public TextSlice ConnectorId;
    public TextSlice TariffId;
    public TextSlice TokenId;
    public TextSlice TriggerReason;
    public TextSlice StoppedReason;

    /// <summary>
    /// Contact data, of an older system's message only; empty = none. Not in <see cref="Members"/>: it is no part of the session, its identity or its bill,
    /// and belongs into the contacts alone.
    /// </summary>
    public TextSlice PhoneNumber;

    /// <summary>As <see cref="PhoneNumber"/>.</summary>
    public TextSlice Email;

    public readonly bool Has(EventMembers member) => (Members & member) != 0;

    /// <summary>The newest time that the event states: what the event clock takes from it.</summary>
    public readonly long NewestTimeNs =>
        Math.Max(Math.Max(TimestampNs, EndedAtNs), Math.Max(StartedAtNs, ChargingEndedAtNs));
}
