using System.Diagnostics;

namespace EvBilling.SystemTests.Support;

/// <summary>A file system of a few KiB, where root may mount one.</summary>
internal sealed class SmallDisk : IDisposable
{
    private SmallDisk(string path) => Path = path;

    public string Path { get; }

    public static SmallDisk Mount(string path, int kib)
    {
        Directory.CreateDirectory(path);
        var (code, error) = Try("mount", "-t", "tmpfs", "-o", $"size={kib}k", "tmpfs", path);
        Assert.SkipUnless(code == 0, $"A small file system cannot be mounted here: {error}");
        return new SmallDisk(path);
    }

    public void Resize(int kib) => Assert.Equal((0, ""), Try("mount", "-o", $"remount,size={kib}k", Path));

    public void Dispose() => Try("umount", Path);

    private static (int Code, string Error) Try(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, error.Trim());
    }
}
