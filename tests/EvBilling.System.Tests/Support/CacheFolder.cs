namespace EvBilling.SystemTests.Support;

/// <summary>What tests unpack or make once and keep for the next run.</summary>
internal static class CacheFolder
{
    public static string Root { get; } = Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } home && Directory.Exists(home)
        ? Path.Combine(home, ".cache", "evbilling")
        : Path.Combine(Path.GetTempPath(), "evbilling-cache");
}
