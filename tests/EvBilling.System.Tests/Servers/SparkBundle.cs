using System.Diagnostics;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Servers;

/// <summary>Where the real Spark is on this machine, and the job's jar, which is built by the first test that needs it.</summary>
internal static class SparkBundle
{
    private static readonly Lazy<(string? Home, string WhyNot)> Found = new(Find);
    private static readonly Lazy<string> Built = new(Build);

    public static string Jar => Built.Value;

    /// <inheritdoc cref="Engines.SkipOrFail"/>
    public static string SkipOrFail() => Engines.SkipOrFail("Spark", Found.Value);

    private static (string? Home, string WhyNot) Find()
    {
        foreach (var (program, package) in new[] { ("javac", "openjdk-17-jdk-headless"), ("clang", "clang") })
        {
            if (!Engines.IsInPath(program))
            {
                return (null, $"The Spark job is built with {program}, as in Debian's {package}.");
            }
        }
        if (Environment.GetEnvironmentVariable("EVBILLING_TEST_SPARK") is { Length: > 0 } home)
        {
            return File.Exists(Path.Combine(home, "bin", "spark-submit")) ? (home, "") : (null, $"EVBILLING_TEST_SPARK={home} has no bin/spark-submit.");
        }
        return Engines.Folder is not null
            ? Engines.Unpack("spark")
            : (null, "There is no Spark here: EVBILLING_TEST_SPARK names none, and ../shared/engines is not on this machine.");
    }

    private static string Build()
    {
        var start = new ProcessStartInfo(Path.Combine(Repository.Root, "deploy", "spark", "build")) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["SPARK_HOME"] = SkipOrFail();
        using var build = Process.Start(start)!;
        var errors = build.StandardError.ReadToEndAsync();
        var jar = build.StandardOutput.ReadToEnd().Trim();
        build.WaitForExit();
        Assert.True(build.ExitCode == 0, errors.Result);
        return jar;
    }
}
