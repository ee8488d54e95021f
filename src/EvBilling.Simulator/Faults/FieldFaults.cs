namespace EvBilling.Simulator;

/// <summary>Decides what happens to events between a station and their reader, and counts it.</summary>
internal sealed class FieldFaults(DelayedEvents delayed)
{
    private const int PerMyriad = 10_000;
    private const int ReorderedSMax = 300;
    private const int DuplicateSMax = 600;
    private const int OutageSMin = 3_600;
    private const int OutageSMax = 28_800;

    /// <summary>No session takes as much; a register below it would, after a restart, soon stand where it fell from and look like a glitch.</summary>
    private const long RestartableWh = 200_000;

    public long Duplicates { get; private set; }

    public long Late { get; private set; }

    public long Reordered { get; private set; }

    public long LostStops { get; private set; }

    public long LostStarts { get; private set; }

    public long LostUpdates { get; private set; }

    public long MeterResets { get; private set; }

    /// <summary>True if the event arrives now; else it is lost, or will be among the delayed.</summary>
    public bool ArrivesNow(Station station, ref ReportedEvent reported)
    {
        ref var faults = ref station.Faults;
        if (reported.Type == EventType.Started)
        {
            PlanSession(ref faults);
        }

        MeetPlanned(station, ref faults, reported);
        if (IsLost(ref faults, reported))
        {
            return false;
        }

        long arrivesUnixS = reported.TimestampUnixS;
        if (arrivesUnixS < faults.OfflineUntilUnixS)
        {
            arrivesUnixS = faults.OfflineUntilUnixS;
            reported.Offline = true;
            faults.Met |= SessionFaults.Offline;
            Late++;
        }

        int draw = faults.Random.Below(PerMyriad);
        if (draw < FaultRates.DuplicatePerMyriadEvents)
        {
            Duplicate(ref faults, reported, arrivesUnixS);
        }
        else if (draw < FaultRates.DuplicatePerMyriadEvents + FaultRates.ReorderedPerMyriadEvents)
        {
            arrivesUnixS += faults.Random.Between(1, ReorderedSMax);
            faults.Met |= SessionFaults.Reordered;
            Reordered++;
        }

        if (arrivesUnixS == reported.TimestampUnixS)
        {
            return true;
        }

        delayed.Add(reported, arrivesUnixS);
        return false;
    }

    private static void PlanSession(ref StationFaults faults)
    {
        faults.Met = SessionFaults.None;
        int draw = faults.Random.Below(PerMyriad);
        faults.Planned = Falls(ref draw, FaultRates.OutagePerMyriadSessions) ? SessionFaults.Offline
            : Falls(ref draw, FaultRates.LostStopPerMyriadSessions) ? SessionFaults.LostStop
            : Falls(ref draw, FaultRates.MeterResetPerMyriadSessions) ? SessionFaults.MeterReset
            : Falls(ref draw, FaultRates.LostStartPerMyriadSessions) ? SessionFaults.LostStart
            : Falls(ref draw, FaultRates.LostUpdatePerMyriadSessions) ? SessionFaults.LostUpdate
            : SessionFaults.None;
        faults.FromSequence = faults.Planned == SessionFaults.None ? 0 : faults.Random.Between(1, 4);
    }

    private static bool Falls(ref int draw, int perMyriad)
    {
        bool falls = draw >= 0 && draw < perMyriad;
        draw -= perMyriad;
        return falls;
    }

    /// <summary>Outages and restarting meters begin with an event and last beyond it.</summary>
    private void MeetPlanned(Station station, ref StationFaults faults, in ReportedEvent reported)
    {
        if (reported.Sequence < faults.FromSequence || reported.Type == EventType.Started)
        {
            return;
        }

        if (faults.Planned == SessionFaults.Offline)
        {
            faults.OfflineUntilUnixS = reported.TimestampUnixS + faults.Random.Between(OutageSMin, OutageSMax);
            faults.Planned = SessionFaults.None;
        }
        else if (faults.Planned == SessionFaults.MeterReset && station.MeterWh >= RestartableWh && station.ChargesOn)
        {
            station.RestartMeter();
            faults.Planned = SessionFaults.None;
            faults.Met |= SessionFaults.MeterReset;
            MeterResets++;
        }
    }

    private bool IsLost(ref StationFaults faults, in ReportedEvent reported)
    {
        switch (faults.Planned, reported.Type)
        {
            case (SessionFaults.LostStart, EventType.Started):
                LostStarts++;
                faults.Met |= SessionFaults.LostStart;
                return true;
            case (SessionFaults.LostStop, EventType.Ended):
                LostStops++;
                faults.Met |= SessionFaults.LostStop;
                return true;
            case (SessionFaults.LostUpdate, EventType.Updated) when reported.Sequence >= faults.FromSequence:
                LostUpdates++;
                faults.Met |= reported.ChangesState ? SessionFaults.LostStateChange : SessionFaults.LostUpdate;
                faults.Planned = SessionFaults.None;
                return true;
            default:
                return false;
        }
    }

    private void Duplicate(ref StationFaults faults, in ReportedEvent reported, long arrivesUnixS)
    {
        var copy = reported;
        int delayS = faults.Random.Between(1, DuplicateSMax);
        if (faults.Random.Chance(PerMyriad / 2))
        {
            copy.OtherOrder = true;
            copy.Offline = true;
        }

        delayed.Add(copy, arrivesUnixS + delayS);
        faults.Met |= SessionFaults.Duplicate;
        Duplicates++;
    }
}
