using System.Diagnostics;

namespace EvBilling.Tests.House;

/// <summary>The checkout that the tests were built in.</summary>
internal static class RepositoryRoot
{
    private static readonly string[] MadeByTools =
        ["bin", "obj", ".git", ".build", ".vs", "evbilling-demo", "BenchmarkDotNet.Artifacts", "TestResults"];

    /// <summary>The folder of EvBilling.slnx, at or above the test binary's.</summary>
    public static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "EvBilling.slnx")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException($"No EvBilling.slnx at or above {AppContext.BaseDirectory}.");
        }
        return folder.FullName;
    }

    /// <summary>The repository's own files, tracked or about to be, by their paths from the root: as git says, else all but what tools make.</summary>
    public static IReadOnlyList<string> Files()
    {
        var root = Find();
        var files = FilesByGit(root) ?? FilesByWalking(root);
        // A tracked file may have been deleted since.
        return [.. files.Where(file => File.Exists(Path.Combine(root, file))).Order(StringComparer.Ordinal)];
    }

    private static string[]? FilesByGit(string root)
    {
        if (!Path.Exists(Path.Combine(root, ".git")))
        {
            return null;
        }
        try
        {
            using var git = Process.Start(new ProcessStartInfo("git", ["-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            {
                RedirectStandardOutput = true,
            })!;
            var names = git.StandardOutput.ReadToEnd();
            git.WaitForExit();
            return git.ExitCode == 0 ? names.Split('\0', StringSplitOptions.RemoveEmptyEntries) : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null; // There is no git here.
        }
    }

    private static IEnumerable<string> FilesByWalking(string folder, string prefix = "")
    {
        foreach (var file in Directory.EnumerateFiles(folder))
        {
            yield return prefix + Path.GetFileName(file);
        }
        foreach (var below in Directory.EnumerateDirectories(folder).Where(below => !MadeByTools.Contains(Path.GetFileName(below))))
        {
            foreach (var file in FilesByWalking(below, $"{prefix}{Path.GetFileName(below)}/"))
            {
                yield return file;
            }
        }
    }
}
