using System.Diagnostics;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Servers;

/// <summary>The real engines beside the repository, and what of them the machine has.</summary>
internal static class Engines
{
    /// <summary>Their folder; null = it is not on this machine.</summary>
    public static string? Folder { get; } = Find();

    /// <summary>The home folder of one that was looked for. A test is skipped, with the reason, on a machine without it; but not where their folder is there on CI.</summary>
    public static string SkipOrFail(string name, (string? Home, string WhyNot) found)
    {
        if (found.Home is null && Environment.GetEnvironmentVariable("CI") == "true" && Folder is not null)
        {
            Assert.Fail($"On CI, with the engines there, tests on {name} run: {found.WhyNot}");
        }
        Assert.SkipWhen(found.Home is null, found.WhyNot);
        return found.Home!;
    }

    /// <summary>Unpacks one of them, or finds it unpacked.</summary>
    public static (string? Home, string WhyNot) Unpack(string name)
    {
        using var unpack = Process.Start(new ProcessStartInfo(Path.Combine(Folder!, "unpack"), [name, CacheFolder.Root]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = unpack.StandardError.ReadToEndAsync();
        var home = unpack.StandardOutput.ReadToEnd().Trim();
        unpack.WaitForExit();
        return unpack.ExitCode == 0 ? (home, "") : (null, $"{name} could not be unpacked: {errors.Result.Trim()}");
    }

    public static bool IsInPath(string command) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, command)));

    private static string? Find()
    {
        var engines = Path.Combine(Path.GetDirectoryName(Repository.Root) ?? "/", "shared", "engines");
        return File.Exists(Path.Combine(engines, "unpack")) ? engines : null;
    }
}
