using EvBilling.SystemTests.Servers;

namespace EvBilling.SystemTests.Kafka;

/// <summary>The test broker does what tests rely on.</summary>
public sealed class KafkaBrokerTests(SharedKafka kafka)
{
    [Fact]
    public void What_is_written_is_read_in_order_null_values_and_keys_included()
    {
        var topic = kafka.Broker.CreateTopic(partitions: 2);
        kafka.Broker.Produce(topic, 1, "a", null, "c");
        kafka.Broker.Produce(topic, [new("d", "key", 0)]);
        Assert.Equal(
            [new(0, 0, "key", "d"), new(1, 0, null, "a"), new(1, 1, null, null), new(1, 2, null, "c")],
            kafka.Broker.ReadAll(topic));
    }

    [Fact]
    public void A_broker_that_was_killed_or_stopped_has_its_records_when_it_is_started_again()
    {
        using var broker = KafkaBroker.StartNew();
        var topic = broker.CreateTopic();
        broker.Produce(topic, 0, "a");
        broker.Kill();
        broker.Start();
        broker.Produce(topic, 0, "b");
        broker.Stop();
        broker.Start();
        Assert.Equal(["a", "b"], broker.ReadAll(topic).Select(record => record.Value));
    }
}
