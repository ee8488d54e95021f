using System.Diagnostics;
using System.Globalization;

namespace EvBilling.SystemTests.Servers;

/// <summary>Where PostgreSQL's own programs are on this machine, and how they are started: they refuse to be run by root.</summary>
internal static class PostgresPrograms
{
    private const string Missing = "There is no PostgreSQL here: no initdb in /usr/lib/postgresql/*/bin or on the PATH (Debian's package postgresql has it).";

    private static readonly Lazy<string?> Folder = new(Find);

    /// <summary>The folder of initdb and postgres. A test is skipped, with the reason, on a machine without them; on CI it fails.</summary>
    public static string SkipOrFail()
    {
        if (Folder.Value is null && Environment.GetEnvironmentVariable("CI") == "true")
        {
            Assert.Fail($"On CI tests on PostgreSQL run. {Missing}");
        }
        Assert.SkipWhen(Folder.Value is null, Missing);
        return Folder.Value!;
    }

    /// <summary>How to start a program as somebody who is not root, as a process of its own.</summary>
    public static ProcessStartInfo StartInfo(string program, params IEnumerable<string> arguments)
    {
        string[] words = [program, .. arguments];
        string[] all = Environment.IsPrivilegedProcess ? ["setpriv", "--reuid", User, "--regid", Group, "--clear-groups", "--", .. words] : words;
        return new ProcessStartInfo(all[0], all[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
    }

    /// <summary>Makes an empty folder that whoever runs PostgreSQL may use, and nobody else.</summary>
    public static void MakeFolder(string path)
    {
        Run("chmod", "755", Path.GetDirectoryName(path)!);
        Run("mkdir", "-m", "700", path);
        if (Environment.IsPrivilegedProcess)
        {
            Run("chown", $"{User}:{Group}", path);
        }
    }

    /// <summary>Runs a program to its end.</summary>
    /// <returns>What it printed.</returns>
    public static string Run(ProcessStartInfo start)
    {
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{string.Join(' ', start.ArgumentList.Prepend(start.FileName))}: {output}{errors.Result}");
        return output;
    }

    public static void Run(string program, params IEnumerable<string> arguments) =>
        Run(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true });

    private static string User => HasPostgresUser ? "postgres" : "nobody";

    private static string Group => HasPostgresUser ? "postgres" : "nogroup";

    private static bool HasPostgresUser { get; } = File.ReadLines("/etc/passwd").Any(line => line.StartsWith("postgres:", StringComparison.Ordinal));

    private static string? Find()
    {
        const string Debian = "/usr/lib/postgresql";
        var versions = Directory.Exists(Debian) ? Directory.GetDirectories(Debian) : [];
        return versions.OrderByDescending(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var version) ? version : 0)
            .Select(folder => Path.Combine(folder, "bin"))
            .Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'))
            .FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "postgres")));
    }
}
