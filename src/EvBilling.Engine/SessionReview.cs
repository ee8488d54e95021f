using EvBilling.Sessions;

namespace EvBilling.Engine;

/// <summary>Looks at sessions that no event came for: bills that were held, and the close policy.</summary>
internal sealed class SessionReview(IBillStore store, BillMaker maker, SessionWorker worker, RunOptions options, TimeProvider time)
{
    private const int Chunk = 2_000;
    private const int FlowingChunk = 500;
    private static readonly TimeSpan RecentEvents = TimeSpan.FromMinutes(5);

    private long _looked = time.GetTimestamp();
    private Task<(SessionIdPage Page, TimeSpan Took)>? _looking;
    private ClosingQuery? _query;
    private byte[]? _next;
    private long _restedFrom;
    private TimeSpan _rest;

    /// <summary>Works out anew what is held, since tariffs and locations may be new.</summary>
    /// <returns>False if it was cancelled.</returns>
    public bool Held(CancellationToken cancellation) => Page(store.ReadHeld, static (_, _) => true, cancellation);

    /// <summary>Looks at the close policy, now that input has ended.</summary>
    /// <returns>False if it was cancelled.</returns>
    public bool Close(CancellationToken cancellation)
    {
        // Other workers may have read newer events.
        worker.ClockNs = Math.Max(worker.ClockNs, store.ReadEventClock());
        var query = QueryAt(worker.ClockNs, null);
        return Page((after, limit) => store.ReadClosable(query, after, limit), (session, id) => Apply(session, id, query), cancellation);
    }

    /// <summary>
    /// Looks at the close policy while events go on, for whoever does not read them: by the least clock of what was lately read, so that no session is closed
    /// since another partition is ahead.
    /// </summary>
    /// <returns>False if it was cancelled.</returns>
    public bool CloseFlowing(CancellationToken cancellation)
    {
        var clocks = store.ReadPartitions().Where(partition => partition.ClockNs > 0 && partition.ReadAtUnixSeconds >= RecentSince()).Select(partition => partition.ClockNs).ToList();
        if (clocks.Count == 0)
        {
            return true;
        }
        var query = QueryAt(clocks.Min(), null);
        return Page((after, limit) => store.ReadClosable(query, after, limit), (session, id) => Apply(session, id, query), cancellation);
    }

    /// <summary>
    /// Of a log without an end: looks at the close policy now and then, for what is caught up. The question to the store is asked aside and page by page,
    /// with a rest as long as each took, so that events hardly wait for it.
    /// </summary>
    public void Tick()
    {
        if (_looking is { IsCompleted: true } looked)
        {
            _looking = null;
            var (page, took) = looked.GetAwaiter().GetResult();
            worker.Touch(page.Ids, (session, id) => Apply(session, id, _query!));
            (_next, _restedFrom, _rest) = (page.Next, time.GetTimestamp(), took);
            if (_next is null)
            {
                store.Prune(options.KeepSessions);
            }
        }
        else if (_looking is null && _next is not null)
        {
            if (time.GetElapsedTime(_restedFrom) >= _rest)
            {
                Look(_next);
            }
        }
        else if (_looking is null && options.CloseEvery is { } every && time.GetElapsedTime(_looked) >= every)
        {
            _looked = time.GetTimestamp();
            _query = LiveQuery();
            if (_query is not null)
            {
                Look(null);
            }
        }
    }

    private void Look(byte[]? after)
    {
        var query = _query!;
        _looking = Task.Run(() =>
        {
            var begun = time.GetTimestamp();
            var page = store.ReadClosable(query, after, FlowingChunk);
            return (page, time.GetElapsedTime(begun));
        });
    }

    // The clock is the least of what flows: where one partition is behind, no session of another is closed for being old.
    private ClosingQuery? LiveQuery()
    {
        var here = worker.Tracks.Where(track => track.Value.IsCaughtUp).Select(track => track.Key.Partition).ToList();
        if (here.Count == 0)
        {
            return null;
        }
        var flowing = store.ReadPartitions().Where(partition => partition.IsCaughtUp && partition.ClockNs > 0 && partition.ReadAtUnixSeconds >= RecentSince()).ToList();
        var clock = flowing.Count > 0 ? flowing.Min(partition => partition.ClockNs) : Math.Max(worker.ClockNs, store.ReadEventClock());
        return QueryAt(clock, here);
    }

    private long RecentSince() => (time.GetUtcNow() - RecentEvents).ToUnixTimeSeconds();

    private ClosingQuery QueryAt(long clockNs, IReadOnlyList<int>? partitions) =>
        new(clockNs - (options.CloseAfter.Ticks * 100), partitions);

    private bool Apply(CachedSession session, byte[] id, ClosingQuery query)
    {
        var state = Policy(session, id, query);
        var changed = state != session.Standing.State;
        session.Standing.State = state;
        session.HasNews |= changed;
        return changed;
    }

    private SessionState Policy(CachedSession session, byte[] id, ClosingQuery query)
    {
        if (session.Record.HasEnded)
        {
            return SessionState.Ended;
        }
        if (session.Standing.State == SessionState.ClosedByAge || session.Standing.LastEventNs <= query.OldUntilNs)
        {
            return SessionState.ClosedByAge;
        }
        var connector = ConnectorKey.Hash(session.Record, maker.Look(session.Record));
        return connector != 0 && store.HasFollower(connector, session.Standing.LastEventNs, id) ? SessionState.ClosedByFollower : SessionState.Open;
    }

    private bool Page(Func<byte[]?, int, SessionIdPage> read, Func<CachedSession, byte[], bool> isDue, CancellationToken cancellation)
    {
        byte[]? after = null;
        while (!cancellation.IsCancellationRequested)
        {
            var page = read(after, Chunk);
            worker.Touch(page.Ids, isDue);
            if (page.Next is null)
            {
                return true;
            }
            after = page.Next;
            if (worker.IsFull)
            {
                worker.Seal();
            }
        }
        return false;
    }
}
