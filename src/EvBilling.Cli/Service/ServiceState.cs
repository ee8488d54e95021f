using EvBilling.Engine;

namespace EvBilling.Cli.Service;

/// <summary>How far the service is.</summary>
internal enum ServicePhase
{
    /// <summary>Store and log are being opened.</summary>
    Starting,

    /// <summary>Events are read and billed.</summary>
    Running,

    /// <summary>Something failed, and is tried again after a pause.</summary>
    Waiting,

    /// <summary>Told to stop; what was read is committed first.</summary>
    Stopping,
}

/// <summary>What is waited for.</summary>
internal enum WaitReason
{
    /// <summary>Nothing.</summary>
    None,

    Store,

    Log,
}

/// <summary>How the service is: set by what runs the pipeline, read by whoever asks over HTTP.</summary>
internal sealed class ServiceState(TimeProvider time)
{
    // A commit may wait long for a busy database, but not as long as this.
    private static readonly TimeSpan AliveWithin = TimeSpan.FromMinutes(5);

    private readonly Lock _lock = new();
    private ServicePhase _phase;
    private WaitReason _reason;
    private long _since = time.GetTimestamp();
    private long _restarts;

    /// <summary>Counted over all restarts of the pipeline.</summary>
    public RunCounters Counters { get; } = new();

    /// <summary>Is told of each change; set before the first.</summary>
    public Action<ServicePhase>? Changed { get; set; }

    /// <summary>Whether the store answered when it was last asked.</summary>
    public Func<bool> IsStoreReachable { get; set; } = static () => true;

    /// <summary>Whether the log can be read, as far as its client knows.</summary>
    public Func<bool> IsLogReachable { get; set; } = static () => true;

    public ServicePhase Phase => Now.Phase;

    /// <summary>What keeps it from being ready.</summary>
    public WaitReason Reason
    {
        get
        {
            var (phase, reason) = Now;
            return phase switch
            {
                ServicePhase.Waiting => reason,
                ServicePhase.Running when !IsStoreReachable() => WaitReason.Store,
                ServicePhase.Running when !IsLogReachable() => WaitReason.Log,
                _ => WaitReason.None,
            };
        }
    }

    /// <summary>How often the pipeline was started again after a failure.</summary>
    public long Restarts => Volatile.Read(ref _restarts);

    /// <summary>How long it has been in its phase.</summary>
    public TimeSpan InPhase
    {
        get
        {
            lock (_lock)
            {
                return time.GetElapsedTime(_since);
            }
        }
    }

    /// <summary>False where the pipeline should run but shows no sign of life: only a new process helps.</summary>
    public bool IsAlive => Phase != ServicePhase.Running || InPhase < AliveWithin || time.GetElapsedTime(Counters.AliveTimestamp) < AliveWithin;

    /// <summary>One word for <c>/health</c>.</summary>
    public string Health => IsAlive ? "ok" : "failing";

    /// <summary>One word for <c>/ready</c>.</summary>
    public string Readiness => Phase switch
    {
        ServicePhase.Running => Reason == WaitReason.None ? "ready" : "waiting",
        ServicePhase.Starting => "starting",
        ServicePhase.Waiting => "waiting",
        _ => "stopping",
    };

    public void Starting() => Enter(ServicePhase.Starting);

    /// <summary>Store and log are open, and the run begins.</summary>
    public void Running() => Enter(ServicePhase.Running);

    public void Waiting(WaitReason reason) => Enter(ServicePhase.Waiting, reason);

    /// <summary>For good: no other phase follows.</summary>
    public void Stopping() => Enter(ServicePhase.Stopping);

    public void CountRestart() => Interlocked.Increment(ref _restarts);

    private (ServicePhase Phase, WaitReason Reason) Now
    {
        get
        {
            lock (_lock)
            {
                return (_phase, _reason);
            }
        }
    }

    private void Enter(ServicePhase phase, WaitReason reason = WaitReason.None)
    {
        lock (_lock)
        {
            if (_phase == ServicePhase.Stopping || (_phase == phase && _reason == reason))
            {
                return;
            }
            (_phase, _reason, _since) = (phase, reason, time.GetTimestamp());
        }
        Changed?.Invoke(phase);
    }
}
