using System.Diagnostics;
using EvBilling.Cli.Simulating;
using EvBilling.Kafka;
using EvBilling.Simulator;
using EvBilling.SystemTests.Servers;
using EvBilling.SystemTests.Support;
using NodaTime;

namespace EvBilling.SystemTests.Kafka.Producing;

/// <summary>A shard that a thread of the test simulates by a clock of the test.</summary>
internal sealed class LiveShard : IDisposable
{
    /// <summary>Of the clock's time; a fast clock makes every answer of the broker look slow.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromHours(1);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _isUnderWay = new();
    private readonly Task _run;
    private volatile bool _isKilled;

    private LiveShard(string bootstrapServers, string topic, SimulationOptions options, TimeProvider clock)
    {
        var target = new SimulationTarget { To = "", Topic = new KafkaTarget(bootstrapServers, topic), IsLive = true, Start = options.Start };
        _run = Task.Factory.StartNew(() => Run(options, target, clock), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Task.WhenAny(_run, _isUnderWay.Task).GetAwaiter().GetResult();
    }

    /// <summary>Starts it, and waits until it has found how far the shard has come.</summary>
    public static LiveShard Start(KafkaBroker broker, string topic, SimulationOptions options, TimeProvider clock) => new(broker.BootstrapServers, topic, options, clock);

    /// <summary>As by SIGTERM.</summary>
    public void Stop()
    {
        _stop.Cancel();
        _run.GetAwaiter().GetResult();
    }

    /// <summary>Ends without a last progress, and with events on their way that may arrive or not.</summary>
    public void Kill()
    {
        _isKilled = true;
        Stop();
    }

    /// <summary>Waits until it ends by itself; the clock runs meanwhile.</summary>
    /// <returns>Why it did.</returns>
    public Exception EndsWith(FastClock clock)
    {
        var waiting = Stopwatch.StartNew();
        while (!_run.IsCompleted)
        {
            Assert.True(waiting.Elapsed < Patience, "it does not end");
            clock.Run(TimeSpan.FromMinutes(5));
        }
        return Assert.IsType<AggregateException>(_run.Exception).InnerException!;
    }

    public void Dispose()
    {
        _stop.Cancel();
        Task.WhenAny(_run).GetAwaiter().GetResult();
        _stop.Dispose();
    }

    private void Run(SimulationOptions options, SimulationTarget target, TimeProvider clock)
    {
        var fleet = LiveFleet.OfShard(options, target, clock, Lease, _stop.Token);
        _isUnderWay.SetResult();
        using (fleet.Output)
        {
            new FleetSimulation(fleet.Options).Run(new TimedSink(fleet.Output, null, isLive: true, clock, _stop.Token), cancellation: _stop.Token);
            if (!_isKilled)
            {
                fleet.Output.Finish(isStopped: true);
            }
        }
    }
}

/// <summary>What a fleet's events are if nothing disturbs it, and how those compare that were delivered.</summary>
internal sealed class UndisturbedFleet : IEventSink
{
    private const string Offline = ",\"offline\":true";

    private readonly List<(string Line, string SessionId, Instant ArrivesAt)> _events = [];

    public UndisturbedFleet(SimulationOptions options) => new FleetSimulation(options).Run(this);

    public IReadOnlyList<(string Line, string SessionId, Instant ArrivesAt)> Events => _events;

    public void Accept(in SimulatedEvent simulated) => _events.Add(
        (System.Text.Encoding.UTF8.GetString(simulated.Json), System.Text.Encoding.UTF8.GetString(simulated.SessionId), simulated.ArrivesAt));

    /// <summary>All events up to a moment are there, none that is not the fleet's, and each as the same bytes however often it came.</summary>
    /// <returns>The events that state being offline though the fleet's do not.</returns>
    public List<(string Line, Instant ArrivesAt)> AssertDelivered(IReadOnlyList<KafkaRead> records, Instant completeUntil)
    {
        var ways = records.Select(record => record.Value!).Distinct().ToLookup(Bare);
        var expected = _events.ToLookup(e => Bare(e.Line));
        Assert.All(records, record => Assert.Contains($"\"session_id\":\"{record.Key}\"", record.Value!, StringComparison.Ordinal));
        Assert.DoesNotContain(ways, way => !expected.Contains(way.Key));
        Assert.DoesNotContain(_events, e => e.ArrivesAt < completeUntil && !ways.Contains(Bare(e.Line)));
        // A copy that a fault makes arrives at a time of its own, the one before an absence and the other within: so many ways as the fleet itself has copies.
        Assert.DoesNotContain(ways, way => way.Count() > expected[way.Key].Count());
        return
        [
            .. expected.Where(own => own.Count() == 1 && !own.Single().Line.Contains(Offline, StringComparison.Ordinal))
                .SelectMany(own => ways[own.Key].Where(line => line.Contains(Offline, StringComparison.Ordinal)).Select(line => (line, own.Single().ArrivesAt))),
        ];
    }

    private static string Bare(string line) => line.Replace(Offline, "", StringComparison.Ordinal);
}
