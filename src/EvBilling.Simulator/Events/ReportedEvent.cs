namespace EvBilling.Simulator;

/// <summary>What a station reports, before it is written as JSON. Times are seconds since 1970.</summary>
internal struct ReportedEvent
{
    public required Site Site { get; init; }

    /// <summary>From 0 over the fleet.</summary>
    public int Station { get; init; }

    /// <summary>The station's running number of the session, from 1.</summary>
    public int Session { get; init; }

    /// <summary>0, 1, 2, ... within the session.</summary>
    public int Sequence { get; init; }

    public long TimestampUnixS { get; init; }

    /// <summary>Lowest 48 bits: the token's unique part.</summary>
    public ulong Token { get; init; }

    public EventType Type { get; init; }

    public ChargingState State { get; init; }

    public TriggerReason Trigger { get; init; }

    public StoppedReason StoppedReason { get; init; }

    public long MeterWh { get; init; }

    /// <summary>W; only `updated` events state it.</summary>
    public int PowerW { get; init; }

    /// <summary>Tenths of an ampere; stated if above 0.</summary>
    public int CurrentTenthsA { get; init; }

    /// <summary>Whether this event begins another charging state than the one before.</summary>
    public bool ChangesState { get; init; }

    /// <summary>Whether it states that it was recorded while the station was offline.</summary>
    public bool Offline { get; set; }

    /// <summary>Whether its members come in another order than usual.</summary>
    public bool OtherOrder { get; set; }
}
