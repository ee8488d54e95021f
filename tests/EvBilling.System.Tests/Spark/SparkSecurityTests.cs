using System.Diagnostics;
using System.Text;
using EvBilling.SystemTests.Kafka;
using EvBilling.SystemTests.Processes;
using EvBilling.SystemTests.Servers;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Spark;

/// <summary>The job with all the security that Event Hubs and Azure's PostgreSQL want: TLS to both, and tokens of Entra ID that a broker and a database check.</summary>
[Collection(SecureKafkaTests.Name)]
public sealed class SparkSecurityTests(SecureKafka kafka) : IDisposable
{
    private const string Scope = "https://fleet.servicebus.windows.net/.default";
    private const string FederatedToken = "federated-token-of-the-pod";
    private const string ClientSecret = "a-client's \"S3cret\\";

    private readonly TemporaryFolder _folder = new();
    private readonly SimulatedFleet _fleet = SimulatedFleet.Create(11, stations: 10);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Broker_and_database_get_tokens_of_a_workload_identity_which_are_renewed_while_the_job_runs()
    {
        // A broker ends a connection with its token. The job is told a shorter life, so that it has the next one in time on a busy machine too.
        var (told, life) = (TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(20));
        using var database = new TlsPostgres(kafka.Certificates);
        using var entra = Entra(told, life);
        using var spark = Pipeline(database, entra);
        spark.Environment["AZURE_FEDERATED_TOKEN_FILE"] = _folder.Write("federated", FederatedToken);
        var half = _fleet.Lines.Length / 2;
        spark.Broker.Produce(spark.Worker.Topic, 0, _fleet.Lines[..half]);
        using var job = spark.Start(["--trigger", "1s", .. Options]);
        WaitUntil(() => spark.Worker.Committed() >= half, job);
        var first = TokensForBrokers(entra);
        Thread.Sleep(life);
        spark.Broker.Produce(spark.Worker.Topic, 0, _fleet.Lines[half..]);
        WaitUntil(() => spark.Worker.Committed() >= _fleet.Lines.Length && TokensForBrokers(entra) > first, job);
        job.Signal(CliProcess.Interrupt);
        var end = job.End();
        Assert.True(end.ExitCode == 0, end.ToString());
        Assert.DoesNotContain(FederatedToken, end.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(TlsPostgres.Token, end.ToString(), StringComparison.Ordinal);
        Assert.All(entra.Requests, request => Assert.Contains($"client_assertion={FederatedToken}", request, StringComparison.Ordinal));

        // What has not ended is closed when input has.
        Assert.Equal(0, spark.Worker.Run().ExitCode);
        Assert.Equal(spark.Worker.ExpectedBills(_fleet.Lines), spark.Worker.Bills());
    }

    [Fact]
    public void On_Databricks_Kafkas_own_login_is_told_the_principal_and_properties_without_a_secret_are_enough()
    {
        using var database = new TlsPostgres(kafka.Certificates);
        using var entra = Entra(TimeSpan.FromHours(1), TimeSpan.FromHours(1));
        using var spark = Pipeline(database, entra);
        spark.Environment["AZURE_CLIENT_SECRET"] = ClientSecret;
        spark.Broker.Produce(spark.Worker.Topic, 0, _fleet.Lines);
        var properties = _folder.File("job.properties");
        // Written by another user of the database than the job's own.
        var store = spark.Store;
        spark.Store = spark.Worker.Store;
        using (var writing = spark.Start([.. Options, "--properties-to", properties, "--secret-references", "--job-store", store]))
        {
            var written = writing.End();
            Assert.True(written.ExitCode == 0, written.ToString());
        }
        Assert.DoesNotContain("S3cret", File.ReadAllText(properties), StringComparison.Ordinal);

        var submit = new ProcessStartInfo(Path.Combine(SparkBundle.SkipOrFail(), "bin", "spark-submit"),
        [
            "--master", "local[2]", "--driver-class-path", Shaded(), "--driver-java-options", $"-Djavax.net.ssl.trustStore={kafka.Certificates.JavaTrustStore} -Djavax.net.ssl.trustStorePassword={TestCertificates.JavaTrustStorePassword}",
            "--class", "org.evbilling.spark.Job", SparkBundle.Jar, properties, "available-now=true",
        ])
        { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in spark.Environment)
        {
            submit.Environment[name] = value;
        }
        var (code, output) = Run(submit);
        Assert.True(code == 0, output);
        Assert.DoesNotContain("S3cret", output, StringComparison.Ordinal);
        Assert.Equal(spark.Worker.ExpectedBills(_fleet.Lines), spark.Worker.Bills());
        // Kafka's own login names the principal so; the kernel, for the database, in the form.
        var basic = "Authorization: Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"a-client:{ClientSecret}"));
        Assert.Contains(entra.Requests, request => request.Contains(basic, StringComparison.Ordinal) && request.Contains($"scope={Scope}", StringComparison.Ordinal));
        Assert.Contains(entra.Requests, request => request.Contains("client_secret=", StringComparison.Ordinal) && request.Contains("ossrdbms", StringComparison.Ordinal));
    }

    [Fact]
    public void A_token_that_Entra_does_not_give_is_told_in_a_sentence()
    {
        using var database = new TlsPostgres(kafka.Certificates);
        using var entra = new FakeEntra(kafka.Certificates, request => request.Contains("ossrdbms", StringComparison.Ordinal) ? null : "", TimeSpan.Zero);
        using var spark = Pipeline(database, entra);
        spark.Environment["AZURE_CLIENT_SECRET"] = ClientSecret;
        using var job = spark.Start(["--available-now", .. Options]);
        var end = job.End();
        Assert.Equal(1, end.ExitCode);
        var sentence = Assert.Single(end.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("is not asked without a token: Microsoft Entra ID gives no token for https://ossrdbms-aad.database.windows.net/.default", sentence, StringComparison.Ordinal);
        Assert.DoesNotContain("S3cret", sentence, StringComparison.Ordinal);
    }

    private string[] Options => ["--kafka", "evbilling.oauth=entra", "--kafka", $"evbilling.oauth.scope={Scope}", "--kafka", $"ssl.ca.location={kafka.Certificates.AuthorityFile}"];

    private FakeEntra Entra(TimeSpan told, TimeSpan life) => new(
        kafka.Certificates, request => request.Contains("ossrdbms", StringComparison.Ordinal) ? TlsPostgres.Token : kafka.Tokens.Issue(SecureKafka.OAuthSubject, life), told);

    private SparkPipeline Pipeline(TlsPostgres database, FakeEntra entra)
    {
        var spark = new SparkPipeline(kafka.Broker, database.Database, 1)
        {
            Brokers = kafka.Target("SASL_SSL").BootstrapServers,
            Store = database.Uri($"sslmode=verify-full&sslrootcert={Uri.EscapeDataString(kafka.Certificates.AuthorityFile)}&auth=entra"),
        };
        spark.Worker.Program.UseTariffs(_fleet.Tariffs);
        spark.Environment["AZURE_TENANT_ID"] = "a-tenant";
        spark.Environment["AZURE_CLIENT_ID"] = "a-client";
        spark.Environment["AZURE_AUTHORITY_HOST"] = entra.Address;
        // What .NET trusts, in the program and in the kernel.
        spark.Environment["SSL_CERT_FILE"] = kafka.Certificates.AuthorityFile;
        return spark;
    }

    private static int TokensForBrokers(FakeEntra entra) => entra.Requests.Count(request => request.Contains($"scope={Scope}", StringComparison.Ordinal));

    /// <summary>Kafka's classes under the names that Databricks' build has; no others are needed here.</summary>
    private string Shaded()
    {
        const string Package = "org.apache.kafka.common.security.oauthbearer";
        foreach (var name in new[] { "OAuthBearerLoginModule", "OAuthBearerLoginCallbackHandler" })
        {
            _folder.Write($"{name}.java", $"package kafkashaded.{Package};\npublic class {name} extends {Package}.{name} {{}}\n");
        }
        var (code, output) = Run(new ProcessStartInfo(
            "javac", ["--release", "17", "-cp", Path.Combine(SparkBundle.SkipOrFail(), "jars", "*"), "-d", _folder.File("shaded"), _folder.File("OAuthBearerLoginModule.java"), _folder.File("OAuthBearerLoginCallbackHandler.java")])
        { RedirectStandardOutput = true, RedirectStandardError = true });
        Assert.True(code == 0, output);
        return _folder.File("shaded");
    }

    private static (int Code, string Output) Run(ProcessStartInfo start)
    {
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }

    private static void WaitUntil(Func<bool> condition, CliProcess job)
    {
        var until = DateTime.UtcNow + TimeSpan.FromMinutes(5);
        while (!condition())
        {
            if (DateTime.UtcNow > until)
            {
                job.Signal(CliProcess.Interrupt);
            }
            if (job.HasExited || DateTime.UtcNow > until)
            {
                Assert.Fail($"it has ended, or takes too long: {job.End()}");
            }
            Thread.Sleep(100);
        }
    }
}
