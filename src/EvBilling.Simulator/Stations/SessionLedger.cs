namespace EvBilling.Simulator;

/// <summary>What really happened in a session, whatever of it arrives. Times are Unix seconds.</summary>
internal readonly record struct SessionLedger
{
    public int Station { get; private init; }

    /// <summary>The station's running number of the session, from 1; 0 = none yet.</summary>
    public int Session { get; private init; }

    public long StartUnixS { get; private init; }

    /// <summary>The time of its last event.</summary>
    public long LastUnixS { get; private init; }

    /// <summary>Events that happened, sent or lost.</summary>
    public int Events { get; private init; }

    public int ChargingS { get; private init; }

    /// <summary>Time the car held the connector without taking energy, after it had charged.</summary>
    public int ParkingS { get; private init; }

    /// <summary>Time the car waited for energy: before charging began, or while the station withheld it.</summary>
    public int WaitingS { get; private init; }

    /// <summary>Wh, as whole Wh of a register that never restarts.</summary>
    public long EnergyWh { get; private init; }

    private long StartWh { get; init; }

    public static SessionLedger Begin(int station, int session, long startUnixS, long registerWh) =>
        new() { Station = station, Session = session, StartUnixS = startUnixS, LastUnixS = startUnixS, StartWh = registerWh };

    /// <summary>One more event, and the time since the one before in the state it began.</summary>
    public SessionLedger With(ChargingState stateBefore, long unixS, long registerWh)
    {
        int seconds = (int)(unixS - LastUnixS);
        return this with
        {
            LastUnixS = unixS,
            Events = Events + 1,
            ChargingS = ChargingS + (stateBefore == ChargingState.Charging ? seconds : 0),
            ParkingS = ParkingS + (stateBefore == ChargingState.SuspendedEV ? seconds : 0),
            WaitingS = WaitingS + (stateBefore is ChargingState.EVConnected or ChargingState.SuspendedEVSE ? seconds : 0),
            EnergyWh = registerWh - StartWh,
        };
    }
}
