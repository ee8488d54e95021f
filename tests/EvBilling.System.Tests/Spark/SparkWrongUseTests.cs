using EvBilling.SystemTests.Processes;
using EvBilling.SystemTests.Servers;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Spark;

/// <summary>What cannot be submitted is refused in one sentence that says what to do, before Spark is started.</summary>
[Collection(nameof(Processes))]
public sealed class SparkWrongUseTests(SharedKafka kafka, SharedPostgres postgres) : IDisposable
{
    private readonly ProgramFixture _program = new();

    public void Dispose() => _program.Dispose();

    [Fact]
    public void Without_spark_it_says_so() => Refuses("SPARK_HOME is not set", new() { ["SPARK_HOME"] = "", ["PATH"] = PathWithout("spark-submit") });

    [Fact]
    public void A_home_without_spark_is_named() => Refuses("there is no bin/spark-submit", new() { ["SPARK_HOME"] = _program.Folder });

    [Fact]
    public void A_java_that_is_too_old_is_named() =>
        Refuses("is Java 11.0.22, and Spark 4.0 needs 17 or newer", new() { ["SPARK_HOME"] = Home(), ["JAVA_HOME"] = Java("openjdk version \\\"11.0.22\\\" 2024-01-16") });

    [Fact]
    public void A_jar_that_is_not_there_is_named() =>
        Refuses("--jar nowhere.jar: there is no such file", new() { ["SPARK_HOME"] = Home(), ["JAVA_HOME"] = Java("openjdk version \\\"17.0.15\\\"") }, "--jar", "nowhere.jar");

    [Fact]
    public void A_job_without_a_jar_says_how_it_is_built() =>
        Refuses("build it with deploy/spark/build", new() { ["SPARK_HOME"] = Home(), ["JAVA_HOME"] = Java("openjdk version \\\"21\\\"") });

    [Fact]
    public void A_store_in_a_file_is_refused() => Refuses("--store must be a database server", Whole(), "--store", "sqlite:bills.db");

    [Theory]
    [InlineData("0")]
    [InlineData("-5")]
    public void No_records_a_batch_are_refused(string most) => Refuses("give one over 0", Whole(), "--max-offsets-per-trigger", most);

    [Fact]
    public void Whether_records_are_read_as_rows_is_told_by_true_or_false() => Refuses("give true or false", Whole(), "--conf", "spark.evbilling.readRows=maybe");

    [Fact]
    public void A_broker_that_cannot_be_reached_is_named()
    {
        var end = Run(Whole(), "--store", postgres.CreateDatabase(), "--events", $"kafka://127.0.0.1:{FreePorts.Next()}/topic");
        Assert.Equal(1, end.ExitCode);
        Assert.Contains("127.0.0.1", Assert.Single(Sentences(end)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_database_that_cannot_be_reached_is_named()
    {
        var end = Run(Whole(), "--store", $"postgres://nobody@127.0.0.1:{FreePorts.Next()}/bills");
        Assert.NotEqual(0, end.ExitCode);
        Assert.Contains("127.0.0.1", Assert.Single(Sentences(end)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_is_no_checkpoint_is_named()
    {
        var topic = kafka.Broker.CreateTopic();
        Refuses(
            "no checkpoint of Spark's", Whole(), "--store", postgres.CreateDatabase(), "--events", $"kafka://{kafka.Broker.BootstrapServers}/{topic}", "--checkpoint", _program.Folder);
    }

    [Theory]
    [InlineData("other", "3", "is that of another topic")]
    [InlineData("", "3", "it is that of another store")]
    [InlineData("", "broken", "the checkpoint is not whole")]
    public void A_checkpoint_of_another_topic_or_store_or_half_of_one_is_named(string topic, string offset, string expected)
    {
        var name = kafka.Broker.CreateTopic();
        foreach (var folder in new[] { "offsets", "commits" })
        {
            Directory.CreateDirectory(_program.Path("checkpoint/" + folder));
        }
        var offsets = offset == "broken" ? "{" : $"{{\"{(topic.Length > 0 ? topic : name)}\":{{\"0\":{offset}}}}}";
        File.WriteAllText(_program.Path("checkpoint/offsets/7"), "v1\n{\"batchWatermarkMs\":0}\n" + offsets);
        File.WriteAllText(_program.Path("checkpoint/commits/7"), "v1\n{}");
        Refuses(
            expected, Whole(), "--store", postgres.CreateDatabase(), "--events", $"kafka://{kafka.Broker.BootstrapServers}/{name}", "--checkpoint", _program.Path("checkpoint"));
    }

    [Theory]
    [InlineData("fetch.min.bytes=1", "fetch.min.bytes (--kafka number 1) cannot be used with Spark")]
    public void A_setting_that_the_java_client_does_not_have_is_named(string setting, string expected)
    {
        var topic = kafka.Broker.CreateTopic();
        Refuses(expected, Whole(), "--store", postgres.CreateDatabase(), "--events", $"kafka://{kafka.Broker.BootstrapServers}/{topic}", "--kafka", setting);
    }

    [Theory]
    [InlineData("--secret-references")]
    [InlineData("--job-store", "postgres://job@127.0.0.1/bills")]
    public void What_is_for_properties_that_another_starts_the_job_with_is_refused_without_them(params string[] option) =>
        Refuses("give --properties-to FILE too", Whole(), option);

    private void Refuses(string expected, Dictionary<string, string> environment, params string[] more)
    {
        var end = Run(environment, more);
        Assert.True(end.ExitCode == 2, end.ToString());
        Assert.Contains(expected, Assert.Single(Sentences(end)), StringComparison.Ordinal);
    }

    private CliEnd Run(Dictionary<string, string> environment, params string[] more)
    {
        environment.TryAdd("EVBILLING_SPARK_JAR", "");
        string[] defaults = ["--events", "kafka://127.0.0.1:9/topic", "--store", "postgres://nobody@127.0.0.1:9/bills", "--checkpoint", _program.Path("new")];
        var left = defaults.Chunk(2).Where(pair => !more.Contains(pair[0])).SelectMany(pair => pair);
        using var process = CliProcess.Start(environment, ["spark", "--master", "local[1]", "--tariffs", _program.Tariffs, .. left, .. more]);
        return process.End();
    }

    private static string[] Sentences(CliEnd end) => [.. end.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line.StartsWith("evbilling: ", StringComparison.Ordinal))];

    // All that is looked at is there, though nothing of it would run.
    private Dictionary<string, string> Whole() => new()
    {
        ["SPARK_HOME"] = Home(),
        ["JAVA_HOME"] = Java("openjdk version \\\"17.0.15\\\""),
        ["EVBILLING_SPARK_JAR"] = _program.Write("job.jar", ""),
    };

    private string Home()
    {
        Directory.CreateDirectory(_program.Path("spark/bin"));
        _program.Write("spark/bin/spark-submit", "");
        return _program.Path("spark");
    }

    private string Java(string says)
    {
        Directory.CreateDirectory(_program.Path("java/bin"));
        var java = _program.Write("java/bin/java", $"#!/bin/sh\necho \"{says}\" >&2\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(java, UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.UserWrite);
        }
        return _program.Path("java");
    }

    private static string PathWithout(string program) =>
        string.Join(':', Environment.GetEnvironmentVariable("PATH")!.Split(':').Where(folder => !File.Exists(Path.Combine(folder, program))));
}
