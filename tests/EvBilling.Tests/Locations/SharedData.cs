using System.Diagnostics;

namespace EvBilling.Tests.Locations;

/// <summary>Outside data that lies beside the repository and is no part of it; tests that need it are skipped where it is missing.</summary>
internal static class SharedData
{
    public static byte[] Read(string path)
    {
        var file = Path(path);
        return path.EndsWith(".xz", StringComparison.Ordinal) ? Unpack(file) : File.ReadAllBytes(file);
    }

    public static string Path(string path)
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            var candidate = System.IO.Path.Combine(directory.FullName, "shared", "data", path);
            if (System.IO.Path.Exists(candidate))
            {
                return candidate;
            }
        }
        Assert.Skip($"shared/data/{path} is not here.");
        return "";
    }

    private static byte[] Unpack(string file)
    {
        using var xz = Process.Start(new ProcessStartInfo("xz", ["-dc", file]) { RedirectStandardOutput = true })!;
        using var bytes = new MemoryStream();
        xz.StandardOutput.BaseStream.CopyTo(bytes);
        xz.WaitForExit();
        Assert.Equal(0, xz.ExitCode);
        return bytes.ToArray();
    }
}
