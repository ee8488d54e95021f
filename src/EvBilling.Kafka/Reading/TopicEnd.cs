using EvBilling.Engine;

namespace EvBilling.Kafka.Reading;

/// <summary>
/// Tells when all is read that a topic held at the start: by this worker as far as it has the partitions, and committed by others as far as they have them. So each
/// worker of a group stays until the whole is done, and takes over from one that dies.
/// </summary>
internal sealed class TopicEnd
{
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(300);

    private readonly TopicIdentity _topic;
    private readonly IBillStore _store;
    private readonly TimeProvider _time;
    private readonly Dictionary<int, long> _ends;
    private long? _asked;
    private bool _isReached;

    public TopicEnd(TopicIdentity topic, TopicFacts facts, IBillStore store, TimeProvider time)
    {
        (_topic, _store, _time) = (topic, store, time);
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
        return others.All(end => committed.TryGetValue(_topic.Partition(end.Key), out var next) && next >= end.Value);
    }
}
