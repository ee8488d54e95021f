using System.Text.RegularExpressions;
using EvBilling.SystemTests.Processes;
using EvBilling.SystemTests.Servers;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Kafka;

/// <summary>Starts that fail, from the outside: the exit code, one sentence with the remedy, and no secret in anything that is printed.</summary>
[Collection(nameof(Processes))]
public sealed partial class FailingStartTests(SharedKafka kafka, SharedPostgres postgres) : IDisposable
{
    private const string Secret = "Zx9-S3cret-4Qk";
    private const string ConnectionString = $"Endpoint=sb://nowhere.invalid/;SharedAccessKeyName=a;SharedAccessKey={Secret}=";

    private readonly ProgramFixture _program = new();

    public void Dispose() => _program.Dispose();

    // {} is the test's folder, {kafka} and {postgres} are servers, {none} a port on which nobody listens. Environment: NAME=VALUE with bars between.
    public static TheoryData<int, string, string, string> Failing => new()
    {
        { 1, "", "run {tariffs} --events kafka://127.0.0.1:{none}/t --store {postgres}", "no broker answers" },
        { 1, "", "run {tariffs} --events kafka://{kafka}/no-such-topic --store {postgres}", "there is no topic no-such-topic" },
        { 1, "PGPASSWORD=" + Secret, "run {tariffs} --events kafka://{kafka}/t --store postgres://alice@127.0.0.1:{none}/bills", "cannot be reached" },
        { 1, "PGPASSWORD=" + Secret, "run {tariffs} --events kafka://{kafka}/t --store {wrong}", "does not let the user" },
        { 1, "PGPASSWORD=" + Secret, "status --store {wrong}", "does not let the user" },
        { 1, "PGPASSWORD=" + Secret, "bills --store {wrong}", "does not let the user" },
        { 2, "", "run {tariffs} --events kafka://{kafka}/t --store postgres://alice:" + Secret + "@127.0.0.1/bills", "PGPASSWORD" },
        { 2, "", "run {tariffs} --events kafka://{kafka}/t --store postgres://127.0.0.1/bills?user=alice&password=" + Secret, "PGPASSWORD" },
        { 2, "", "status --store postgres://alice:" + Secret + "@127.0.0.1/bills", "PGPASSWORD" },
        { 2, "", "run {tariffs} --events kafka://alice:" + Secret + "@127.0.0.1:9092/t --store {postgres}", "--kafka-config" },
        { 2, "", "run {tariffs} --kafka sasl.password=" + Secret + " --events kafka://{kafka}/t --store {postgres}", "EVBILLING_KAFKA_SASL_PASSWORD" },
        { 2, "", "simulate --stations 1 --hours 1 --kafka sasl.password=" + Secret + " --to kafka://{kafka}/t", "EVBILLING_KAFKA_SASL_PASSWORD" },
        { 2, "", "simulate --stations 1 --hours 1 --to kafka://{kafka}/t --kafka ssl.key.password=" + Secret, "EVBILLING_KAFKA_SSL_KEY_PASSWORD" },
        { 1, "EVBILLING_KAFKA_SASL_PASSWORD=" + Secret + "|EVBILLING_KAFKA_SASL_USERNAME=alice|EVBILLING_KAFKA_SASL_MECHANISM=PLAIN|EVBILLING_KAFKA_SECURITY_PROTOCOL=SASL_PLAINTEXT",
            "run {tariffs} --events kafka://{kafka}/t --store {postgres}", "kafka://" },
        { 1, "EVBILLING_KAFKA_CONNECTION_STRING=" + ConnectionString, "run {tariffs} --events kafka://{kafka}/t --store {postgres}", "kafka://" },
        { 1, "", "run {tariffs} --kafka-config {}/kafka.properties --events kafka://{kafka}/t --store {postgres}", "kafka://" },
        { 1, "", "run {tariffs} --kafka-config {}/kafka.properties --kafka debug=all --events kafka://{kafka}/t --store {postgres}", "kafka://" },
        { 2, "EVBILLING_KAFKA_SASL_PASSWORD=" + Secret + "|EVBILLING_KAFKA_SASL_MECHANISM=WRONG", "run {tariffs} --events kafka://{kafka}/t --store {postgres}", "WRONG" },
        { 2, "", "run {tariffs} --kafka-config {}/broken.properties --events kafka://{kafka}/t --store {postgres}", "sasl.password is set" },
    };

