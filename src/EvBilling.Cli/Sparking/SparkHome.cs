using System.Diagnostics;

namespace EvBilling.Cli.Sparking;

/// <summary>Where Spark, Java and the job's jar are on this machine.</summary>
/// <param name="Submit">The program spark-submit.</param>
/// <param name="Jar">The jar of the job.</param>
internal sealed record SparkHome(string Submit, string Jar)
{
    private const int JavaMin = 17;
    private const string JarVariable = "EVBILLING_SPARK_JAR";

    /// <exception cref="UsageException">One of them is not there.</exception>
    public static SparkHome Find(string? jar, IReadOnlyDictionary<string, string> environment)
    {
        var submit = environment.GetValueOrDefault("SPARK_HOME") is { Length: > 0 } home ? Path.Combine(home, "bin", "spark-submit")
            : OnPath("spark-submit", environment)
            ?? throw new UsageException("Spark is not found: SPARK_HOME is not set and spark-submit is not on the PATH; install Apache Spark 4.0 (Scala 2.13) and set SPARK_HOME to its folder.");
        if (!File.Exists(submit))
        {
            throw new UsageException($"SPARK_HOME names {environment["SPARK_HOME"]}, where there is no bin/spark-submit; set it to the folder of Apache Spark 4.0.");
        }
        CheckJava(environment);
        var job = jar ?? environment.GetValueOrDefault(JarVariable);
        if (string.IsNullOrEmpty(job))
        {
            throw new UsageException($"The job's jar is not named; build it with deploy/spark/build from a checkout, and give it by --jar FILE or {JarVariable}.");
        }
        return File.Exists(job) ? new(submit, Path.GetFullPath(job)) : throw new UsageException($"--jar {job}: there is no such file; build it with deploy/spark/build from a checkout.");
    }

    private static string? OnPath(string program, IReadOnlyDictionary<string, string> environment) =>
        environment.GetValueOrDefault("PATH")?.Split(':').Where(folder => folder.Length > 0).Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    private static void CheckJava(IReadOnlyDictionary<string, string> environment)
    {
        var java = environment.GetValueOrDefault("JAVA_HOME") is { Length: > 0 } home ? Path.Combine(home, "bin", "java") : OnPath("java", environment);
        if (java is null || !File.Exists(java))
        {
            throw new UsageException($"Java is not found; Spark 4.0 needs {JavaMin} or newer: install it, and set JAVA_HOME to its folder.");
        }
        using var process = Process.Start(new ProcessStartInfo(java, ["-version"]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        // openjdk version "17.0.15" 2025-04-15; before 9 it was "1.8.0".
        var version = said.Split('"').ElementAtOrDefault(1) ?? "";
        var parts = version.Split('.', '-', '+', '_');
        if (!int.TryParse(parts[0], out var major) || major < JavaMin)
        {
            throw new UsageException($"{java} is Java {(version.Length == 0 ? "of an unknown version" : version)}, and Spark 4.0 needs {JavaMin} or newer; install that, and set JAVA_HOME to its folder.");
        }
    }
}
