using EvBilling.Billing;
using EvBilling.Events;
using EvBilling.Rating;

namespace EvBilling.Sessions;

/// <summary>
/// Turns the set of a session's events into what happened: start and end, energy, charging, parking and waiting time, and what is odd about it.
/// The rules are those of docs/session.md; the result depends on the set alone. One assembler serves one thread, session after session.
/// </summary>
/// <param name="parkingStates">Which states are PARKING_TIME.</param>
public sealed class SessionAssembler(ParkingStatesRule parkingStates = ParkingStatesRule.Driver)
{
    // 1e-9 kW in a mW, and 1e-9 A in a mA.
    private const long NanoKwPerMw = 1_000;
    private const long NanoPerMilli = 1_000_000;

    private const long ClockJumpNs = 60 * Rfc3339.NsPerSecond;

    private readonly AssembledSession _result = new();
    private readonly ReadingCounter _readings = new();
    private readonly List<(long TimeNs, ChargingState State)> _points = [];
    private SessionEvent[] _events = new SessionEvent[64];
    private SessionRecord _record = null!;
    private int _count;
    private int _reported;

    /// <summary>Reads a record's events and takes from them which connector, token and tariff, and when it started.</summary>
    public AssembledSession Begin(SessionRecord record)
    {
        _record = record;
        _count = record.Decode(ref _events);
        _result.Clear();
        _result.HasEnded = record.HasEnded;
        _reported = 0;
        foreach (ref readonly var e in Events)
        {
            _reported += e.Type != ChargingEventType.Completed ? 1 : 0;
            if (e.IsConflicting)
            {
                _result.Flags |= BillFlag.ConflictingDuplicate;
            }
        }
        FindCompletedThatDiffer();
        FindFacts();
        FindStartAndEnd();
        return _result;
    }

    /// <summary>Completes what <see cref="Begin"/> began.</summary>
    /// <param name="isClosed">Whether the close policy has marked the session closed; a reported end replaces the mark.</param>
    /// <param name="maxPowerMw">The connector's greatest power in milliwatts.</param>
    /// <param name="maxSessionNs">The longest session that is believed, inclusive.</param>
    public AssembledSession Complete(bool isClosed, long maxPowerMw, long maxSessionNs)
    {
        if (isClosed && !_result.HasEnded)
        {
            _result.Flags |= BillFlag.ClosedByPolicy;
        }
        var isOver = isClosed || _result.HasEnded;
        if (_reported > 0)
        {
            FindClockJump();
            CountReadings();
        }
        else
        {
            _result.IsEnergyKnown = Events[0].Has(EventMembers.Energy);
            _result.EnergyMwh = Events[0].EnergyMwh;
        }
        FindStretches();
        if (isOver)
        {
            Judge(maxPowerMw, maxSessionNs);
        }
        return _result;
    }

    /// <summary>The least and greatest power and current that the events of the last session report in each period.</summary>
    internal void Measure(ReadOnlySpan<RatingPeriod> periods, List<PeriodMeasures> to)
    {
        for (var i = 0; i < periods.Length; i++)
        {
            var untilNs = i + 1 < periods.Length ? periods[i + 1].StartUnixNs : long.MaxValue;
            PeriodMeasures measures = default;
            foreach (ref readonly var e in Events)
            {
                if (e.Has(EventMembers.Timestamp) && e.TimestampNs >= periods[i].StartUnixNs && e.TimestampNs < untilNs)
                {
                    measures = measures.With(
                        e.Has(EventMembers.Power) ? e.PowerMw * NanoKwPerMw : null, e.Has(EventMembers.Current) ? e.CurrentMa * NanoPerMilli : null);
                }
            }
            to.Add(measures);
        }
    }

    private Span<SessionEvent> Events => _events.AsSpan(0, _count);

    private void FindCompletedThatDiffer()
    {
        var first = -1;
        for (var i = 0; i < _count && _reported < _count; i++)
        {
            if (_events[i].Type == ChargingEventType.Completed)
            {
                if (first >= 0 && !EventIdentity.SameContent(_events[first], _events[i]))
                {
                    _result.Flags |= BillFlag.ConflictingDuplicate;
                }
                first = first < 0 ? i : first;
            }
        }
    }

    // The first stated counts: `started` events first, then the others in order, then `completed` ones.
    private void FindFacts()
    {
        foreach (ref readonly var e in Events)
        {
            if (e.Type == ChargingEventType.Started)
            {
                TakeFacts(e, true);
            }
        }
        foreach (ref readonly var e in Events)
        {
            if (e.Type is ChargingEventType.Updated or ChargingEventType.Ended)
            {
                TakeFacts(e, true);
            }
        }
        if (_reported < _count)
        {
            foreach (ref readonly var e in Events)
            {
                if (e.Type == ChargingEventType.Completed)
                {
                    TakeFacts(e, _reported == 0);
                }
            }
        }
    }

    private void TakeFacts(in SessionEvent e, bool withTariff)
    {
        _result.LocationText = Take(_result.LocationText, e.LocationText, BillFlag.SeveralConnectors);
        _result.StationText = Take(_result.StationText, e.StationText, BillFlag.SeveralConnectors);
        _result.EvseText = Take(_result.EvseText, e.EvseText, BillFlag.SeveralConnectors);
        _result.ConnectorText = Take(_result.ConnectorText, e.ConnectorText, BillFlag.SeveralConnectors);
        _result.TokenText = Take(_result.TokenText, e.TokenText, BillFlag.SeveralTokens);
        if (withTariff)
        {
            _result.TariffText = Take(_result.TariffText, e.TariffText, BillFlag.SeveralTariffs);
        }
    }

