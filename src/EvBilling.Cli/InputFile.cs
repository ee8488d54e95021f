namespace EvBilling.Cli;

/// <summary>Files that the command line names: what cannot be read is said in a sentence.</summary>
internal static class InputFile
{
    /// <param name="option">What names it, for the message.</param>
    /// <exception cref="UsageException">The file cannot be read.</exception>
    public static byte[] ReadAll(string path, string option) => Take(path, option, File.ReadAllBytes);

    /// <param name="option">What names it, for the message.</param>
    /// <exception cref="UsageException">The file cannot be read.</exception>
    public static FileStream Open(string path, string option) =>
        Take(path, option, static path => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1));

    private static T Take<T>(string path, string option, Func<string, T> take)
    {
        if (path.Length == 0)
        {
            throw new UsageException($"{option} names no file.");
        }
        try
        {
            return take(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException(e switch
            {
                FileNotFoundException or DirectoryNotFoundException => $"{option} {path}: there is no such file.",
                _ when Directory.Exists(path) => $"{option} {path} is a folder; name a file.",
                UnauthorizedAccessException => $"{option} {path}: the file may not be read; give this user the right to read it.",
                _ => $"{option} {path}: the file cannot be read ({e.Message.TrimEnd('.')}).",
            });
        }
    }
}