    [Theory]
    [MemberData(nameof(Failing))]
    public void A_start_that_fails_says_one_sentence_with_its_remedy_and_no_secret(int exitCode, string environment, string arguments, string told)
    {
        var store = postgres.CreateDatabase();
        var end = Run(store, environment, arguments);
        Assert.DoesNotContain("S3cret", end.Output + end.Errors, StringComparison.OrdinalIgnoreCase);
        Assert.True(end.ExitCode == exitCode, end.ToString());
        Assert.Equal("", end.Output);
        Assert.Contains(told, end.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", end.Errors, StringComparison.Ordinal);
        // The client's own lines, where they are asked for, are not ours.
        var said = end.Errors.TrimEnd('\n').Split('\n').Where(line => line.StartsWith("evbilling: ", StringComparison.Ordinal) && !ClientLine().IsMatch(line)).ToList();
        Assert.True(said.Count == 1, end.ToString());
        Assert.EndsWith(".", said[0], StringComparison.Ordinal);
        if (exitCode == 2)
        {
            Assert.Equal([], PostgresDatabases.Query(store, "SELECT nspname FROM pg_namespace WHERE nspname = 'evbilling'"));
        }
    }

    [Theory]
    [InlineData("run --help")]
    [InlineData("simulate --help")]
    [InlineData("status --help")]
    [InlineData("bills --help")]
    [InlineData("dead-letter --help")]
    [InlineData("contacts erase --help")]
    public void Help_shows_no_secret_of_the_environment(string arguments)
    {
        var end = Run("", $"PGPASSWORD={Secret}|EVBILLING_KAFKA_SASL_PASSWORD={Secret}|EVBILLING_KAFKA_CONNECTION_STRING={ConnectionString}", arguments);
        Assert.Equal(0, end.ExitCode);
        Assert.DoesNotContain("S3cret", end.Output + end.Errors, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_service_that_cannot_start_tries_again_and_logs_no_secret()
    {
        _program.Write("kafka.properties", $"security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\nsasl.username=alice\nsasl.password={Secret}\n");
        var store = postgres.CreateDatabase();
        using var worker = CliProcess.Start(
            "run", "--follow", "--log-level", "debug", "--kafka-config", _program.Path("kafka.properties"), "--kafka", "debug=all", "--tariffs", _program.Tariffs,
            "--events", $"kafka://{kafka.Broker.BootstrapServers}/t", "--store", store);
        Assert.False(worker.WaitForEnd(TimeSpan.FromSeconds(5)), worker.HasExited ? worker.End().ToString() : "");
        worker.Signal(CliProcess.Terminate);
        var end = worker.End();
        Assert.True(end.ExitCode == 0, end.ToString());
        Assert.Contains("evbilling[30]", end.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("S3cret", end.Output + end.Errors, StringComparison.OrdinalIgnoreCase);
    }

    [GeneratedRegex("^evbilling: (\\[thrd|kafka client|Kafka client)")]
    private static partial Regex ClientLine();

    private CliEnd Run(string store, string environment, string arguments)
    {
        _program.Write("kafka.properties", $"security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\nsasl.username=alice\nsasl.password={Secret}\n");
        _program.Write("broken.properties", $"sasl.password={Secret}\nno.such.property={Secret}\n");
        var wrong = "";
        if (store.Length > 0)
        {
            var database = store[(store.LastIndexOf('/') + 1)..];
            PostgresDatabases.Execute(store, $"CREATE ROLE w_{database} LOGIN PASSWORD 'another'");
            wrong = postgres.Server.Uri(database, $"w_{database}");
        }
        var words = arguments
            .Replace("{tariffs}", $"--tariffs {_program.Tariffs}", StringComparison.Ordinal)
            .Replace("{}", _program.Folder, StringComparison.Ordinal)
            .Replace("{kafka}", kafka.Broker.BootstrapServers, StringComparison.Ordinal)
            .Replace("{postgres}", store, StringComparison.Ordinal)
            .Replace("{wrong}", wrong, StringComparison.Ordinal)
            .Replace("{none}", $"{FreePorts.Next()}", StringComparison.Ordinal)
            .Split(' ');
        // Secrets reach the program as a user's shell gives them: by its environment.
        return CliProcess.Bash("IFS='|' read -ra names <<< \"$1\"; shift; for v in \"${names[@]}\"; do export \"${v?}\"; done; exec $evbilling \"$@\"", [environment, .. words]);
    }
}
