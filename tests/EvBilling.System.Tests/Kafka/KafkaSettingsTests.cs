using Confluent.Kafka;
using EvBilling.Kafka;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Kafka;

/// <summary>What settings come to, and which are refused, before any broker is asked.</summary>
public sealed class KafkaSettingsTests : IDisposable
{
    private const string Password = "S3cret-of-alice";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Without_any_setting_clients_are_exact_and_without_security()
    {
        var consumer = KafkaSettings.None.Consumer("h:1", "g");
        Assert.Equal(("h:1", "g", "evbilling"), (consumer.BootstrapServers, consumer.GroupId, consumer.ClientId));
        Assert.Equal((false, false, AutoOffsetReset.Error, true), (consumer.EnableAutoCommit, consumer.EnableAutoOffsetStore, consumer.AutoOffsetReset, consumer.EnablePartitionEof));
        Assert.Equal((6000, 500, IsolationLevel.ReadCommitted), (consumer.SessionTimeoutMs, consumer.HeartbeatIntervalMs, consumer.IsolationLevel));
        Assert.Equal(PartitionAssignmentStrategy.CooperativeSticky, consumer.PartitionAssignmentStrategy);
        Assert.Null(consumer.SecurityProtocol);
        var producer = KafkaSettings.None.Producer("h:1");
        Assert.Equal((true, Acks.All, Partitioner.Murmur2Random), (producer.EnableIdempotence, producer.Acks, producer.Partitioner));
        Assert.Equal("h:1", KafkaSettings.None.Admin("h:1").BootstrapServers);
        Assert.Equal((null, 60000), (producer.RequestTimeoutMs, KafkaSettings.None.Producer("n.servicebus.windows.net:9093").RequestTimeoutMs));
    }

    [Fact]
    public void Options_win_over_the_environment_and_that_over_the_file_and_all_over_defaults()
    {
        var file = _folder.Write("kafka.properties", "# of the file\n! too\n\nclient.id = file \nqueued.min.messages=5\nfetch.wait.max.ms=7\nsession.timeout.ms=9000\nlinger.ms=3\n");
        var settings = KafkaSettings.Read(["client.id=option"], file, Given.Environment("CLIENT_ID=environment", "QUEUED_MIN_MESSAGES=6", "LOG_LEVEL=4"));
        var consumer = settings.Consumer("h:1", "g");
        Assert.Equal(("option", 6, 7, 9000, "4"), (consumer.ClientId, consumer.QueuedMinMessages, consumer.FetchWaitMaxMs, consumer.SessionTimeoutMs, consumer.Get("log_level")));
        Assert.Equal("3", settings.Producer("h:1").Get("linger.ms"));
    }

    [Fact]
    public void A_property_under_its_other_name_is_the_same_property()
    {
        var file = _folder.Write("kafka.properties", $"sasl.mechanism=PLAIN\nsasl.username=alice\nsasl.password={Password}\n");
        var consumer = KafkaSettings.Read(["sasl.mechanisms=scram-sha-256"], file, Given.NoEnvironment).Consumer("h:1", "g");
        Assert.Equal(SaslMechanism.ScramSha256, consumer.SaslMechanism);
        Assert.DoesNotContain(consumer, property => property.Key == "sasl.mechanisms");
    }

    [Fact]
    public void A_secret_may_lie_in_a_file_of_its_own()
    {
        var consumer = Given.Options("sasl.mechanism=PLAIN", "sasl.username=alice", $"sasl.password.file={_folder.Write("password", Password + "\n")}").Consumer("h:1", "g");
        Assert.Equal((Password, SecurityProtocol.SaslSsl), (consumer.SaslPassword, consumer.SecurityProtocol));
        Assert.Null(consumer.Get("sasl.password.file"));
    }

    [Fact]
    public void A_connection_string_sets_all_of_SASL_and_the_protocol_may_be_another()
    {
        var environment = Given.Environment($"CONNECTION_STRING={SecureKafka.ConnectionString}");
        var consumer = KafkaSettings.Read([], null, environment).Consumer("h:1", "g");
        Assert.Equal((SecurityProtocol.SaslSsl, SaslMechanism.Plain), (consumer.SecurityProtocol, consumer.SaslMechanism));
        Assert.Equal(("$ConnectionString", SecureKafka.ConnectionString), (consumer.SaslUsername, consumer.SaslPassword));
        // As the emulator of Event Hubs has it.
        Assert.Equal(SecurityProtocol.SaslPlaintext, KafkaSettings.Read(["security.protocol=SASL_PLAINTEXT"], null, environment).Consumer("h:1", "g").SecurityProtocol);
        var file = _folder.Write("connection", SecureKafka.ConnectionString + "\n");
        Assert.Equal(SecureKafka.ConnectionString, Given.Options($"evbilling.connection.string.file={file}").Producer("h:1").SaslPassword);
    }

    [Fact]
    public void The_newer_group_protocol_leaves_out_what_it_forbids()
    {
        var consumer = Given.Options("group.protocol=consumer").Consumer("h:1", "g");
        Assert.Equal(GroupProtocol.Consumer, consumer.GroupProtocol);
        Assert.Equal((null, null, null), (consumer.SessionTimeoutMs, consumer.HeartbeatIntervalMs, consumer.PartitionAssignmentStrategy));
        Assert.Contains("session.timeout.ms", Refusal("group.protocol=consumer", "session.timeout.ms=9000"));
    }

