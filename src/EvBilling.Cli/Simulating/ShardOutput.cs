using EvBilling.Kafka.Producing;
using EvBilling.Simulator;
using NodaTime;

namespace EvBilling.Cli.Simulating;

/// <summary>
/// A shard's events into a topic, with its progress: written after the events that it speaks of are acknowledged, and before the first event that arrives later than
/// it allows. A process that was stopped in between sends nothing when it wakes up, before it has seen that the shard is still its own.
/// </summary>
/// <param name="events">Takes the events; disposed of with this.</param>
/// <param name="ledger">Keeps the progress; disposed of with this.</param>
/// <param name="clock">The wall clock.</param>
/// <param name="lease">How far ahead progress allows live events: the longest that an absence begins after a kill.</param>
/// <param name="stop">Ends waiting.</param>
internal sealed class ShardOutput(TopicOutput events, ShardLedger ledger, TimeProvider clock, TimeSpan lease, CancellationToken stop) : IEventOutput
{
    /// <summary>Longer than a busy broker takes, short beside the hours that a fleet is watched.</summary>
    public static readonly TimeSpan DefaultLease = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan StateEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LastPatience = TimeSpan.FromSeconds(1);

    private readonly Queue<(WriteMark Mark, Instant Reached)> _marks = new();
    private readonly Instant _liveUntilAtStart = ledger.Current.LiveUntil;
    private Instant _reached = ledger.Current.DeliveredUntil;
    private Instant _delivered = ledger.Current.DeliveredUntil;
    private Instant _marked = ledger.Current.DeliveredUntil;
    private Instant _sentUntil = Instant.MinValue;
    private long _stated = clock.GetTimestamp();

    public long Events => events.Events;

    public void Write(in SimulatedEvent simulated)
    {
        _reached = simulated.ArrivesAt;
        if (clock.GetElapsedTime(_stated) >= StateEvery)
        {
            State();
        }
        while (simulated.ArrivesAt >= ledger.Current.LiveUntil)
        {
            State();
            if (stop.WaitHandle.WaitOne(LookEvery))
            {
                return;
            }
        }
        _sentUntil = simulated.ArrivesAt + Duration.FromSeconds(1);
        events.Write(simulated);
    }

    public void Idle(Instant reached)
    {
        _reached = reached;
        if (clock.GetElapsedTime(_stated) >= StateEvery)
        {
            State();
        }
    }

    public void Finish(bool isStopped)
    {
        events.Finish(isStopped);
        var last = ledger.Current.Stop(Soonest(_reached, Now()), Instant.Max(_sentUntil, _liveUntilAtStart));
        if (!ledger.StateLast(last, LastPatience))
        {
            CommandRunner.Say($"The broker does not take the shard's last progress ({ledger.Current.DeliveredUntil}); what was sent after it comes again at the next start, the same bytes.");
        }
    }

    public void Dispose()
    {
        ledger.Dispose();
        events.Dispose();
    }

    private void State()
    {
        _stated = clock.GetTimestamp();
        events.ThrowIfRefused();
        ledger.Look();
        if (ledger.IsBusy)
        {
            return;
        }
        var reached = Soonest(_reached, Now());
        if (reached > _marked)
        {
            _marks.Enqueue((events.Mark(), reached));
            _marked = reached;
        }
        while (_marks.TryPeek(out var oldest) && oldest.Mark.IsAcknowledged)
        {
            _delivered = oldest.Reached;
            _marks.Dequeue();
        }
        var next = ledger.Current.Advance(_delivered, Now() + Duration.FromTimeSpan(lease));
        if (next != ledger.Current)
        {
            ledger.State(next);
        }
    }

    private Instant Now() => Instant.FromUnixTimeSeconds(clock.GetUtcNow().ToUnixTimeSeconds());

    private static Instant Soonest(Instant one, Instant other) => Instant.Min(one, other);
}
