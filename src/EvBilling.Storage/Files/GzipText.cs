using System.IO.Compression;

namespace EvBilling.Storage.Files;

/// <summary>Text files that may be compressed by gzip.</summary>
public static class GzipText
{
    // Without it the runtime takes a compressed text that breaks off for one that ends.
    static GzipText() => AppContext.SetSwitch("System.IO.Compression.UseStrictValidation", true);

    /// <summary>Whether the file, which can be sought in, begins as gzip does. Leaves it anywhere.</summary>
    public static bool IsGzip(FileStream file)
    {
        ArgumentNullException.ThrowIfNull(file);
        file.Position = 0;
        return file.ReadByte() == 0x1F && file.ReadByte() == 0x8B;
    }

    /// <summary>The text of a compressed file from its start. Reading it throws <see cref="InvalidDataException"/> where the file is damaged or breaks off.</summary>
    public static GZipStream Unpack(FileStream file)
    {
        ArgumentNullException.ThrowIfNull(file);
        file.Position = 0;
        return new GZipStream(file, CompressionMode.Decompress);
    }
}
