using EvBilling.Engine;

namespace EvBilling.Kafka.Reading;

/// <summary>Which topic it is: a position belongs to the cluster's and the topic's own id, not to a name or an address.</summary>
public sealed record TopicIdentity(string Topic, string ClusterId, string TopicId)
{
    /// <summary>The source of its records in positions and dead letters.</summary>
    public string Source => SourceOf(Topic);

    public string Incarnation => $"{ClusterId}/{TopicId}";

    public static string SourceOf(string topic) => "kafka:" + topic;

    public static TopicIdentity Of(KafkaTarget target, TopicFacts facts) => new(target.Topic, facts.ClusterId, facts.TopicId);

    public LogPartition Partition(int number) => new(Source, Incarnation, number);

    /// <summary>A position of this topic that lies behind the partition's end; null = none does.</summary>
    public LogPosition? FindBeyond(IReadOnlyList<LogPosition> positions, TopicFacts facts) => positions.FirstOrDefault(
        position => position.Partition == Partition(position.Partition.Partition) && position.NextOffset > facts.EndOf(position.Partition.Partition));

    /// <summary>Checks that it is the topic that a store has read, if it has read one of that name.</summary>
    /// <exception cref="EventLogException">It is another.</exception>
    public void Check(IReadOnlyList<LogPosition> positions, bool newTopic)
    {
        var known = positions.Where(position => position.Partition.Source == Source).ToList();
        if (known.Count > 0 && !newTopic && known.All(position => position.Partition.Incarnation != Incarnation))
        {
            throw new EventLogException(
                $"The topic {Topic} is not the one that this store has read: it was made anew, or belongs to another cluster (its id is {Incarnation}, not {known[^1].Partition.Incarnation}). "
                + "To read it from its start, give --new-topic; what is billed stays, and events that come again change nothing.");
        }
    }
}
