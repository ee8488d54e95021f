using Confluent.Kafka;
using Confluent.Kafka.Admin;
using EvBilling.Kafka;
using EvBilling.SystemTests.Servers;

namespace EvBilling.SystemTests.Kafka;

[CollectionDefinition(Name)]
public sealed class SecureKafkaTests : ICollectionFixture<SecureKafka>
{
    public const string Name = "a broker with every kind of security";
}

/// <summary>One broker with a listener for each kind of security, and rights that are checked.</summary>
public sealed class SecureKafka : IDisposable
{
    /// <summary>As Event Hubs has it; the user is <c>$ConnectionString</c>.</summary>
    internal const string ConnectionString = "Endpoint=sb://fleet.servicebus.windows.net/;SharedAccessKeyName=worker;SharedAccessKey=Ry7ZkQ0sEcReTkEy3pB=";

    internal const string AlicePassword = "alice-S3cret-9f";
    internal const string CarolPassword = "carol-S3cret-2b";
    internal const string MalloryPassword = "mallory-S3cret-7d";
    internal const string OAuthSubject = "fleet-worker";

    private const string Plain = "org.apache.kafka.common.security.plain.PlainLoginModule required";

    private readonly Lazy<KafkaBroker> _broker;

    public SecureKafka() => _broker = new(Start);

    internal TestCertificates Certificates { get; } = new();

    internal TestTokens Tokens { get; } = new();

    internal KafkaBroker Broker
    {
        get
        {
            KafkaBundle.SkipOrFail();
            return _broker.Value;
        }
    }

    public void Dispose()
    {
        if (_broker.IsValueCreated)
        {
            _broker.Value.Dispose();
        }
        Certificates.Dispose();
        Tokens.Dispose();
    }

    internal KafkaTarget Target(string listener, string? topic = null) => new($"127.0.0.1:{Broker.PortOf(listener)}", topic ?? $"topic-{Guid.NewGuid():N}");

    /// <summary>Grants a user something on a resource.</summary>
    internal void Grant(string user, ResourceType resource, string name, params AclOperation[] operations)
    {
        using var admin = Broker.Admin();
        admin.CreateAclsAsync(operations.Select(operation => new AclBinding
        {
            Pattern = new ResourcePattern { Type = resource, Name = name, ResourcePatternType = ResourcePatternType.Literal },
            Entry = new AccessControlEntry { Principal = $"User:{user}", Host = "*", Operation = operation, PermissionType = AclPermissionType.Allow },
        })).GetAwaiter().GetResult();
    }

    /// <summary>Makes the topic, writes to it and reads from it, all with these settings.</summary>
    /// <returns>What was read.</returns>
    internal static string RoundTrip(KafkaSettings settings, KafkaTarget target)
    {
        Assert.True(KafkaAdmin.CreateTopic(target, settings, 1, compacted: false, KafkaAdmin.Patience));
        var producing = new ProducerBuilder<Null, string>(settings.Producer(target.BootstrapServers));
        settings.Attach(producing, _ => { });
        using (var producer = producing.Build())
        {
            producer.Produce(target.Topic, new Message<Null, string> { Value = "an event" });
            Assert.Equal(0, producer.Flush(TimeSpan.FromSeconds(20)));
        }
        var consuming = new ConsumerBuilder<Ignore, string>(settings.Consumer(target.BootstrapServers, "evbilling"));
        settings.Attach(consuming, _ => { });
        using var consumer = consuming.Build();
        consumer.Assign(new TopicPartitionOffset(target.Topic, 0, 0));
        var value = consumer.Consume(TimeSpan.FromSeconds(20))?.Message?.Value;
        consumer.Close();
        return value ?? "nothing";
    }

    private KafkaBroker Start() => KafkaBroker.StartNew(new KafkaBrokerOptions
    {
        Listeners = ["SASL_PLAINTEXT", "SASL_SSL", "SSL"],
        JavaOptions = $"-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=file://{Tokens.KeySetFile}",
        FormatArguments = ["--add-scram", $"SCRAM-SHA-256=[name=carol,password={CarolPassword}]"],
        Properties =
        [
            "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            $"super.users=User:ANONYMOUS;User:alice;User:carol;User:$ConnectionString;User:{OAuthSubject};User:CN=worker",
            "listener.name.sasl_plaintext.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256",
            $"listener.name.sasl_plaintext.plain.sasl.jaas.config={Plain} user_alice=\"{AlicePassword}\" user_mallory=\"{MalloryPassword}\";",
            "listener.name.sasl_plaintext.scram-sha-256.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;",
            "listener.name.sasl_ssl.sasl.enabled.mechanisms=PLAIN,OAUTHBEARER",
            $"listener.name.sasl_ssl.plain.sasl.jaas.config={Plain} user_$ConnectionString=\"{ConnectionString}\";",
            "listener.name.sasl_ssl.oauthbearer.sasl.jaas.config=org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;",
            "listener.name.sasl_ssl.oauthbearer.sasl.server.callback.handler.class=org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler",
            // A connection ends with its token, to the second.
            "listener.name.sasl_ssl.oauthbearer.connections.max.reauth.ms=3600000",
            "sasl.oauthbearer.clock.skew.seconds=0",
            $"sasl.oauthbearer.jwks.endpoint.url=file://{Tokens.KeySetFile}",
            $"sasl.oauthbearer.expected.audience={TestTokens.Audience}",
            "ssl.keystore.type=PEM",
            $"ssl.keystore.location={Certificates.ServerKeyAndCertificateFile}",
            "ssl.truststore.type=PEM",
            $"ssl.truststore.location={Certificates.AuthorityFile}",
            "listener.name.ssl.ssl.client.auth=required",
        ],
    });
}
