using System.IO.Compression;

namespace EvBilling.Cli.Pricing;

/// <summary>Where cases come from: a file, packed by gzip or not, or standard input.</summary>
internal static class CaseInput
{
    /// <exception cref="UsageException">The file can't be read.</exception>
    public static Stream Open(string source)
    {
        if (source == "-")
        {
            return Console.OpenStandardInput();
        }
        var file = OpenFile(source, "--cases");
        Span<byte> head = stackalloc byte[2];
        var isPacked = file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length && head is [0x1F, 0x8B];
        file.Position = 0;
        return isPacked ? new GZipStream(file, CompressionMode.Decompress) : file;
    }

    /// <exception cref="UsageException">The file can't be read.</exception>
    public static FileStream OpenFile(string path, string option)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException(e switch
            {
                FileNotFoundException or DirectoryNotFoundException => $"{option} {path}: there is no such file.",
                ArgumentException => $"{option} names no file.",
                _ when Directory.Exists(path) => $"{option} {path} is a folder; name a file.",
                _ => $"{option} {path}: the file cannot be read ({e.Message.TrimEnd('.')}).",
            });
        }
    }
}
