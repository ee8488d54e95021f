using Confluent.Kafka.Admin;
using EvBilling.Engine;
using EvBilling.Kafka;
using EvBilling.SystemTests.Servers;

namespace EvBilling.SystemTests.Kafka;

/// <summary>Each kind of security on a real broker: it works, and what is wrong with it is said in a sentence.</summary>
[Collection(SecureKafkaTests.Name)]
public sealed class KafkaSecurityTests(SecureKafka kafka)
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(4);

    [Fact]
    public void With_PLAIN_and_a_password_events_are_written_and_read()
    {
        var settings = Given.File("security.protocol=SASL_PLAINTEXT", "sasl.mechanism=PLAIN", "sasl.username=alice", $"sasl.password={SecureKafka.AlicePassword}");
        Assert.Equal("an event", SecureKafka.RoundTrip(settings, kafka.Target("SASL_PLAINTEXT")));
    }

    [Fact]
    public void With_SCRAM_events_are_written_and_read()
    {
        var settings = Given.File("security.protocol=SASL_PLAINTEXT", "sasl.mechanism=SCRAM-SHA-256", "sasl.username=carol", $"sasl.password={SecureKafka.CarolPassword}");
        Assert.Equal("an event", SecureKafka.RoundTrip(settings, kafka.Target("SASL_PLAINTEXT")));
    }

    [Fact]
    public void A_connection_string_of_Event_Hubs_is_all_that_it_takes()
    {
        var settings = KafkaSettings.Read([$"ssl.ca.location={kafka.Certificates.AuthorityFile}"], null, Given.Environment($"CONNECTION_STRING={SecureKafka.ConnectionString}"));
        Assert.Equal("an event", SecureKafka.RoundTrip(settings, kafka.Target("SASL_SSL")));
    }

    [Fact]
    public void With_a_certificate_of_the_clients_own_events_are_written_and_read()
    {
        var (certificate, key) = kafka.Certificates.Client;
        var settings = Given.Options($"ssl.ca.location={kafka.Certificates.AuthorityFile}", $"ssl.certificate.location={certificate}", $"ssl.key.location={key}");
        Assert.Equal("an event", SecureKafka.RoundTrip(settings, kafka.Target("SSL")));
    }

    [Theory]
    [InlineData("PLAIN", "alice", "wrong-S3cret-1")]
    [InlineData("PLAIN", "nobody", "wrong-S3cret-2")]
    [InlineData("SCRAM-SHA-256", "carol", "wrong-S3cret-3")]
    [InlineData("SCRAM-SHA-512", "carol", SecureKafka.CarolPassword)]
    public void Wrong_credentials_are_said_with_the_remedy_and_without_the_password(string mechanism, string user, string password)
    {
        var settings = Given.File("security.protocol=SASL_PLAINTEXT", $"sasl.mechanism={mechanism}", $"sasl.username={user}", $"sasl.password={password}");
        var message = Failure(settings, kafka.Target("SASL_PLAINTEXT"));
        Assert.Contains("the broker refuses who we are", message);
        Assert.Contains($"check sasl.username, sasl.password and that the broker takes sasl.mechanism={mechanism}", message);
        Assert.DoesNotContain(password, message);
    }

    [Fact]
    public void A_certificate_that_nobody_vouches_for_is_a_matter_of_TLS()
    {
        using var strangers = new TestCertificates();
        var message = Failure(KafkaSettings.Read([$"ssl.ca.location={strangers.AuthorityFile}"], null, Given.Environment($"CONNECTION_STRING={SecureKafka.ConnectionString}")), kafka.Target("SASL_SSL"));
        Assert.Contains("no TLS connection", message);
        Assert.Contains("check ssl.ca.location", message);
        Assert.DoesNotContain("Ry7ZkQ0sEcReTkEy3pB", message);
    }

    [Fact]
    public void A_client_without_the_certificate_that_the_broker_asks_for_is_refused_as_a_matter_of_TLS() =>
        Assert.Contains("the client's own certificate", Failure(Given.Options($"ssl.ca.location={kafka.Certificates.AuthorityFile}"), kafka.Target("SSL")));

    [Fact]
    public void TLS_where_the_broker_speaks_none_is_said()
    {
        var message = Failure(Given.Options($"ssl.ca.location={kafka.Certificates.AuthorityFile}"), kafka.Target("PLAINTEXT"));
        Assert.True(message.Contains("the brokers do not speak SSL there", StringComparison.Ordinal), message);
    }

    [Theory]
    [InlineData("SASL_SSL")]
    [InlineData("SASL_PLAINTEXT")]
    public void No_security_where_the_broker_wants_it_is_said(string listener) =>
        Assert.Contains("set security.protocol and sasl.mechanism as its listener wants them", Failure(KafkaSettings.None, kafka.Target(listener)));

    [Fact]
    public void A_missing_right_to_the_topic_is_said_as_what_to_grant()
    {
        var target = kafka.Target("SASL_PLAINTEXT", kafka.Broker.CreateTopic());
        Assert.Contains("no right to topic " + target.Topic, Failure(Mallory(), target));
        Assert.Contains("grant Describe and Read", Failure(Mallory(), target));

        kafka.Grant("mallory", ResourceType.Topic, target.Topic, AclOperation.Describe, AclOperation.Read);
        Assert.Single(KafkaAdmin.Describe(target, Mallory(), Short).Partitions);
        // It is there, so that the right to make it is not needed.
        Assert.False(KafkaAdmin.CreateTopic(target, Mallory(), 1, compacted: false, Short));
    }

    [Fact]
    public void A_missing_right_to_make_a_topic_is_said()
    {
        var target = kafka.Target("SASL_PLAINTEXT");
        var message = Assert.Throws<EventLogException>(() => KafkaAdmin.CreateTopic(target, Mallory(), 1, compacted: false, Short)).Message;
        Assert.Contains($"no right to topic {target.Topic}", message);
    }

    [Fact]
    public void A_missing_right_to_the_group_is_said_as_what_to_grant()
    {
        var target = kafka.Target("SASL_PLAINTEXT", kafka.Broker.CreateTopic());
        kafka.Grant("mallory", ResourceType.Topic, target.Topic, AclOperation.Describe, AclOperation.Read);
        var builder = new Confluent.Kafka.ConsumerBuilder<byte[], byte[]>(Mallory().Consumer(target.BootstrapServers, "a-group"));
        Mallory().Attach(builder, _ => { });
        using var consumer = builder.Build();
        consumer.Subscribe(target.Topic);
        var failure = Assert.Throws<Confluent.Kafka.ConsumeException>(() => consumer.Consume(TimeSpan.FromSeconds(20)));
        Assert.Contains("no right to the consumer group", KafkaErrors.Explain(failure, target, Mallory()));
    }

    private static KafkaSettings Mallory() =>
        Given.File("security.protocol=SASL_PLAINTEXT", "sasl.mechanism=PLAIN", "sasl.username=mallory", $"sasl.password={SecureKafka.MalloryPassword}");

    private static string Failure(KafkaSettings settings, KafkaTarget target)
    {
        var message = Assert.Throws<EventLogException>(() => KafkaAdmin.Describe(target, settings, Short)).Message;
        Assert.StartsWith(target.ToString(), message);
        Assert.DoesNotContain("\n", message);
        return message;
    }
}
