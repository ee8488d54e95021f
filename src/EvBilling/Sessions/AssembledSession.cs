using EvBilling.Billing;

namespace EvBilling.Sessions;

/// <summary>What a stretch of a session was.</summary>
public enum StretchKind : byte
{
    /// <summary>TIME.</summary>
    Charging,

    /// <summary>PARKING_TIME.</summary>
    Parking,

    /// <summary>Neither: before charging, or suspended by the station.</summary>
    Waiting,
}

/// <summary>A stretch, from its start (inclusive) to the next one's, the last to the session's end.</summary>
public readonly record struct SessionStretch(long StartNs, StretchKind Kind);

/// <summary>A reading that counts: when, what the register showed, and the session's energy until then.</summary>
public readonly record struct CountedReading(long TimeNs, long MeterMwh, long EnergyMwh);

/// <summary>How far a session is.</summary>
public enum SessionState : byte
{
    Open = 0,
    Ended = 1,

    /// <summary>Closed by the policy: no event for long enough.</summary>
    ClosedByAge = 2,

    /// <summary>Closed by the policy: a later session on the same connector has followed.</summary>
    ClosedByFollower = 3,
}

/// <summary>What a session's events say happened: the result of <see cref="SessionAssembler"/>, reused from session to session.</summary>
public sealed class AssembledSession
{
    internal List<SessionStretch> StretchList { get; } = [];

    internal List<CountedReading> ReadingList { get; } = [];

    public BillFlag Flags { get; internal set; }

    /// <summary>Whether an <c>ended</c> or a lone <c>completed</c> was reported.</summary>
    public bool HasEnded { get; internal set; }

    public long StartNs { get; internal set; }

    /// <summary>The end; of an open session, its last event.</summary>
    public long EndNs { get; internal set; }

    /// <summary>The newest event's time, by which the close policy judges.</summary>
    public long LastEventNs { get; internal set; }

    public long EnergyMwh { get; internal set; }

    public bool IsEnergyKnown { get; internal set; }

    public long ChargingNs { get; internal set; }

    public long ParkingNs { get; internal set; }

    public long WaitingNs { get; internal set; }

    /// <summary>Readings that count, in order. Empty for a session known by a lone <c>completed</c>.</summary>
    public IReadOnlyList<CountedReading> Readings => ReadingList;

    /// <summary>The session from its start to its end, without gaps; neighbours differ in kind.</summary>
    public IReadOnlyList<SessionStretch> Stretches => StretchList;

    public int LocationText { get; internal set; }

    public int StationText { get; internal set; }

    public int EvseText { get; internal set; }

    public int ConnectorText { get; internal set; }

    public int TokenText { get; internal set; }

    public int TariffText { get; internal set; }

    internal void Clear()
    {
        StretchList.Clear();
        ReadingList.Clear();
        Flags = BillFlag.None;
        HasEnded = IsEnergyKnown = false;
        StartNs = EndNs = LastEventNs = EnergyMwh = ChargingNs = ParkingNs = WaitingNs = 0;
        LocationText = StationText = EvseText = ConnectorText = TokenText = TariffText = 0;
    }
}
