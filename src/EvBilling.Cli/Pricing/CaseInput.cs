using EvBilling.Storage.Files;

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
        var file = InputFile.Open(source, "--cases");
        // What is read from a pipe can't be put back.
        if (!file.CanSeek)
        {
            return file;
        }
        if (GzipText.IsGzip(file))
        {
            return GzipText.Unpack(file);
        }
        file.Position = 0;
        return file;
    }
}
