using EvBilling.Engine;
using EvBilling.Storage.Sqlite;

namespace EvBilling.Cli;

/// <summary>Opens what <c>--store</c> names.</summary>
internal static class StoreTarget
{
    public const string Description = "Where bills are kept: sqlite:FILE.";

    private const string Sqlite = "sqlite:";

    public static SqliteBillStore Open(string target) => SqliteBillStore.Open(PathOf(target), TimeProvider.System);

    public static SqliteBillStore OpenToRead(string target) => SqliteBillStore.OpenToRead(PathOf(target), TimeProvider.System);

    /// <exception cref="UsageException">It is no store that this version knows.</exception>
    public static string PathOf(string target)
    {
        if (target.StartsWith(Sqlite, StringComparison.Ordinal) && target.Length > Sqlite.Length)
        {
            return target[Sqlite.Length..];
        }
        throw new UsageException($"--store {target} is no store that this version knows; give sqlite:FILE, as in --store sqlite:bills.db.");
    }
}
