using CsCheck;
using EvBilling.Engine;
using EvBilling.Kafka;
using EvBilling.SystemTests.Servers;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Kafka;

/// <summary>Whatever goes wrong: no error, log line or text of settings shows a secret.</summary>
public sealed class KafkaSecretsTests : IDisposable
{
    private const string Secret = "Zx9-S3cret-4Qk";

    private static readonly string[] Properties =
    [
        "sasl.password", "ssl.key.password", "ssl.keystore.password", "ssl.key.pem", "sasl.oauthbearer.client.secret", "sasl.oauthbearer.config",
        "sasl.oauthbearer.assertion.private.key.pem", "sasl.oauthbearer.assertion.private.key.passphrase", "evbilling.connection.string",
    ];

    // What may stand beside a secret, most of it wrong.
    private static readonly string[] Others =
    [
        "sasl.mechanism=PLAIN", "sasl.mechanism=OAUTHBEARER", "sasl.mechanism=WRONG", "sasl.username=alice", "security.protocol=SASL_PLAINTEXT", "security.protocol=WRONG",
        "ssl.ca.location=/no/such/file", "sasl.oauthbearer.method=oidc", "evbilling.oauth=file", "no.such.property=1", "session.timeout.ms=x", "ssl.certificate.location=/no/such/file",
        "group.id=x", "debug=all", "client.id=a", "evbilling.oauth=entra",
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> SecretProperties => [.. Properties, "no.such.password"];

    [Theory]
    [MemberData(nameof(SecretProperties))]
    public void A_secret_is_refused_on_the_command_line_and_not_repeated(string property)
    {
        var message = Assert.Throws<KafkaSettingsException>(() => Given.Options($"{property}={Secret}")).Message;
        Assert.Contains("put it into a file for --kafka-config or into the environment variable EVBILLING_KAFKA_", message);
        Assert.DoesNotContain(Secret, message);
    }

    [Theory]
    [InlineData($"client.id=Endpoint=sb://n;SharedAccessKey={Secret}")]
    [InlineData($"sasl.oauthbearer.token.endpoint.url=https://alice:{Secret}@host/token")]
    [InlineData($"sasl.oauthbearer.extensions=-----BEGIN PRIVATE KEY-----{Secret}")]
    public void What_looks_like_a_secret_is_refused_whatever_its_property(string option) =>
        Assert.DoesNotContain(Secret, Assert.Throws<KafkaSettingsException>(() => Given.Options(option)).Message);

    [Fact]
    public void The_variable_that_a_refusal_names_is_one_that_is_read()
    {
        var message = Assert.Throws<KafkaSettingsException>(() => Given.Options($"evbilling.connection.string={Secret}")).Message;
        Assert.EndsWith("EVBILLING_KAFKA_CONNECTION_STRING.", message);
        var read = KafkaSettings.Read([], null, Given.Environment($"CONNECTION_STRING={SecureKafka.ConnectionString}"));
        Assert.Equal(SecureKafka.ConnectionString, read.Producer("h:1").SaslPassword);
    }

    /// <summary>A search: any mix of properties, secret ones among them, wrong values, a broker that is not there. CsCheck prints its seed when it fails.</summary>
    [Fact]
    public void No_mix_of_settings_shows_a_secret() =>
        Gen.Select(Gen.Shuffle(Properties, 1, 3), Gen.Shuffle(Others, 0, 5), Gen.Bool).Sample(
            (secrets, others, isFile) =>
            {
                var said = Said([.. secrets.Select(name => $"{name}={Secret}")], others, isFile);
                return !said.Contains(Secret, StringComparison.Ordinal);
            },
            iter: 150, threads: 1);

    [Fact]
    public void The_logs_of_a_client_that_debugs_everything_show_no_secret()
    {
        var target = new KafkaTarget($"127.0.0.1:{FreePorts.Next()}", "topic");
        var lines = new List<string>();
        var settings = Given.File("sasl.mechanism=PLAIN", "security.protocol=SASL_PLAINTEXT", "sasl.username=alice", $"sasl.password={Secret}", "debug=all");
        Assert.Throws<EventLogException>(() => KafkaAdmin.Describe(target, settings, TimeSpan.FromSeconds(1), line => { lock (lines) { lines.Add(line.ToString()); } }));
        Assert.True(lines.Count > 20, $"only {lines.Count} lines");
        Assert.DoesNotContain(lines, line => line.Contains(Secret, StringComparison.Ordinal));
    }

    [Fact]
    public void The_key_within_a_connection_string_is_struck_out_too()
    {
        var settings = KafkaSettings.Read([], null, Given.Environment($"CONNECTION_STRING={SecureKafka.ConnectionString}"));
        Assert.Equal("a *** b *** c", settings.Scrub($"a {SecureKafka.ConnectionString} b Ry7ZkQ0sEcReTkEy3pB= c"));
    }

    /// <summary>All that a start with these settings says.</summary>
    private string Said(string[] secrets, string[] others, bool isFile)
    {
        var said = new List<string>();
        try
        {
            var file = isFile ? _folder.Write("kafka.properties", string.Join('\n', secrets)) : null;
            var environment = isFile ? [] : Given.Environment([.. secrets.Select(secret => VariableOf(secret))]);
            var settings = KafkaSettings.Read(others, file, environment);
            said.Add($"{settings}");
            KafkaAdmin.Describe(new KafkaTarget("127.0.0.1:1", "topic"), settings, TimeSpan.FromMilliseconds(50), line => { lock (said) { said.Add($"{line}"); } });
        }
        catch (Exception e) when (e is KafkaSettingsException or EventLogException)
        {
            lock (said)
            {
                said.Add(e.ToString());
            }
        }
        lock (said)
        {
            return string.Join('\n', said);
        }
    }

    private static string VariableOf(string property)
    {
        var parts = property.Split('=', 2);
        return $"{parts[0].Replace("evbilling.", "", StringComparison.Ordinal).ToUpperInvariant().Replace('.', '_')}={parts[1]}";
    }
}
