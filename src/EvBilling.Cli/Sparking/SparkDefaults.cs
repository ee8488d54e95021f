namespace EvBilling.Cli.Sparking;

/// <summary>Settings of Spark's that differ from Spark's own, unless --conf says otherwise.</summary>
internal static class SparkDefaults
{
    private const string JavaOptions = "spark.driver.extraJavaOptions";

    /// <summary>NAME=VALUE each, to stand before those of --conf, of which the last one counts.</summary>
    public static IEnumerable<string> Of(SparkPlan plan)
    {
        // A password in the source's options is not to be seen in Spark's pages and logs.
        yield return "spark.redaction.regex=(?i)secret|password|passphrase|token|jaas|credential|keystore";
        if (plan.Reprocess)
        {
            // How often tasks tell how much they have read.
            yield return "spark.executor.heartbeatInterval=2s";
        }
        if (IsLocal(plan.Master) && (plan.Reprocess || plan.AvailableNow) && !plan.SparkConf.Any(IsJavaOptions))
        {
            // A run of minutes on the processors that it shares with the database: what compiling more thoroughly and collecting beside cost is not won back.
            yield return $"{JavaOptions}=-XX:TieredStopAtLevel=1 -XX:+UseParallelGC";
        }
        if (IsLocal(plan.Master) && plan.Checkpoint is { } checkpoint && !checkpoint.Contains("://", StringComparison.Ordinal))
        {
            // For a local folder the other one starts a process, readlink, for each file of the checkpoint.
            yield return "spark.sql.streaming.checkpointFileManagerClass=org.apache.spark.sql.execution.streaming.FileSystemBasedCheckpointFileManager";
        }
    }

    private static bool IsLocal(string master) => master == "local" || master.StartsWith("local[", StringComparison.Ordinal);

    private static bool IsJavaOptions(string setting) => setting.StartsWith(JavaOptions + "=", StringComparison.Ordinal);
}
