using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json;

namespace EvBilling.SystemTests.Image;

/// <summary>A file of an image.</summary>
internal sealed record ImageFile(string Name, UnixFileMode Mode, int Owner, byte[] Content);

/// <summary>An image as a registry has it: its configuration, and what lies over its base.</summary>
internal sealed class PushedImage
{
    public PushedImage(ImageRegistry registry, string repository, string tag, int layersOfTheBase = 1)
    {
        using var manifest = JsonDocument.Parse(registry.Manifest(repository, tag));
        Root = JsonDocument.Parse(registry.Blob(repository, Digest(manifest.RootElement.GetProperty("config")))).RootElement;
        foreach (var layer in manifest.RootElement.GetProperty("layers").EnumerateArray().Skip(layersOfTheBase))
        {
            using var packed = new MemoryStream(registry.Blob(repository, Digest(layer)));
            using var unpacked = new GZipStream(packed, CompressionMode.Decompress);
            using var archive = new TarReader(unpacked);
            while (archive.GetNextEntry(copyData: true) is { } entry)
            {
                Add(entry);
            }
        }
    }

    /// <summary>With architecture and the like.</summary>
    public JsonElement Root { get; }

    public JsonElement Configuration => Root.GetProperty("config");

    public List<ImageFile> Files { get; } = [];

    /// <summary>The owners of the folders over the base.</summary>
    public List<int> OwnersOfFolders { get; } = [];

    public List<string> Environment => [.. Configuration.GetProperty("Env").EnumerateArray().Select(one => one.GetString()!).Order(StringComparer.Ordinal)];

    /// <summary>Without what buildah says of itself when it makes a base.</summary>
    public SortedDictionary<string, string> Labels => new(
        Configuration.GetProperty(nameof(Labels)).EnumerateObject().Where(label => !label.Name.StartsWith("io.buildah.", StringComparison.Ordinal)).ToDictionary(label => label.Name, label => label.Value.GetString()!));

    public ImageFile File(string name) => Files.Single(file => file.Name == name);

    private static string Digest(JsonElement blob) => blob.GetProperty("digest").GetString()!;

    private void Add(TarEntry entry)
    {
        var name = "/" + entry.Name.TrimStart('.', '/').TrimEnd('/');
        if (entry.EntryType == TarEntryType.Directory)
        {
            OwnersOfFolders.Add(entry.Uid);
            return;
        }
        using var content = new MemoryStream();
        entry.DataStream?.CopyTo(content);
        Files.Add(new(name, entry.Mode, entry.Uid, content.ToArray()));
    }
}
