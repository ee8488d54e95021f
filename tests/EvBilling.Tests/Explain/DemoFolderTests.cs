using EvBilling.Cli;
using EvBilling.Cli.Verbs;

namespace EvBilling.Tests.Explain;

public sealed class DemoFolderTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("evbilling-tests-").FullName;

    [Fact]
    public void A_folder_that_is_not_there_is_made()
    {
        var path = Path.Combine(_root, "a", "b");

        DemoFolder.Prepare(path);

        Assert.Equal([Path.Combine(path, ".evbilling-demo")], Directory.EnumerateFileSystemEntries(path));
    }

    [Fact]
    public void A_demo_s_own_files_are_made_anew_and_nothing_else_is_touched()
    {
        var folder = DemoFolder.Prepare(_root);
        File.WriteAllText(folder.Events, "old");
        File.WriteAllText(folder.In("mine.txt"), "mine");

        DemoFolder.Prepare(_root);

        Assert.False(File.Exists(folder.Events));
        Assert.Equal("mine", File.ReadAllText(folder.In("mine.txt")));
    }

    [Fact]
    public void A_folder_that_no_demo_made_is_refused_and_left_as_it_is()
    {
        var path = Path.Combine(_root, "events.jsonl");
        File.WriteAllText(path, "mine");

        var refused = Assert.Throws<UsageException>(() => DemoFolder.Prepare(_root));

        Assert.Contains("holds files that no demo made", refused.Message, StringComparison.Ordinal);
        Assert.Equal([path], Directory.EnumerateFileSystemEntries(_root));
    }

    [Fact]
    public void A_file_is_no_folder()
    {
        var path = Path.Combine(_root, "file");
        File.WriteAllText(path, "");

        Assert.Contains("is a file", Assert.Throws<UsageException>(() => DemoFolder.Prepare(path)).Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
