using System.Diagnostics;
using System.Runtime.InteropServices;

namespace EvBilling.SystemTests.Image;

/// <summary>The programs that make, keep and run images on this machine.</summary>
internal static class ContainerTools
{
    private static readonly string[] Needed = ["podman", "buildah", "docker-registry", "runc", "debootstrap"];

    /// <summary>A test is skipped, with the reason, where minutes are not to be spent or the tools are missing; on CI the latter fails.</summary>
    public static void SkipOrFail()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("EVBILLING_LONG") == "1", "Builds images: ./test --long");
        Assert.SkipUnless(Environment.IsPrivilegedProcess && RuntimeInformation.OSArchitecture == Architecture.X64, "Images are built and run here by root, on x64.");
        // Those of root are often not on the path of a service.
        var missing = Needed.Where(tool => Folders().All(folder => !File.Exists(Path.Combine(folder, tool)))).ToList();
        var told = $"There is no {string.Join(", no ", missing)} here: ./test --long installs Debian's packages of these names.";
        if (missing.Count > 0 && Environment.GetEnvironmentVariable("CI") == "true")
        {
            Assert.Fail(told);
        }
        Assert.SkipWhen(missing.Count > 0, told);
    }

    public static string SearchPath() => string.Join(':', Folders());

    /// <summary>Runs a program to its end, which must be a good one.</summary>
    /// <returns>What it printed on stdout.</returns>
    public static string Run(ProcessStartInfo start)
    {
        var (exitCode, output, errors) = RunToTheEnd(start);
        Assert.True(exitCode == 0, $"{string.Join(' ', start.ArgumentList.Prepend(start.FileName))} ended with {exitCode}:\n{output}{errors}");
        return output;
    }

    public static (int ExitCode, string Output, string Errors) RunToTheEnd(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = start.RedirectStandardError = start.RedirectStandardInput = true;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.Result);
    }

    private static IEnumerable<string> Folders() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Union(["/usr/sbin", "/sbin"]);
}
