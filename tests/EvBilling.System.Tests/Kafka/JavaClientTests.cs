using System.Diagnostics;
using EvBilling.Kafka;
using EvBilling.SystemTests.Servers;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Kafka;

/// <summary>Settings as Kafka's Java client has them: that client itself asks a real broker with them.</summary>
[Collection(SecureKafkaTests.Name)]
public sealed class JavaClientTests(SecureKafka kafka) : IDisposable
{
    private const string ClientSecret = "a-client's \"S3cret\\";

    private readonly TemporaryFolder _folder = new();

    private string Authority => $"ssl.ca.location={kafka.Certificates.AuthorityFile}";

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_connection_string_of_Event_Hubs_over_TLS() => Asks(
        "SASL_SSL", KafkaSettings.Read([Authority], null, Given.Environment($"CONNECTION_STRING={SecureKafka.ConnectionString}")));

    [Fact]
    public void SCRAM_and_a_password() => Asks(
        "SASL_PLAINTEXT", Given.File("security.protocol=SASL_PLAINTEXT", "sasl.mechanism=SCRAM-SHA-256", "sasl.username=carol", $"sasl.password={SecureKafka.CarolPassword}"));

    [Fact]
    public void A_certificate_of_the_clients_own()
    {
        var (certificate, key) = kafka.Certificates.Client;
        Asks("SSL", Given.Options(Authority, $"ssl.certificate.location={certificate}", $"ssl.key.location={key}"));
    }

    [Fact]
    public void Tokens_of_an_issuer_for_a_client_and_its_secret()
    {
        using var issuer = new FakeEntra(kafka.Certificates, () => kafka.Tokens.Issue(SecureKafka.OAuthSubject, TimeSpan.FromHours(1)), TimeSpan.FromHours(1));
        Asks("SASL_SSL", Issuer(issuer.Address), $"-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls={issuer.Address}token -Djavax.net.ssl.trustStore={kafka.Certificates.JavaTrustStore} -Djavax.net.ssl.trustStorePassword={TestCertificates.JavaTrustStorePassword}");
        Assert.Contains("grant_type=client_credentials", Assert.Single(issuer.Requests.Distinct()), StringComparison.Ordinal);
    }

    [Fact]
    public void With_references_no_secret_is_there_but_the_variable_that_has_it()
    {
        var (certificate, key) = kafka.Certificates.Client;
        var all = new[]
        {
            (Issuer("https://issuer.example/"), "EVBILLING_KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET"),
            (KafkaSettings.Read([], null, Given.Environment($"CONNECTION_STRING={SecureKafka.ConnectionString}")), "EVBILLING_KAFKA_CONNECTION_STRING"),
            (Given.File("sasl.mechanism=PLAIN", "sasl.username=alice", $"sasl.password={SecureKafka.AlicePassword}"), "EVBILLING_KAFKA_SASL_PASSWORD"),
            (Given.Options(Authority, $"ssl.certificate.location={certificate}", $"ssl.key.location={key}"), "EVBILLING_KAFKA_SSL_KEY_PEM"),
        };
        foreach (var (settings, variable) in all)
        {
            var java = settings.ForJava("h:1", secretReferences: true);
            Assert.Equal([variable], java.SecretVariables);
            Assert.Contains(java.Properties.Values, value => value.Contains($"${{{variable}}}", StringComparison.Ordinal));
            Assert.DoesNotContain(java.Properties.Values, value => value.Contains("S3cret", StringComparison.Ordinal) || value.Contains("SharedAccessKey", StringComparison.Ordinal) || value.Contains("PRIVATE KEY", StringComparison.Ordinal));
            // Without, they are there.
            Assert.Empty(settings.ForJava("h:1", secretReferences: false).SecretVariables);
        }
    }

    [Theory]
    [InlineData("evbilling.oauth=file", "evbilling.oauth (--kafka number 1) cannot be used with Spark")]
    [InlineData("fetch.min.bytes=1", "fetch.min.bytes (--kafka number 1) cannot be used with Spark")]
    public void What_it_does_not_have_is_named(string setting, string expected)
    {
        var settings = Given.Options([setting, .. setting.EndsWith("=file", StringComparison.Ordinal) ? new[] { $"evbilling.oauth.token.file={_folder.Write("token", "")}" } : []]);
        Assert.StartsWith(expected, Assert.Throws<KafkaSettingsException>(() => settings.ForJava("h:1", secretReferences: false)).Message, StringComparison.Ordinal);
    }

    private KafkaSettings Issuer(string address) => Given.File(
        Authority, "sasl.mechanism=OAUTHBEARER", "sasl.oauthbearer.method=oidc", "sasl.oauthbearer.client.id=a-client", $"sasl.oauthbearer.client.secret={ClientSecret}", "sasl.oauthbearer.scope=kafka",
        $"sasl.oauthbearer.token.endpoint.url={address}token");

    private void Asks(string listener, KafkaSettings settings, string java = "")
    {
        var target = kafka.Target(listener, kafka.Broker.CreateTopic());
        kafka.Broker.Produce(target.Topic, 0, "an event", "another");
        var file = _folder.Write("client.properties", string.Concat(settings.ForJava(target.BootstrapServers, secretReferences: false).Properties.Select(
            property => $"{property.Key}={property.Value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\n")));
        var start = new ProcessStartInfo(
            Path.Combine(KafkaBundle.SkipOrFail(), "bin", "kafka-get-offsets"), ["--bootstrap-server", target.BootstrapServers, "--command-config", file, "--topic", target.Topic])
        { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["KAFKA_OPTS"] = java;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(output.Contains($"{target.Topic}:0:2", StringComparison.Ordinal), output + errors.Result);
    }
}
