namespace EvBilling.Simulator;

/// <summary>Events held back on their way, by time of arrival. It holds what some minutes or one outage delay, whatever the length of the run.</summary>
internal sealed class DelayedEvents
{
    private readonly PriorityQueue<ReportedEvent, Place> _queue = new();
    private long _added;

    public int Count => _queue.Count;

    /// <summary>The least key (see <see cref="StationQueue.Key"/>); long.MaxValue if nothing is held back.</summary>
    public long Least => _queue.TryPeek(out _, out var place) ? place.Key : long.MaxValue;

    public void Add(in ReportedEvent reported, long arrivesUnixS) =>
        _queue.Enqueue(reported, new Place(StationQueue.Key(arrivesUnixS, reported.Station), _added++));

    public ReportedEvent Take() => _queue.Dequeue();

    /// <summary>
    /// Of one station's events that arrive in the same second the first to be held back is the first; so the order is the same in every shard.
    /// </summary>
    private readonly record struct Place(long Key, long Added) : IComparable<Place>
    {
        public int CompareTo(Place other) => Key != other.Key ? Key.CompareTo(other.Key) : Added.CompareTo(other.Added);
    }
}
