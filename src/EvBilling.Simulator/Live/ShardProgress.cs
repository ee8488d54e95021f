using NodaTime;

namespace EvBilling.Simulator;

/// <summary>
/// How far a shard that follows the wall clock has come, as it tells whoever goes on after it. Two statements make the events that come again the same bytes:
/// no event that arrives at or after <see cref="LiveUntil"/> was ever sent, and of those before it exactly the ones within <see cref="Away"/> state `offline: true`.
/// So a shard that was killed is away from LiveUntil, and not from a moment that nobody knows. All times are whole seconds.
/// </summary>
public sealed record ShardProgress
{
    /// <summary>The first moment of the fleet.</summary>
    public required Instant FleetStart { get; init; }

    /// <summary>All events that arrive before this moment were sent and acknowledged.</summary>
    public required Instant DeliveredUntil { get; init; }

    /// <summary>No event that arrives at this moment or later was sent; a shard states a later moment before it sends one.</summary>
    public required Instant LiveUntil { get; init; }

    /// <summary>When the shard was away; null = all of it has been delivered, or it never was.</summary>
    public Interval? Away { get; init; }

    /// <summary>Counts the starts of the shard: a process that sees a higher one was taken over from.</summary>
    public long Epoch { get; init; }

    /// <summary>Names the process that states this.</summary>
    public required string Run { get; init; }

    /// <summary>A fleet that begins: what has happened since its start is delivered as if it had been watched.</summary>
    public static ShardProgress Begin(Instant fleetStart, Instant now, string run) => new()
    {
        FleetStart = fleetStart,
        DeliveredUntil = fleetStart,
        LiveUntil = Instant.Max(fleetStart, WholeSeconds(now)),
        Epoch = 1,
        Run = run,
    };

    /// <summary>Another process goes on: it was away since events were last sent, or longer if not all was delivered that an earlier absence delayed.</summary>
    public ShardProgress Resume(Instant now, string run)
    {
        var live = Instant.Max(LiveUntil, WholeSeconds(now));
        var away = Pending ?? (LiveUntil < live ? new Interval(LiveUntil, live) : null);
        return this with
        {
            LiveUntil = live,
            // Of what was to come next nothing was sent, so that an absence during an absence's delivery is one with it.
            Away = away is { } interval ? new Interval(interval.Start, live) : null,
            Epoch = checked(Epoch + 1),
            Run = run,
        };
    }

    /// <summary>More was acknowledged; live events of the time soon to come may be sent.</summary>
    /// <param name="deliveredUntil">As <see cref="DeliveredUntil"/>.</param>
    /// <param name="liveUntil">As <see cref="LiveUntil"/>; put off while an absence is being delivered, for a second one would not fit in.</param>
    public ShardProgress Advance(Instant deliveredUntil, Instant liveUntil)
    {
        var advanced = this with { DeliveredUntil = Instant.Max(DeliveredUntil, WholeSeconds(deliveredUntil)) };
        return advanced.Pending is null
            ? advanced with { Away = null, LiveUntil = Instant.Max(LiveUntil, WholeSeconds(liveUntil)) }
            : advanced;
    }

    /// <summary>A clean end: the absence begins exactly where sending has ended.</summary>
    /// <param name="deliveredUntil">As <see cref="DeliveredUntil"/>.</param>
    /// <param name="sentUntil">No event that arrives at this moment or later was sent.</param>
    public ShardProgress Stop(Instant deliveredUntil, Instant sentUntil)
    {
        var stopped = Advance(deliveredUntil, LiveUntil);
        return stopped.Away is null ? stopped with { LiveUntil = Instant.Max(stopped.DeliveredUntil, WholeSeconds(sentUntil)) } : stopped;
    }

    private Interval? Pending => Away is { } away && DeliveredUntil < away.End ? away : null;

    private static Instant WholeSeconds(Instant instant) => Instant.FromUnixTimeSeconds(instant.ToUnixTimeSeconds());
}
