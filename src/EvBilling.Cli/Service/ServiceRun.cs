using EvBilling.Engine;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace EvBilling.Cli.Service;

/// <summary>A run with all that makes it a service: its state, what is served over HTTP, its log, and how it goes on after failures.</summary>
internal sealed class ServiceRun : IDisposable
{
    private readonly ServiceOptions _options;
    private readonly TimeProvider _time;
    private readonly CancellationToken _stop;
    private readonly ILoggerFactory? _loggers;
    private readonly BatchLog _batches;
    private readonly StoreWatch? _watch;
    private readonly ServiceEndpoint? _endpoint;
    private readonly CancellationTokenRegistration _stopping;
    private readonly long _started;

    private ServiceRun(ServiceOptions options, Func<IBillStore> openToRead, TimeProvider time, CancellationToken stop)
    {
        (_options, _time, _stop) = (options, time, stop);
        _started = time.GetTimestamp();
        _loggers = options.Follow ? ServiceLogging.Create(options.Format, options.Level) : null;
        Logger = _loggers?.CreateLogger("evbilling") ?? NullLogger.Instance;
        State = new ServiceState(time) { Changed = Changed };
        _batches = new BatchLog(Logger, time);
        TopicLog = new TopicLog(this, time);
        State.Counters.BatchCommitted = _batches.Committed;
        if (options.Http is { } address)
        {
            _watch = new StoreWatch(openToRead, State, time, StoreChanged);
            State.IsStoreReachable = () => _watch.IsReachable;
            _endpoint = Serve(address);
        }
        _stopping = stop.Register(State.Stopping);
    }

    public ServiceState State { get; }

    /// <summary>Give them to each pipeline: they go on counting over its restarts.</summary>
    public RunCounters Counters => State.Counters;

    /// <summary>Logs nothing where the run is to end: what it has to say it says in plain sentences.</summary>
    public ILogger Logger { get; }

    /// <summary>Give it to each log of a topic.</summary>
    public TopicLog TopicLog { get; }

    public bool IsLogging => _options.Follow;

    /// <summary>Where it is served: <c>http://127.0.0.1:8080</c>; null = nowhere.</summary>
    public string? Address => _endpoint?.Address;

    /// <summary>The program's version.</summary>
    public static string Version { get; } = typeof(ServiceRun).Assembly.GetName().Version!.ToString(3);

    /// <param name="openToRead">Opens the store to read, on connections of its own: to look whether it answers.</param>
    /// <exception cref="IOException">It cannot listen where it is told to.</exception>
    public static ServiceRun Start(ServiceOptions options, Func<IBillStore> openToRead, TimeProvider time, CancellationToken stop) =>
        new(options, openToRead, time, stop);

    /// <summary>Says a sentence that a person should see: into the log, or plainly.</summary>
    public void Say(string sentence)
    {
        if (_options.Follow)
        {
            Log.Said(Logger, sentence);
        }
        else
        {
            CommandRunner.Say(sentence);
        }
    }

    /// <inheritdoc cref="FollowLoop.Run"/>
    public bool Run(Func<CancellationToken, bool> pipeline)
    {
        var loop = new FollowLoop(State, _options.Follow, WhenFailed, _time, Random.Shared);
        var finished = StopLimit.Default.Run(() => loop.Run(pipeline, _stop), _stop, out var hasEnded);
        if (!hasEnded)
        {
            Say("What was told to stop waits for a server; it is left as it is. What is not committed is read again by the next start.");
        }
        _batches.Flush();
        Log.Stopped(Logger, (long)_time.GetElapsedTime(_started).TotalSeconds, Counters.Events, Counters.VersionsWritten, Counters.DeadLetters);
        return finished;
    }

    public void Dispose()
    {
        _stopping.Dispose();
        _endpoint?.Dispose();
        _watch?.Dispose();
        // The last lines are written here.
        _loggers?.Dispose();
    }

    private ServiceEndpoint Serve(System.Net.IPEndPoint address)
    {
        try
        {
            var endpoint = ServiceEndpoint.Start(address, State, new ServiceMetrics(State, () => _watch!.Latest, Version, _time.GetUtcNow()));
            if (_options.Follow)
            {
                Log.Listening(Logger, endpoint.Address);
            }
            else
            {
                CommandRunner.Say($"/health, /ready and /metrics are served on {endpoint.Address}.");
            }
            return endpoint;
        }
        catch
        {
            _watch!.Dispose();
            _loggers?.Dispose();
            throw;
        }
    }

    private void Changed(ServicePhase phase)
    {
        if (phase == ServicePhase.Running)
        {
            Log.Ready(Logger);
        }
        else if (phase == ServicePhase.Stopping)
        {
            Log.Stopping(Logger);
        }
    }

    private void StoreChanged(string? failure)
    {
        if (failure is null)
        {
            Log.StoreReachable(Logger);
        }
        else
        {
            Log.StoreUnreachable(Logger, failure);
        }
    }

    private void WhenFailed(PipelineFailure failure)
    {
        var seconds = Math.Round(failure.Pause.TotalSeconds, 1);
        if (!_options.Follow)
        {
            if (failure.IsNew)
            {
                CommandRunner.Say($"{failure.Message} It is tried again from what is committed.");
            }
        }
        else if (failure.IsNew)
        {
            Log.Restarting(Logger, failure.Message, seconds);
        }
        else
        {
            Log.RestartingAgain(Logger, failure.Message, seconds);
        }
    }
}