    private int Take(int first, int stated, BillFlag several)
    {
        if (first != 0 && stated != 0 && first != stated)
        {
            _result.Flags |= several;
        }
        return first != 0 ? first : stated;
    }

    private void FindStartAndEnd()
    {
        if (_reported == 0)
        {
            _result.StartNs = Events[0].StartedAtNs;
            _result.EndNs = _result.LastEventNs = Events[0].EndedAtNs;
            return;
        }
        var (starts, ends) = (0, 0);
        var (firstNs, startNs, endNs) = (long.MaxValue, long.MaxValue, long.MinValue);
        foreach (ref readonly var e in Events)
        {
            if (e.Type == ChargingEventType.Completed)
            {
                continue;
            }
            firstNs = Math.Min(firstNs, e.TimestampNs);
            _result.LastEventNs = Math.Max(_result.LastEventNs, e.TimestampNs);
            if (e.Type == ChargingEventType.Started)
            {
                starts++;
                startNs = Math.Min(startNs, e.TimestampNs);
            }
            else if (e.Type == ChargingEventType.Ended)
            {
                ends++;
                endNs = Math.Max(endNs, e.TimestampNs);
            }
        }
        _result.StartNs = starts > 0 ? startNs : firstNs;
        _result.EndNs = ends > 0 ? endNs : _result.LastEventNs;
        _result.Flags |= (starts == 0 ? BillFlag.StartMissing : 0)
            | (starts > 1 ? BillFlag.SeveralStarts : 0)
            | (ends > 1 ? BillFlag.SeveralEnds : 0);
    }

    // Events are ordered by time: a jump is a sequence number whose time lies more than a minute before the newest of all smaller ones.
    private void FindClockJump()
    {
        long greatest = -1;
        var ordered = true;
        foreach (ref readonly var e in Events)
        {
            if (e.Has(EventMembers.SequenceNumber) && e.Type != ChargingEventType.Completed)
            {
                ordered &= e.SequenceNumber >= greatest;
                greatest = Math.Max(greatest, e.SequenceNumber);
            }
        }
        if (!ordered && HasClockJump())
        {
            _result.Flags |= BillFlag.ClockJump;
        }
    }

    private bool HasClockJump()
    {
        var numbered = new List<(long SequenceNumber, long TimeNs)>();
        foreach (ref readonly var e in Events)
        {
            if (e.Has(EventMembers.SequenceNumber) && e.Type != ChargingEventType.Completed)
            {
                numbered.Add((e.SequenceNumber, e.TimestampNs));
            }
        }
        numbered.Sort();
        var newestOfSmaller = long.MinValue;
        for (var i = 0; i < numbered.Count;)
        {
            var newest = newestOfSmaller;
            var number = numbered[i].SequenceNumber;
            for (; i < numbered.Count && numbered[i].SequenceNumber == number; i++)
            {
                if (newestOfSmaller != long.MinValue && newestOfSmaller - numbered[i].TimeNs > ClockJumpNs)
                {
                    return true;
                }
                newest = Math.Max(newest, numbered[i].TimeNs);
            }
            newestOfSmaller = newest;
        }
        return false;
    }

    private void CountReadings()
    {
        _readings.Clear();
        var startHasReading = true;
        var isFirstStart = true;
        var isForward = _result.EndNs >= _result.StartNs;
        foreach (ref readonly var e in Events)
        {
            if (e.Type == ChargingEventType.Completed)
            {
                continue;
            }
            if (e.Type == ChargingEventType.Started && isFirstStart)
            {
                isFirstStart = false;
                startHasReading = e.Has(EventMembers.Meter);
            }
            if (!e.Has(EventMembers.Meter))
            {
                continue;
            }
            if (e.TimestampNs < _result.StartNs)
            {
                _result.Flags |= BillFlag.ReadingBeforeStart;
            }
            else if (e.TimestampNs > _result.EndNs && isForward)
            {
                _result.Flags |= BillFlag.ReadingAfterEnd;
            }
            else
            {
                _readings.Add(e.TimestampNs, e.MeterMwh);
            }
        }
        _result.Flags |= _readings.Count(_result.ReadingList);
        if (_result.ReadingList.Count > 0)
        {
            _result.IsEnergyKnown = true;
            _result.EnergyMwh = _result.ReadingList[^1].EnergyMwh;
            _result.Flags |= startHasReading ? 0 : BillFlag.StartReadingMissing;
        }
    }

    private void FindStretches()
    {
        var finder = new StretchFinder(_result, _points, parkingStates);
        if (_reported == 0)
        {
            finder.ChargeUntil(Events[0].Has(EventMembers.ChargingEndedAt) ? Events[0].ChargingEndedAtNs : null);
        }
        else
        {
            finder.Find(Events);
        }
    }

    private void Judge(long maxPowerMw, long maxSessionNs)
    {
        var durationNs = _result.EndNs - _result.StartNs;
        if (durationNs < 0)
        {
            _result.Flags |= BillFlag.NegativeDuration;
        }
        if (durationNs > maxSessionNs)
        {
            _result.Flags |= BillFlag.ImplausibleDuration;
        }
        if (!_result.IsEnergyKnown)
        {
            _result.Flags |= BillFlag.NoReadings;
        }
        else if (EnergyLimit.IsImplausible(_result, maxPowerMw))
        {
            _result.Flags |= BillFlag.ImplausibleEnergy;
        }
    }
}
