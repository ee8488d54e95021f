namespace EvBilling.Simulator;

/// <summary>
/// One station with its connector: cars come, charge, stand and leave. It always knows its next event; <see cref="Take"/> reports it, then
/// <see cref="PlanNext"/> works out the one after. All times are Unix seconds.
/// </summary>
internal sealed class Station
{
    private const int JoulesPerWh = 3_600;
    private const int ChangeoverS = 120;
    private const ulong DriverStream = 0x70_6B_65_6E;

    private readonly Site _site;
    private readonly int _index;
    private readonly long _limitUnixS;
    private readonly ulong _households;
    private readonly int _drivers;

    private SplitMix64 _random;
    private Battery _battery;
    private int _voltageV;
    private ulong _token;
    private ChargingState _state;
    private Step _next;
    private long _startUnixS;
    private long _leaveUnixS;
    private long _chargeFromUnixS;
    private long _pauseUnixS;
    private int _pauseS;
    private int _parkedS;
    private int _powerW;
    private long _registerJ;
    private long _restartedAtWh;

    public StationFaults Faults;

    /// <param name="site">Where it stands.</param>
    /// <param name="index">Its number in the fleet, from 0.</param>
    /// <param name="seed">The fleet's.</param>
    /// <param name="startUnixS">When the connector becomes free.</param>
    /// <param name="limitUnixS">What happens from here on is not looked at.</param>
    /// <param name="drivers">How many drivers the fleet has.</param>
    public Station(Site site, int index, ulong seed, long startUnixS, long limitUnixS, int drivers)
    {
        _site = site;
        _index = index;
        _limitUnixS = limitUnixS;
        _drivers = drivers;
        _households = SplitMix64.Derive(seed, (3 * (ulong)index) + 2);
        _random = new SplitMix64(SplitMix64.Derive(seed, 3 * (ulong)index));
        Faults = new StationFaults(SplitMix64.Derive(seed, (3 * (ulong)index) + 1));
        _registerJ = (long)_random.Between(500_000, 40_000_000) * JoulesPerWh;
        PlanArrival(startUnixS);
    }

    private enum Step : byte
    {
        Arrive,
        Report,
        BeginCharging,
        Pause,
        Resume,
        Fill,
        Leave,
    }

    /// <summary>When its next event happens.</summary>
    public long NextUnixS { get; private set; }

    /// <summary>What has happened in the running session, up to the event last taken.</summary>
    public SessionLedger Ledger { get; private set; }

    /// <summary>The register as it stands in the event last taken, Wh.</summary>
    public long MeterWh => (_registerJ / JoulesPerWh) - _restartedAtWh;

    /// <summary>Whether the car surely charges on for several more readings.</summary>
    public bool ChargesOn
    {
        get
        {
            long soonS = 4L * _site.Profile.ReportS;
            return _state == ChargingState.Charging && _leaveUnixS - NextUnixS > soonS && _battery.MissingJ > soonS * _battery.PowerW;
        }
    }

    /// <summary>The register restarts at 0 right after the reading last taken: no energy is lost between readings.</summary>
    public void RestartMeter() => _restartedAtWh = _registerJ / JoulesPerWh;

    /// <summary>Reports the next event.</summary>
    public void Take(out ReportedEvent reported)
    {
        var before = _state;
        var type = EventType.Updated;
        var trigger = TriggerReason.ChargingStateChanged;
        var stopped = StoppedReason.None;
        switch (_next)
        {
            case Step.Arrive:
                type = EventType.Started;
                _state = _chargeFromUnixS > NextUnixS ? ChargingState.EVConnected : ChargingState.Charging;
                trigger = _state == ChargingState.Charging ? TriggerReason.Authorized : TriggerReason.CablePluggedIn;
                Ledger = SessionLedger.Begin(_index, Ledger.Session + 1, NextUnixS, _registerJ / JoulesPerWh);
                break;
            case Step.BeginCharging or Step.Resume:
                _state = ChargingState.Charging;
                break;
            case Step.Pause:
                _state = ChargingState.SuspendedEVSE;
                break;
            case Step.Fill:
                _state = ChargingState.SuspendedEV;
                break;
            case Step.Leave:
                type = EventType.Ended;
                (_state, trigger, stopped) = Departure();
                break;
            default:
                trigger = _site.Profile.Connector.IsDc ? TriggerReason.MeterValuePeriodic : TriggerReason.MeterValueClock;
                break;
        }

        reported = new ReportedEvent
        {
            Site = _site,
            Station = _index,
            Session = Ledger.Session,
            Sequence = Ledger.Events,
            TimestampUnixS = NextUnixS,
            Token = _token,
            Type = type,
            State = _state,
            Trigger = trigger,
            StoppedReason = stopped,
            MeterWh = MeterWh,
            PowerW = _powerW,
            CurrentTenthsA = _powerW * 10 / _voltageV,
            ChangesState = _state != before,
        };
        Ledger = Ledger.With(before, NextUnixS, _registerJ / JoulesPerWh);
    }

