namespace EvBilling.Simulator;

/// <summary>
/// Orders stations by the time of their next event: a heap with four children a node, of keys that hold both time and station, so that an entry is 8 bytes.
/// </summary>
internal sealed class StationQueue(int capacity)
{
    private const int StationBits = 20;
    private const int Children = 4;

    private readonly long[] _keys = new long[capacity];

    public int Count { get; private set; }

    /// <summary>The least key; long.MaxValue if the queue is empty.</summary>
    public long Least => Count > 0 ? _keys[0] : long.MaxValue;

    /// <summary>Keys order by time, then station: ties need no other rule, for a station has one next event.</summary>
    public static long Key(long timeS, int station) => (timeS << StationBits) | (uint)station;

    public static long TimeS(long key) => key >> StationBits;

    public static int Station(long key) => (int)(key & ((1 << StationBits) - 1));

    public void Add(long key)
    {
        int at = Count++;
        while (at > 0)
        {
            int parent = (at - 1) / Children;
            if (_keys[parent] <= key)
            {
                break;
            }

            _keys[at] = _keys[parent];
            at = parent;
        }

        _keys[at] = key;
    }

    /// <summary>Takes the least key out and puts another in: one way down instead of two.</summary>
    public void ReplaceLeast(long key) => SinkFromTop(_keys.AsSpan(0, Count), key);

    public void RemoveLeast()
    {
        Count--;
        if (Count > 0)
        {
            SinkFromTop(_keys.AsSpan(0, Count), _keys[Count]);
        }
    }

    private static void SinkFromTop(Span<long> keys, long key)
    {
        int at = 0;
        while (true)
        {
            int first = (at * Children) + 1;
            if (first >= keys.Length)
            {
                break;
            }

            int least = first;
            int end = Math.Min(first + Children, keys.Length);
            for (int child = first + 1; child < end; child++)
            {
                if (keys[child] < keys[least])
                {
                    least = child;
                }
            }

            if (keys[least] >= key)
            {
                break;
            }

            keys[at] = keys[least];
            at = least;
        }

        keys[at] = key;
    }
}
