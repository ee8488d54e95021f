using EvBilling.Cli.Sparking;
using EvBilling.Engine;
using EvBilling.Kafka;

namespace EvBilling.Tests.Sparking;

/// <summary>Which of Spark's settings a run has that were not asked for.</summary>
public sealed class SparkDefaultsTests
{
    private const string Java = "spark.driver.extraJavaOptions";
    private const string Checkpoint = "spark.sql.streaming.checkpointFileManagerClass";
    private const string Reports = "spark.executor.heartbeatInterval";
    private const string Redaction = "spark.redaction.regex";

    [Theory]
    [InlineData("local[2]", true, "/checkpoint", new[] { Redaction, Java, Checkpoint })]
    [InlineData("local", true, "checkpoint", new[] { Redaction, Java, Checkpoint })]
    [InlineData("local[2]", false, "/checkpoint", new[] { Redaction, Checkpoint })]
    [InlineData("local[2]", true, "abfss://c@a.dfs.core.windows.net/checkpoint", new[] { Redaction, Java })]
    [InlineData("local[2]", true, "file:///checkpoint", new[] { Redaction, Java })]
    [InlineData("local-cluster[2,1,1024]", true, "/checkpoint", new[] { Redaction })]
    [InlineData("spark://spark:7077", true, "/checkpoint", new[] { Redaction })]
    public void A_run_that_ends_compiles_quickly_where_Spark_is_this_machine_alone_and_its_checkpoint_is_a_folder(string master, bool availableNow, string checkpoint, string[] names) =>
        Assert.Equal(names, Names(Plan(master, checkpoint) with { AvailableNow = availableNow }));

    [Theory]
    [InlineData("local[4]", new[] { Redaction, Reports, Java })]
    [InlineData("k8s://https://api:6443", new[] { Redaction, Reports })]
    public void The_batch_form_has_no_checkpoint_and_reports_often(string master, string[] names) =>
        Assert.Equal(names, Names(Plan(master, null) with { Reprocess = true }));

    [Fact]
    public void Java_options_of_the_user_are_not_mixed_with_others()
    {
        var plan = Plan("local[2]", "/checkpoint") with { AvailableNow = true };
        Assert.Equal([Redaction, Checkpoint], Names(plan with { SparkConf = [Java + "=-XX:+UseSerialGC"] }));
        Assert.Equal([Redaction, Java, Checkpoint], Names(plan with { SparkConf = ["spark.executor.extraJavaOptions=-XX:+UseSerialGC"] }));
    }

    private static string[] Names(SparkPlan plan) => [.. SparkDefaults.Of(plan).Select(setting => setting.Split('=')[0])];

    private static SparkPlan Plan(string master, string? checkpoint) => new(
        master, new KafkaTarget("h:1", "t"), KafkaSettings.None, "t.json", null, "postgres://u@h/d", new StoredOptions(null, null, 1, 1), TimeSpan.FromDays(400), checkpoint);
}