    /// <summary>Works out the event after the one taken.</summary>
    public void PlanNext()
    {
        long now = NextUnixS;
        _powerW = 0;
        switch (_state)
        {
            case ChargingState.Charging:
                PlanWhileCharging(now);
                break;
            case ChargingState.EVConnected when _next != Step.Leave:
                Plan(Step.Report, NextReport(now, _site.Profile.ReportS));
                PlanIfSooner(Step.BeginCharging, _chargeFromUnixS);
                PlanIfSooner(Step.Leave, _leaveUnixS);
                break;
            case ChargingState.SuspendedEVSE:
                Plan(Step.Report, NextReport(now, _site.Profile.ReportS));
                PlanIfSooner(Step.Resume, _pauseUnixS + _pauseS);
                PlanIfSooner(Step.Leave, _leaveUnixS);
                break;
            case ChargingState.SuspendedEV:
                Plan(Step.Report, NextReport(now, _site.Profile.ParkedReportS));
                PlanIfSooner(Step.Leave, _leaveUnixS);
                break;
            default:
                PlanArrival(now + ChangeoverS);
                break;
        }
    }

    private (ChargingState State, TriggerReason Trigger, StoppedReason Stopped) Departure()
    {
        if (_state != ChargingState.Charging)
        {
            return (ChargingState.Idle, TriggerReason.EVDeparted, StoppedReason.EVDisconnected);
        }

        return _random.Chance(3_000)
            ? (ChargingState.EVConnected, TriggerReason.RemoteStop, StoppedReason.Remote)
            : (ChargingState.EVConnected, TriggerReason.StopAuthorized, StoppedReason.Local);
    }

    private void PlanArrival(long fromUnixS)
    {
        _state = ChargingState.Idle;
        Plan(Step.Arrive, _site.Profile.Arrivals.NextUnixS(ref _random, fromUnixS, _limitUnixS, _site.Place.StandardOffsetH));
        if (NextUnixS >= _limitUnixS)
        {
            return;
        }

        bool home = _site.Profile.Kind == SiteKind.HomeAc;
        _token = home ? _households : SplitMix64.Derive(DriverStream, (ulong)_random.Below(_drivers));
        var visit = Visit.Draw(ref _random, new SplitMix64(home ? _households : _random.Next()), _site.Profile);
        _battery = new Battery(visit);
        _voltageV = visit.VoltageV;
        _startUnixS = NextUnixS;
        _chargeFromUnixS = _startUnixS + visit.WaitS;
        _leaveUnixS = _startUnixS + visit.StayS;
        _pauseUnixS = visit.PauseAfterS > 0 ? _chargeFromUnixS + visit.PauseAfterS : long.MaxValue;
        _pauseS = visit.PauseS;
        _parkedS = visit.ParkedS;
    }

    private void PlanWhileCharging(long now)
    {
        Plan(Step.Report, NextReport(now, _site.Profile.ReportS));
        PlanIfSooner(Step.Pause, _pauseUnixS > now ? _pauseUnixS : long.MaxValue);
        PlanIfSooner(Step.Leave, _leaveUnixS);

        int stepS = _site.Profile.Connector.IsDc ? 60 : 300;
        while (now < NextUnixS)
        {
            // The battery's power is taken as constant over a step, short of at most 1 % that other consumers in the car make.
            int powerW = _battery.PowerW * _random.Between(990, 1_000) / 1_000;
            now += _battery.Charge(powerW, (int)Math.Min(stepS, NextUnixS - now), out long energyJ);
            _registerJ += energyJ;
            _powerW = powerW;
            if (_battery.MissingJ == 0)
            {
                Plan(Step.Fill, now);
                _powerW = 0;

                // On DC the driver waits for the car; elsewhere it stands until the driver is back.
                _leaveUnixS = _site.Profile.Connector.IsDc ? now + _parkedS : Math.Max(_leaveUnixS, now + 30);
                return;
            }
        }
    }

    private void Plan(Step step, long atUnixS)
    {
        _next = step;
        NextUnixS = atUnixS;
    }

    private void PlanIfSooner(Step step, long atUnixS)
    {
        // A change at the moment of a report takes its place: one event tells both.
        if (atUnixS <= NextUnixS)
        {
            Plan(step, atUnixS);
        }
    }

    /// <summary>AC stations report at the clock's quarters and hours, DC stations by the session's own time.</summary>
    private long NextReport(long now, int intervalS)
    {
        long anchor = _site.Profile.Connector.IsDc ? _startUnixS : 0;
        return now + intervalS - ((now - anchor) % intervalS);
    }
}
