using Confluent.Kafka;
using EvBilling.Engine;
using EvBilling.Kafka;
using EvBilling.SystemTests.Servers;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Kafka;

/// <summary>OAUTHBEARER on a real broker that checks tokens by a set of keys, and ends a connection when its token does.</summary>
[Collection(SecureKafkaTests.Name)]
public sealed class KafkaOAuthTests(SecureKafka kafka) : IDisposable
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(8);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void With_a_token_in_a_file_events_are_written_and_read()
    {
        var file = _folder.Write("token", kafka.Tokens.Issue(SecureKafka.OAuthSubject, TimeSpan.FromHours(1)) + "\n");
        Assert.Equal("an event", SecureKafka.RoundTrip(OfFile(file), kafka.Target("SASL_SSL")));
    }

    [Fact]
    public void A_producer_and_a_consumer_outlive_their_first_token_when_the_file_is_renewed()
    {
        // Shorter lives are renewed too, but over new connections: librdkafka looks at the clock once a second, and the broker allows one renewal a second.
        var life = TimeSpan.FromSeconds(20);
        var watch = new KafkaErrorWatch();
        Assert.NotEmpty(kafka.Broker.BootstrapServers);
        var file = _folder.Write("token", kafka.Tokens.Issue(SecureKafka.OAuthSubject, life));
        // As Kubernetes does it: a new token before the old one ends, put in place at once.
        using var renewal = new Timer(
            _ => File.Move(_folder.Write("token.new", kafka.Tokens.Issue(SecureKafka.OAuthSubject, life)), file, overwrite: true), null, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2));
        Assert.Equal(Enumerable.Range(0, 8).Select(number => $"{number}"), WriteAndRead(OfFile(file), TimeSpan.FromSeconds(24), 8, watch));
        // Over the same connections: nothing was interrupted.
        Assert.Null(watch.Cause);
    }

    [Fact]
    public void Without_a_renewal_the_broker_ends_the_connection_with_the_token_and_it_is_said()
    {
        // First: the broker's start may take longer than the token lives.
        var target = kafka.Target("SASL_SSL", kafka.Broker.CreateTopic());
        var file = _folder.Write("token", kafka.Tokens.Issue(SecureKafka.OAuthSubject, TimeSpan.FromSeconds(6)));
        var settings = Given.Options([.. FileOptions(file), "message.timeout.ms=6000"]);
        var watch = new KafkaErrorWatch();
        var producing = new ProducerBuilder<Null, string>(settings.Producer(target.BootstrapServers));
        settings.Attach(producing, _ => { }, watch.Note);
        using var producer = producing.Build();
        var first = Produce(producer, target);
        Assert.True(first.Status == PersistenceStatus.Persisted, first.Error.Reason + watch.Cause?.Reason);
        Thread.Sleep(TimeSpan.FromSeconds(7));

        Assert.Equal(PersistenceStatus.NotPersisted, Produce(producer, target).Status);
        Assert.NotNull(watch.Cause);
        Assert.Contains($"the token in {file} expired at", KafkaErrors.Explain(watch.Cause, target, settings));
    }

    [Fact]
    public void A_workload_identity_gets_its_tokens_of_Entra_and_renews_them()
    {
        // The broker ends a connection with its token, to the second, and what is under way then fails. So the client is told a shorter life than the broker sees:
        // it has 7 s to bring the next token, and not the second that 80 % of such a life would leave on a busy machine.
        var (told, life) = (TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(12));
        var federated = _folder.Write("federated", "federated-token-of-the-pod");
        using var entra = new FakeEntra(kafka.Certificates, () => kafka.Tokens.Issue(SecureKafka.OAuthSubject, life), told);
        Assert.Equal(Enumerable.Range(0, 8).Select(number => $"{number}"), WriteAndRead(OfEntra(entra, federated), TimeSpan.FromSeconds(16), 8, new()));

        Assert.True(entra.Requests.Length > 4, string.Join('\n', entra.Requests));
        Assert.All(entra.Requests, request =>
        {
            Assert.StartsWith("POST /a-tenant/oauth2/v2.0/token", request);
            Assert.Contains("client_assertion=federated-token-of-the-pod", request);
            Assert.Contains("client_id=a-client", request);
            Assert.Contains("scope=https://fleet.servicebus.windows.net/.default", request);
        });
    }

    [Fact]
    public void When_Entra_refuses_it_is_said_without_the_federated_token()
    {
        var federated = _folder.Write("federated", "federated-token-of-the-pod");
        using var entra = new FakeEntra(kafka.Certificates, () => null, TimeSpan.Zero);
        var message = Failure(OfEntra(entra, federated));
        Assert.Contains("Microsoft Entra ID gives no token for https://fleet.servicebus.windows.net/.default", message);
        Assert.DoesNotContain("federated-token-of-the-pod", message);
    }

    [Fact]
    public void A_token_for_another_audience_is_refused_and_not_shown()
    {
        var token = kafka.Tokens.Issue(SecureKafka.OAuthSubject, TimeSpan.FromHours(1), audience: "someone-else");
        var message = Failure(OfFile(_folder.Write("token", token)));
        Assert.Contains("the broker refuses who we are", message);
        Assert.Contains("check where tokens come from", message);
        Assert.DoesNotContain(token, message);
    }

    [Theory]
    [InlineData("no token at all", "holds no JSON web token with an expiry")]
    [InlineData("", "holds no JSON web token with an expiry")]
    [InlineData("eyJhbGciOiJub25lIn0.eyJleHAiOjF9.c2ln", "expired at 1970-01-01T00:00:01Z")]
    public void A_file_without_a_token_that_is_valid_is_said(string text, string problem)
    {
        var file = _folder.Write("token", text);
        var message = Failure(OfFile(file));
        Assert.Contains(problem, message);
        Assert.Contains(file, message);
    }

    [Fact]
    public void A_file_that_is_not_there_is_said() =>
        Assert.Contains("cannot be read", Failure(OfFile(_folder.File("none"))));

    private KafkaSettings OfFile(string file) =>
        Given.Options(FileOptions(file));

    private string[] FileOptions(string file) => [$"ssl.ca.location={kafka.Certificates.AuthorityFile}", "evbilling.oauth=file", $"evbilling.oauth.token.file={file}"];

    private static DeliveryReport<Null, string> Produce(IProducer<Null, string> producer, KafkaTarget target)
    {
        DeliveryReport<Null, string>? report = null;
        producer.Produce(target.Topic, new Message<Null, string> { Value = "an event" }, delivered => report = delivered);
        producer.Flush(TimeSpan.FromSeconds(20));
        Assert.NotNull(report);
        return report;
    }

    private KafkaSettings OfEntra(FakeEntra entra, string federated)
    {
        var environment = new Dictionary<string, string>
        {
            ["AZURE_TENANT_ID"] = "a-tenant",
            ["AZURE_CLIENT_ID"] = "a-client",
            ["AZURE_FEDERATED_TOKEN_FILE"] = federated,
            ["AZURE_AUTHORITY_HOST"] = entra.Address,
            ["EVBILLING_KAFKA_OAUTH"] = "entra",
        };
        // Its broker is no namespace of Event Hubs, by which the scope would be known.
        string[] options = [$"ssl.ca.location={kafka.Certificates.AuthorityFile}", "evbilling.oauth.scope=https://fleet.servicebus.windows.net/.default"];
        return KafkaSettings.Read(options, null, environment, entra.Transport);
    }

    private string Failure(KafkaSettings settings) => Assert.Throws<EventLogException>(() => KafkaAdmin.Describe(kafka.Target("SASL_SSL"), settings, Short)).Message;

    /// <summary>Writes numbers at even intervals and reads them, with one producer and one consumer all the time.</summary>
    private List<string> WriteAndRead(KafkaSettings settings, TimeSpan time, int count, KafkaErrorWatch watch)
    {
        var target = kafka.Target("SASL_SSL", kafka.Broker.CreateTopic());
        var producing = new ProducerBuilder<Null, string>(settings.Producer(target.BootstrapServers));
        settings.Attach(producing, _ => { }, watch.Note);
        var consuming = new ConsumerBuilder<Ignore, string>(settings.Consumer(target.BootstrapServers, "evbilling"));
        settings.Attach(consuming, _ => { }, watch.Note);
        using var producer = producing.Build();
        using var consumer = consuming.Build();
        consumer.Assign(new TopicPartitionOffset(target.Topic, 0, 0));
        var read = new List<string>();
        for (var number = 0; number < count; number++)
        {
            producer.Produce(target.Topic, new Message<Null, string> { Value = $"{number}" }, report => Assert.False(report.Error.IsError, report.Error.Reason));
            ReadFor(consumer, time / count, read);
        }
        Assert.Equal(0, producer.Flush(TimeSpan.FromSeconds(20)));
        ReadFor(consumer, TimeSpan.FromSeconds(1), read);
        consumer.Close();
        return read;
    }

    private static void ReadFor(IConsumer<Ignore, string> consumer, TimeSpan time, List<string> read)
    {
        var end = DateTimeOffset.UtcNow + time;
        while (DateTimeOffset.UtcNow < end)
        {
            if (consumer.Consume(TimeSpan.FromMilliseconds(100)) is { IsPartitionEOF: false } record)
            {
                read.Add(record.Message.Value);
            }
        }
    }
}
