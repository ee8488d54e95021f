using EvBilling.Engine;

namespace EvBilling.Kafka.Reading;

/// <summary>
/// Tells when all is read that a topic held at the start: by this worker as far as it has the partitions, and committed by others as far as they have them. So each
/// worker of a group stays until the whole is done, and takes over from one that dies.
/// </summary>
internal sealed class TopicEnd
{
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan WondersAfter = TimeSpan.FromSeconds(15);

    private readonly TopicIdentity _topic;
    private readonly IBillStore _store;
    private readonly TimeProvider _time;
    private readonly ITopicListener _listener;
    private readonly Dictionary<int, long> _ends;
    private long? _asked;
    private long _committed = -1;
    private long _moved;
    private bool _hasWarned;
    private bool _isReached;

    public TopicEnd(TopicIdentity topic, TopicFacts facts, IBillStore store, TimeProvider time, ITopicListener listener)
    {
        (_topic, _store, _time, _listener) = (topic, store, time, listener);
        _ends = facts.Partitions.Where(partition => partition.EndOffset > partition.LowOffset).ToDictionary(partition => partition.Partition, partition => partition.EndOffset);
    }

    public bool IsReached(IReadOnlyDictionary<int, PartitionCursor> here)
    {
        if (_isReached)
        {
            return true;
        }
        var others = new List<KeyValuePair<int, long>>();
        foreach (var end in _ends)
        {
            if (!here.TryGetValue(end.Key, out var cursor))
            {
                others.Add(end);
            }
            else if (cursor.NextOffset < end.Value)
            {
                return false;
            }
        }
        return _isReached = others.Count == 0 || AreCommitted(others);
    }

    private bool AreCommitted(List<KeyValuePair<int, long>> others)
    {
        if (_asked is { } asked && _time.GetElapsedTime(asked) < AskEvery)
        {
            return false;
        }
        _asked = _time.GetTimestamp();
        var committed = _store.ReadPositions().ToDictionary(position => position.Partition, position => position.NextOffset);
        var behind = others.Where(end => !committed.TryGetValue(_topic.Partition(end.Key), out var next) || next < end.Value).ToList();
        Wonder(behind, committed.Values.Sum());
        return behind.Count == 0;
    }

    // A worker of the group that fills another store never commits here, and would be waited for without end and without a word.
    private void Wonder(List<KeyValuePair<int, long>> behind, long committed)
    {
        if (committed != _committed)
        {
            (_committed, _moved) = (committed, _time.GetTimestamp());
        }
        else if (behind.Count > 0 && !_hasWarned && _time.GetElapsedTime(_moved) >= WondersAfter)
        {
            _hasWarned = true;
            _listener.Stalled([.. behind.Select(end => _topic.Partition(end.Key))]);
        }
    }
}
