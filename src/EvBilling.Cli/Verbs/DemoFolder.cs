namespace EvBilling.Cli.Verbs;

/// <summary>
/// The folder that a demo fills. A marker file in it says that the program made it, and only then what the program made there is made
/// anew; nothing else in it is touched.
/// </summary>
internal sealed class DemoFolder
{
    private const string MarkerName = ".evbilling-demo";
    private const string MarkerText = "This folder was made by `evbilling demo`, which makes its files in it anew each time.\n";

    private static readonly string[] Made = ["events.jsonl", "tariffs.json", "locations.json", "evbilling.db", "evbilling.db-wal", "evbilling.db-shm"];

    private readonly string _path;

    private DemoFolder(string path) => _path = path;

    public string Events => Path.Combine(_path, "events.jsonl");

    public string Tariffs => Path.Combine(_path, "tariffs.json");

    public string Locations => Path.Combine(_path, "locations.json");

    public string Store => "sqlite:" + Path.Combine(_path, "evbilling.db");

    public string In(string name) => Path.Combine(_path, name);

    /// <summary>Makes the folder, or empties it of what an earlier demo made.</summary>
    /// <exception cref="UsageException">It holds what the program did not make, or cannot be written.</exception>
    public static DemoFolder Prepare(string path)
    {
        if (path.Length == 0)
        {
            throw new UsageException("--directory is empty; name a folder, or leave it out for ./evbilling-demo.");
        }
        try
        {
            if (File.Exists(path))
            {
                throw new UsageException($"--directory {path} is a file; name a folder that is empty or not there yet.");
            }
            var marker = Path.Combine(path, MarkerName);
            if (!File.Exists(marker) && Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any())
            {
                throw new UsageException($"--directory {path} holds files that no demo made; name a folder that is empty or not there yet.");
            }
            Directory.CreateDirectory(path);
            // First of all, so that a demo that was cut short can be made anew.
            File.WriteAllText(marker, MarkerText);
            foreach (var name in Made)
            {
                File.Delete(Path.Combine(path, name));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException($"--directory {path} cannot be used ({e.Message.TrimEnd('.')}); name a folder that this user may write.");
        }
        return new DemoFolder(path);
    }
}
