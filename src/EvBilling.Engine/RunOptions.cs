namespace EvBilling.Engine;

/// <summary>How a run goes about its work. The limits bound memory and how much an abrupt end throws away.</summary>
public sealed record RunOptions
{
    /// <summary>A session without an end is closed when its last event is older than the newest by this.</summary>
    public TimeSpan CloseAfter { get; init; } = TimeSpan.FromHours(24);

    /// <summary>A row is kept this long after it was last changed; zero = for ever.</summary>
    public TimeSpan KeepSessions { get; init; } = TimeSpan.FromDays(400);

    /// <summary>A batch ends after this many events.</summary>
    public int BatchEventsMax { get; init; } = 500_000;

    /// <summary>A batch ends after this many changed sessions.</summary>
    public int BatchSessionsMax { get; init; } = 20_000;

    /// <summary>A batch ends after this many changed sessions where memory is short.</summary>
    public int BatchSessionsMaxPressed { get; init; } = 20_000;

    /// <summary>A batch ends after this many sessions that have ended: a bill takes more memory than its session.</summary>
    public int BatchEndedMax { get; init; } = 6_000;

    /// <summary>A batch ends when its dead letters take about this many bytes of memory.</summary>
    public int BatchDeadLetterBytesMax { get; init; } = 16 << 20;

    /// <summary>A batch ends after this time, so that what is read is soon there.</summary>
    public TimeSpan BatchTimeMax { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Where nothing waits to be read, a batch ends after this time: an event is soon billed, while a backlog is worked off in larger batches.
    /// </summary>
    public TimeSpan BatchTimeCaughtUp { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The log has no end: the close policy is looked at every so often for partitions that are caught up. Null = at the end of input.</summary>
    public TimeSpan? CloseEvery { get; init; }

    /// <summary>Blocks that are read ahead, of some 600 KB: what is read while bills are worked out.</summary>
    public int BlocksAhead { get; init; } = 6;

    /// <summary>Sessions kept in memory, in bytes.</summary>
    public long CacheBytesMax { get; init; } = 160 << 20;

    /// <summary>How large the heap is to be kept, in bytes, as far as what lives allows it.</summary>
    public long HeapBytesTarget { get; init; } = 170 << 20;

    /// <summary>
    /// For a database server: batches as large as memory allows, since each costs a round trip and rewrites each open session that it touches.
    /// </summary>
    public RunOptions ForServer() => this with
    {
        BatchEventsMax = 1_000_000,
        BatchSessionsMax = 210_000,
        BatchSessionsMaxPressed = 50_000,
        BatchEndedMax = 4_000,
        BlocksAhead = 48,
        CacheBytesMax = 170 << 20,
        HeapBytesTarget = 250 << 20,
    };
}
