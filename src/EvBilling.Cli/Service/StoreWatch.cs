using EvBilling.Engine;

namespace EvBilling.Cli.Service;

/// <summary>What the store holds, as it last answered.</summary>
internal sealed record StoreFigures(StoreCounts Counts, DateTimeOffset At);

/// <summary>
/// Asks the store every few seconds, aside from the pipeline and on a connection of its own: for figures, and to know whether it answers where no commit is
/// due. While the pipeline does not run it asks nothing: the pipeline itself then says how the store is.
/// </summary>
internal sealed class StoreWatch : IDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AnswersWithin = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan EndsWithin = TimeSpan.FromSeconds(1);

    private readonly Func<IBillStore> _openToRead;
    private readonly ServiceState _state;
    private readonly TimeProvider _time;
    private readonly Action<string?> _whenChanged;
    private readonly CancellationTokenSource _stop = new();
    private readonly Thread _thread;
    private IBillStore? _store;
    private StoreFigures? _latest;
    private long _askedAt;
    private volatile bool _isAsking;
    private volatile bool _hasFailed;

    /// <param name="openToRead">Opens the store to read; it is called again after a failure.</param>
    /// <param name="whenChanged">Is told of a failure, once; and null when the store answers again.</param>
    public StoreWatch(Func<IBillStore> openToRead, ServiceState state, TimeProvider time, Action<string?> whenChanged)
    {
        (_openToRead, _state, _time, _whenChanged) = (openToRead, state, time, whenChanged);
        _thread = new Thread(Watch) { Name = "store watch", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Null = it was not asked yet.</summary>
    public StoreFigures? Latest => Volatile.Read(ref _latest);

    public bool IsReachable => !_hasFailed && !(_isAsking && _time.GetElapsedTime(Volatile.Read(ref _askedAt)) > AnswersWithin);

    public void Dispose()
    {
        _stop.Cancel();
        // A store that does not answer is left behind.
        if (_thread.Join(EndsWithin))
        {
            _store?.Dispose();
            _stop.Dispose();
        }
    }

    private void Watch()
    {
        do
        {
            if (_state.Phase != ServicePhase.Running)
            {
                Close();
                _hasFailed = false;
            }
            else if (_askedAt == 0 || _time.GetElapsedTime(_askedAt) >= AskEvery)
            {
                Volatile.Write(ref _askedAt, _time.GetTimestamp());
                _isAsking = true;
                Ask();
                _isAsking = false;
            }
        }
        while (!_stop.Token.WaitHandle.WaitOne(LookEvery));
    }

    private void Ask()
    {
        string? failure = null;
        try
        {
            _store ??= _openToRead();
            Volatile.Write(ref _latest, new(_store.ReadCounts(), _time.GetUtcNow()));
        }
        catch (Exception e)
        {
            // Whatever it is: to look on must not end the service.
            failure = e is BillStoreException ? e.Message : e.GetType().Name;
            Close();
        }
        var hasFailed = failure is not null;
        if (_hasFailed != hasFailed)
        {
            _hasFailed = hasFailed;
            _whenChanged(failure);
        }
    }

    private void Close()
    {
        try
        {
            _store?.Dispose();
        }
        catch (BillStoreException)
        {
            // It is given up anyway.
        }
        _store = null;
    }
}
