namespace EvBilling.Simulator;

internal enum EventType : byte
{
    Started,
    Updated,
    Ended,
}

/// <summary>OCPP 2.0.1 ChargingStateEnumType.</summary>
internal enum ChargingState : byte
{
    Idle,
    EVConnected,
    Charging,
    SuspendedEV,
    SuspendedEVSE,
}

/// <summary>The values of OCPP 2.0.1 TriggerReasonEnumType that the fleet uses.</summary>
internal enum TriggerReason : byte
{
    Authorized,
    CablePluggedIn,
    ChargingStateChanged,
    MeterValueClock,
    MeterValuePeriodic,
    StopAuthorized,
    RemoteStop,
    EVDeparted,
}

/// <summary>The values of OCPP 2.0.1 ReasonEnumType that the fleet uses.</summary>
internal enum StoppedReason : byte
{
    None,
    Local,
    Remote,
    EVDisconnected,
}
