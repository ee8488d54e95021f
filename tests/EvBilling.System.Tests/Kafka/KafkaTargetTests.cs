using EvBilling.Kafka;

namespace EvBilling.SystemTests.Kafka;

public sealed class KafkaTargetTests
{
    [Theory]
    [InlineData("kafka://localhost:9092/charging-events", "localhost:9092", "charging-events")]
    [InlineData("kafka://localhost/charging-events", "localhost:9092", "charging-events")]
    [InlineData("KAFKA://a:1,b,c:65535/T.o_p-1", "a:1,b:9092,c:65535", "T.o_p-1")]
    [InlineData("kafka://[::1]:9093/t", "[::1]:9093", "t")]
    [InlineData("kafka://[::1]/t", "[::1]:9092", "t")]
    [InlineData("kafka://fleet.servicebus.windows.net:9093/t", "fleet.servicebus.windows.net:9093", "t")]
    public void A_target_is_brokers_and_a_topic(string text, string brokers, string topic)
    {
        Assert.True(KafkaTarget.IsKafka(text));
        var target = KafkaTarget.Parse(text);
        Assert.Equal(new KafkaTarget(brokers, topic), target);
        Assert.Equal(target, KafkaTarget.Parse(target.ToString()));
    }

    [Theory]
    [InlineData("events.jsonl", "is no topic in Kafka")]
    [InlineData("kafka://", "names no topic")]
    [InlineData("kafka://localhost:9092", "names no topic")]
    [InlineData("kafka://localhost:9092/", "names no topic")]
    [InlineData("kafka:///topic", "without a host")]
    [InlineData("kafka://a,,b/topic", "without a host")]
    [InlineData("kafka://:9092/topic", "without a host")]
    [InlineData("kafka://::1/topic", "without a host")]
    [InlineData("kafka://a b/topic", "without a host")]
    [InlineData("kafka://a:0/topic", "no number from 1 to 65535")]
    [InlineData("kafka://a:65536/topic", "no number from 1 to 65535")]
    [InlineData("kafka://a:x/topic", "no number from 1 to 65535")]
    [InlineData("kafka://a:/topic", "no number from 1 to 65535")]
    [InlineData("kafka://a:+1/topic", "no number from 1 to 65535")]
    [InlineData("kafka://a/topic/more", "cannot be a topic's name")]
    [InlineData("kafka://a/topic?x=1", "cannot be a topic's name")]
    [InlineData("kafka://a/.", "cannot be a topic's name")]
    [InlineData("kafka://a/..", "cannot be a topic's name")]
    [InlineData("kafka://a/größe", "cannot be a topic's name")]
    public void What_is_no_target_is_refused_with_the_reason(string text, string reason) =>
        Assert.Contains(reason, Assert.Throws<KafkaTargetException>(() => KafkaTarget.Parse(text)).Message);

    [Theory]
    [InlineData(249, true)]
    [InlineData(250, false)]
    public void A_topics_name_has_at_most_249_letters(int length, bool isGood)
    {
        var text = "kafka://a/" + new string('t', length);
        if (isGood)
        {
            Assert.Equal(length, KafkaTarget.Parse(text).Topic.Length);
        }
        else
        {
            Assert.Throws<KafkaTargetException>(() => KafkaTarget.Parse(text));
        }
    }

    [Theory]
    [InlineData("kafka://alice:S3cret@host:9092/topic")]
    [InlineData("kafka://S3cret@host/topic")]
    [InlineData("kafka://alice:S3c@ret@host/topic")]
    [InlineData("kafka://alice:S3/cret@host/topic")]
    public void A_password_in_a_target_is_refused_and_not_repeated(string text)
    {
        var message = Assert.Throws<KafkaTargetException>(() => KafkaTarget.Parse(text)).Message;
        Assert.Contains("EVBILLING_KAFKA_SASL_PASSWORD", message);
        Assert.DoesNotContain("S3c", message);
        Assert.DoesNotContain("ret@", message);
    }
}
