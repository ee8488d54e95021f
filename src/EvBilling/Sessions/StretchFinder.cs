using EvBilling.Billing;
using EvBilling.Events;
using EvBilling.Rating;

namespace EvBilling.Sessions;

/// <summary>
/// Divides a session into charging, parking and waiting. SuspendedEV, Idle, and EVConnected after charging are parking; SuspendedEVSE, and EVConnected
/// before charging, are waiting. An event without a state keeps the last; before the first it is charging. Without any state only the tail from the last
/// reading that rose is parking.
/// </summary>
/// <param name="parkingStates">Rule <c>parking_states</c>: with All what waits is parking.</param>
internal readonly struct StretchFinder(AssembledSession session, List<(long TimeNs, ChargingState State)> points, ParkingStatesRule parkingStates)
{
    /// <summary>For a session known by a lone <c>completed</c>: charging until then, parking from then on.</summary>
    /// <param name="statedNs">Null: it charged until the session's end.</param>
    public void ChargeUntil(long? statedNs)
    {
        var chargingEndNs = statedNs ?? session.EndNs;
        session.Flags |= statedNs < session.StartNs || statedNs > session.EndNs ? BillFlag.ChargingEndOutside : 0;
        if (session.EndNs < session.StartNs)
        {
            KeepOne();
            return;
        }
        var clampedNs = Math.Clamp(chargingEndNs, session.StartNs, session.EndNs);
        Add(session.StartNs, clampedNs, StretchKind.Charging);
        Add(clampedNs, session.EndNs, StretchKind.Parking);
        KeepOne();
    }

    public void Find(ReadOnlySpan<SessionEvent> events)
    {
        var isStated = false;
        var hasCompleted = false;
        foreach (ref readonly var e in events)
        {
            hasCompleted |= e.Type == ChargingEventType.Completed;
            isStated |= e.Has(EventMembers.ChargingState) && e.Type != ChargingEventType.Completed;
        }
        points.Clear();
        foreach (ref readonly var e in events)
        {
            if (e.Type != ChargingEventType.Completed)
            {
                AddPoint(e);
            }
            else if (!isStated)
            {
                AddPointsOfCompleted(e);
            }
        }
        if (points.Count == 0)
        {
            FindFromReadings();
        }
        else
        {
            // Events are in order of time; only what a `completed` adds is not. The sort keeps the order of equals.
            FindFromStates(hasCompleted ? points.OrderBy(point => point.TimeNs) : points);
        }
        KeepOne();
    }

    private void FindFromStates(IEnumerable<(long TimeNs, ChargingState State)> inOrder)
    {
        var walk = new Walk(this, session);
        foreach (var (timeNs, state) in inOrder)
        {
            walk.To(timeNs, state);
        }
        walk.End();
    }

    private void AddPoint(in SessionEvent e)
    {
        if (e.Has(EventMembers.ChargingState) && e.Has(EventMembers.Timestamp))
        {
            AddPoint(e.TimestampNs, e.ChargingState);
        }
    }

    // Beside events that state no state, a `completed` says until when energy flowed.
    private void AddPointsOfCompleted(in SessionEvent e)
    {
        AddPoint(e.StartedAtNs, ChargingState.Charging);
        if (e.Has(EventMembers.ChargingEndedAt))
        {
            AddPoint(e.ChargingEndedAtNs, ChargingState.SuspendedEV);
        }
        AddPoint(e);
    }

    // What was stated after the end says nothing about the session; an end before the start bounds nothing.
    private void AddPoint(long timeNs, ChargingState state)
    {
        if (timeNs <= session.EndNs || session.EndNs < session.StartNs)
        {
            points.Add((timeNs, state));
        }
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
        kind = kind == StretchKind.Waiting && parkingStates == ParkingStatesRule.All ? StretchKind.Parking : kind;
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
            Close(Math.Min(timeNs, session.EndNs));
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
