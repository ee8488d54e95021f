namespace EvBilling.Tests.Rating;

/// <summary>
/// The folder of oracles and real data beside the repository. Where it is absent the test is skipped; where it is there, every file in it must be too.
/// </summary>
internal static class SharedFolder
{
    public static string PathOf(string relative)
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "EvBilling.slnx")))
        {
            directory = directory.Parent;
        }
        var shared = Path.Combine(directory?.Parent?.FullName ?? "/", "shared");
        Assert.SkipUnless(Directory.Exists(shared), $"The folder of oracles and real data ({shared}) is not on this machine.");
        return Path.Combine(shared, relative);
    }
}