    [Theory]
    [InlineData("enable.auto.commit=true")]
    [InlineData("auto.commit.enable=true")]
    [InlineData("enable.auto.offset.store=true")]
    [InlineData("auto.offset.reset=earliest")]
    [InlineData("enable.partition.eof=false")]
    [InlineData("isolation.level=read_uncommitted")]
    [InlineData("enable.idempotence=false")]
    [InlineData("acks=1")]
    [InlineData("request.required.acks=0")]
    [InlineData("partitioner=consistent")]
    [InlineData("transactional.id=t")]
    [InlineData("bootstrap.servers=h:1")]
    [InlineData("metadata.broker.list=h:1")]
    [InlineData("group.id=g")]
    [InlineData("dotnet.producer.enable.background.poll=false")]
    public void What_exactness_rests_on_cannot_be_changed_and_the_refusal_says_why(string property) =>
        Assert.Matches(@"\(--kafka number 1\) (must be|cannot be set).*: .+; leave it out\.$|\(--kafka number 1\) cannot be set: .+; leave it out\.$", Refusal(property));

    [Theory]
    [InlineData("enable.auto.commit=FALSE")]
    [InlineData("acks=-1")]
    [InlineData("acks=ALL")]
    [InlineData("isolation.level=read_committed")]
    public void To_say_what_holds_anyway_is_no_mistake(string property) => Assert.Equal(IsolationLevel.ReadCommitted, Given.Options(property).Consumer("h:1", "g").IsolationLevel);

    [Theory]
    [InlineData("no.such.property=1", "no.such.property (--kafka number 1): librdkafka has no such property")]
    [InlineData("sasl.jaas.config=x", "give sasl.username and sasl.password")]
    [InlineData("ssl.truststore.location=x", "give ssl.ca.location")]
    [InlineData("session.timeout.ms=soon", "session.timeout.ms (--kafka number 1) cannot be used")]
    [InlineData("session.timeout.ms=-1", "session.timeout.ms (--kafka number 1) cannot be used")]
    [InlineData("security.protocol=TLS", "security.protocol (--kafka number 1) cannot be used")]
    [InlineData("ssl.ca.location=/no/such/file", "ssl.ca.location (--kafka number 1) cannot be used")]
    [InlineData("max.in.flight=6", "max.in.flight")]
    [InlineData("evbilling.typo=1", "is no property of EvBilling; there are")]
    [InlineData("evbilling.oauth=google", "is neither entra nor file")]
    [InlineData("evbilling.oauth=file", "needs evbilling.oauth.token.file=FILE")]
    [InlineData("evbilling.oauth.token.file=x", "is used only with evbilling.oauth=file")]
    [InlineData("sasl.mechanism=OAUTHBEARER", "does not say where tokens come from")]
    [InlineData("sasl.mechanism=AWS_MSK_IAM", "there are PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER, GSSAPI")]
    [InlineData("sasl.mechanism=PLAIN", "needs sasl.username")]
    [InlineData("sasl.username=alice", "sasl.username is set, but not how it is used")]
    [InlineData("client.id", "--kafka number 1 is no NAME=VALUE")]
    [InlineData("=x", "--kafka number 1 is no NAME=VALUE")]
    public void A_wrong_setting_is_named_with_the_remedy(string property, string sentence) => Assert.Contains(sentence, Refusal(property));

    [Fact]
    public void Settings_that_contradict_each_other_are_refused()
    {
        Assert.Contains("client.id is set twice (--kafka number 1, --kafka number 2)", Refusal("client.id=a", "client.id=b"));
        Assert.Contains("makes no use of sasl.mechanism=OAUTHBEARER", Refusal("security.protocol=SSL", "sasl.mechanism=OAUTHBEARER", "sasl.oauthbearer.method=oidc"));
        Assert.Contains("sasl.mechanism (--kafka number 2) contradicts evbilling.oauth", Refusal("evbilling.oauth=entra", "sasl.mechanism=PLAIN"));
        Assert.Contains("is no namespace of Event Hubs; set evbilling.oauth.scope", Assert.Throws<KafkaSettingsException>(() => Given.Options("evbilling.oauth=entra").Producer("h:1")).Message);
        Assert.NotNull(Given.Options("evbilling.oauth=entra").Producer("fleet.servicebus.windows.net:9093"));
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_said_by_name()
    {
        var missing = _folder.File("missing");
        Assert.Contains($"--kafka-config {missing} cannot be read", Assert.Throws<KafkaSettingsException>(() => KafkaSettings.Read([], missing, Given.NoEnvironment)).Message);
        Assert.Contains($"sasl.password.file={missing}", Refusal("sasl.mechanism=PLAIN", "sasl.username=alice", $"sasl.password.file={missing}"));
        Assert.Contains("has 0 bytes", Refusal($"sasl.password.file={_folder.Write("empty", "")}"));
        var file = _folder.Write("kafka.properties", $"client.id=a\n{Password}\n");
        var message = Assert.Throws<KafkaSettingsException>(() => KafkaSettings.Read([], file, Given.NoEnvironment)).Message;
        Assert.Equal($"{file} line 2 is no NAME=VALUE; give a property of librdkafka in each line, or # and a comment.", message);
    }

    private static string Refusal(params string[] options) => Assert.Throws<KafkaSettingsException>(() => Given.Options(options)).Message;
}
