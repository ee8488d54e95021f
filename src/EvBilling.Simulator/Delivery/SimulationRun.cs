namespace EvBilling.Simulator;

/// <summary>One pass over a fleet: merges its stations' events by time of arrival.</summary>
internal sealed class SimulationRun
{
    private const int EventsBetweenProgress = 1 << 16;
    private const int SecondsAnHour = 3_600;
    private const int DriversPerStation = 6;

    // The year 2500, after every start: what is drawn never depends on it.
    private const long NeverUnixS = 16_725_225_600;

    private readonly SimulationOptions _options;
    private readonly long _startUnixS;
    private readonly long _endUnixS;
    private readonly int _stride;
    private readonly Station[] _stations;
    private readonly StationQueue _queue;
    private readonly DelayedEvents _delayed = new();
    private readonly FieldFaults? _faults;
    private readonly Deliverer _deliverer;
    private readonly TruthWriter? _truth;
    private long _queuedMax;
    private long _sessions;
    private long _sessionsEnded;

    public SimulationRun(SimulationOptions options, IEventSink to, Stream? truth)
    {
        _options = options;
        _startUnixS = options.Start.ToUnixTimeSeconds();
        _endUnixS = options.NoEnd ? NeverUnixS : _startUnixS + ((long)options.Hours * SecondsAnHour);
        _faults = options.Faults == FaultProfile.Field ? new FieldFaults(_delayed) : null;
        _deliverer = new Deliverer(options, to);
        _truth = truth is null ? null : new TruthWriter(truth);

        int first = options.Shard ?? 0;
        _stride = options.Shard is null ? 1 : options.Shards;
        _stations = BuildStations(first);
        _queue = new StationQueue(_stations.Length);
        for (int at = 0; at < _stations.Length; at++)
        {
            if (_stations[at].NextUnixS < _endUnixS)
            {
                _queue.Add(StationQueue.Key(_stations[at].NextUnixS, first + (at * _stride)));
            }
        }
    }

    public SimulationSummary Run(Action<long, int>? progress, CancellationToken cancellation)
    {
        long step = 0;
        while (!cancellation.IsCancellationRequested)
        {
            long next = _queue.Least;
            long delayed = _delayed.Least;
            if (delayed <= next)
            {
                if (delayed == long.MaxValue)
                {
                    break;
                }

                // What is still held back when the simulated time ends arrives nevertheless: it happened within.
                var held = _delayed.Take();
                _deliverer.Deliver(ref held, StationQueue.TimeS(delayed));
            }
            else
            {
                Advance(next);
            }

            _queuedMax = Math.Max(_queuedMax, (long)_queue.Count + _delayed.Count);
            if (progress is not null && ++step % EventsBetweenProgress == 0)
            {
                progress(_deliverer.Events, DonePerMille(StationQueue.TimeS(Math.Min(next, delayed))));
            }
        }

        _truth?.Flush();
        if (!cancellation.IsCancellationRequested)
        {
            progress?.Invoke(_deliverer.Events, 1_000);
        }

        return Summary(cancellation.IsCancellationRequested);
    }

    private Station[] BuildStations(int first)
    {
        var sites = SitePlan.Deal(_options.Stations, _options.Seed);
        var stations = new Station[Math.Max(0, (_options.Stations - first + _stride - 1) / _stride)];
        int drivers = _options.Stations * DriversPerStation;
        foreach (var site in sites)
        {
            for (int index = site.FirstStation; index < site.FirstStation + site.Stations; index++)
            {
                if (index % _stride == first % _stride)
                {
                    stations[index / _stride] =
                        new Station(site, index, unchecked((ulong)_options.Seed), _startUnixS, _endUnixS, drivers);
                }
            }
        }

        return stations;
    }

    private void Advance(long key)
    {
        var station = _stations[StationQueue.Station(key) / _stride];
        station.Take(out var reported);
        if (_faults is null || _faults.ArrivesNow(station, ref reported))
        {
            _deliverer.Deliver(ref reported, reported.TimestampUnixS);
        }

        if (reported.Type == EventType.Started)
        {
            _sessions++;
        }
        else if (reported.Type == EventType.Ended)
        {
            _sessionsEnded++;
            _truth?.Write(station.Ledger, station.Faults.Met);
        }

        station.PlanNext();
        if (station.NextUnixS < _endUnixS)
        {
            _queue.ReplaceLeast(StationQueue.Key(station.NextUnixS, StationQueue.Station(key)));
        }
        else
        {
            _queue.RemoveLeast();
        }
    }

    private int DonePerMille(long unixS) => (int)Math.Clamp((unixS - _startUnixS) * 1_000 / (_endUnixS - _startUnixS), 0, 1_000);

    private SimulationSummary Summary(bool cancelled) => new()
    {
        Events = _deliverer.Events,
        Bytes = _deliverer.Bytes,
        Sessions = _sessions,
        SessionsEnded = _sessionsEnded,
        Duplicates = _faults?.Duplicates ?? 0,
        Late = _faults?.Late ?? 0,
        Reordered = _faults?.Reordered ?? 0,
        LostStops = _faults?.LostStops ?? 0,
        LostStarts = _faults?.LostStarts ?? 0,
        LostUpdates = _faults?.LostUpdates ?? 0,
        MeterResets = _faults?.MeterResets ?? 0,
        QueuedMax = _queuedMax,
        Cancelled = cancelled,
    };
}
