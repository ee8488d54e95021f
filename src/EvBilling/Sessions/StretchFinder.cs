using EvBilling.Billing;
using EvBilling.Events;

namespace EvBilling.Sessions;

/// <summary>
/// Divides a session into charging, parking and waiting. SuspendedEV, Idle, and EVConnected after charging are parking; SuspendedEVSE, and EVConnected
/// before charging, are waiting. An event without a state keeps the last; before the first it is charging. Without any state only the tail from the last
/// reading that rose is parking.
/// </summary>
internal readonly struct StretchFinder(AssembledSession session)
{
    /// <summary>For a session known by a lone <c>completed</c>: charging until then, parking from then on.</summary>
    public void ChargeUntil(long chargingEndNs)
    {
        if (session.EndNs < session.StartNs)
        {
            return;
        }
        var clampedNs = Math.Clamp(chargingEndNs, session.StartNs, session.EndNs);
        session.Flags |= clampedNs != chargingEndNs ? BillFlag.ChargingEndOutside : 0;
        Add(session.StartNs, clampedNs, StretchKind.Charging);
        Add(clampedNs, session.EndNs, StretchKind.Parking);
        KeepOne();
    }

    public void Find(ReadOnlySpan<SessionEvent> events)
    {
        var hasStates = false;
        var hasCompleted = false;
        foreach (ref readonly var e in events)
        {
            hasCompleted |= e.Type == ChargingEventType.Completed;
            hasStates |= e.Has(EventMembers.ChargingState) && e.Type != ChargingEventType.Completed;
        }
        if (!hasStates && hasCompleted)
        {
            hasStates = FindFromCompleted(events);
        }
        else if (hasStates)
        {
            FindFromStates(events);
        }
        if (!hasStates)
        {
            FindFromReadings();
        }
        KeepOne();
    }

    private void FindFromStates(ReadOnlySpan<SessionEvent> events)
    {
        var walk = new Walk(this, session);
        foreach (ref readonly var e in events)
        {
            if (e.Has(EventMembers.ChargingState) && e.Has(EventMembers.Timestamp))
            {
                walk.To(e.TimestampNs, e.ChargingState);
            }
        }
        walk.End();
    }

    // Beside events that state no state, a `completed` says when charging ended.
    private bool FindFromCompleted(ReadOnlySpan<SessionEvent> events)
    {
        var states = new List<(long TimeNs, ChargingState State)>();
        foreach (ref readonly var e in events)
        {
            if (e.Type != ChargingEventType.Completed)
            {
                continue;
            }
            if (e.Has(EventMembers.ChargingEndedAt))
            {
                states.Add((e.StartedAtNs, ChargingState.Charging));
                states.Add((e.ChargingEndedAtNs, ChargingState.SuspendedEV));
            }
            if (e.Has(EventMembers.ChargingState) && e.Has(EventMembers.Timestamp))
            {
                states.Add((e.TimestampNs, e.ChargingState));
            }
        }
        if (states.Count == 0)
        {
            return false;
        }
        states.Sort();
        var walk = new Walk(this, session);
        foreach (var (timeNs, state) in states)
        {
            walk.To(timeNs, state);
        }
        walk.End();
        return true;
    }

    private void FindFromReadings()
    {
        var tailNs = session.EndNs;
        var readings = session.ReadingList;
        if (readings.Count > 0)
        {
            var rose = readings.Count - 1;
            while (rose > 0 && readings[rose].EnergyMwh == readings[rose - 1].EnergyMwh)
            {
                rose--;
            }
            session.Flags |= rose > 0 ? BillFlag.ParkingInferred : BillFlag.NoEnergy;
            tailNs = rose > 0 ? readings[rose].TimeNs : tailNs;
        }
        if (session.EndNs >= session.StartNs)
        {
            Add(session.StartNs, tailNs, StretchKind.Charging);
            Add(tailNs, session.EndNs, StretchKind.Parking);
        }
    }

    private void Add(long fromNs, long toNs, StretchKind kind)
    {
        if (fromNs >= toNs)
        {
            return;
        }
        var stretches = session.StretchList;
        if (stretches.Count == 0 || stretches[^1].Kind != kind)
        {
            stretches.Add(new(fromNs, kind));
        }
        switch (kind)
        {
            case StretchKind.Charging:
                session.ChargingNs += toNs - fromNs;
                break;
            case StretchKind.Parking:
                session.ParkingNs += toNs - fromNs;
                break;
            default:
                session.WaitingNs += toNs - fromNs;
                break;
        }
    }

    // A session of no length still has one stretch, so that it has one charging period.
    private void KeepOne()
    {
        if (session.StretchList.Count == 0)
        {
            session.StretchList.Add(new(session.StartNs, StretchKind.Charging));
        }
    }

    private struct Walk(StretchFinder finder, AssembledSession session)
    {
        private long _fromNs = session.StartNs;
        private ChargingState _state = ChargingState.Charging;
        private bool _hasCharged;

        public void To(long timeNs, ChargingState state)
        {
            if (timeNs > session.EndNs)
            {
                return;
            }
            Close(timeNs);
            _state = state;
        }

        public void End() => Close(session.EndNs);

        private void Close(long toNs)
        {
            if (toNs <= _fromNs)
            {
                return;
            }
            finder.Add(_fromNs, toNs, Kind());
            _hasCharged |= _state == ChargingState.Charging;
            _fromNs = toNs;
        }

        private readonly StretchKind Kind() => _state switch
        {
            ChargingState.Charging => StretchKind.Charging,
            ChargingState.SuspendedEV or ChargingState.Idle => StretchKind.Parking,
            ChargingState.EVConnected => _hasCharged ? StretchKind.Parking : StretchKind.Waiting,
            _ => StretchKind.Waiting,
        };
    }
}
