using EvBilling.Engine;
using EvBilling.Storage.Sqlite;

namespace EvBilling.Cli;

/// <summary>Opens what <c>--store</c> names.</summary>
internal static class StoreTarget
{
    public const string Description = "Where bills are kept: sqlite:FILE, or postgres://USER@HOST:PORT/DATABASE.";

    private const string Sqlite = "sqlite:";

    /// <exception cref="UsageException">It is no store that this version knows.</exception>
    public static IBillStore Open(string target) => SqliteBillStore.Open(PathOf(target), TimeProvider.System);

    /// <exception cref="UsageException">It is no store that this version knows.</exception>
    public static IBillStore OpenToRead(string target) => SqliteBillStore.OpenToRead(PathOf(target), TimeProvider.System);

    /// <summary>Checks the text; opens nothing.</summary>
    /// <exception cref="UsageException">It is no store that this version knows.</exception>
    public static void Check(string target) => NameOf(target);

    /// <summary>The store for a person, without secrets.</summary>
    public static string NameOf(string target) => PathOf(target);

    private static string PathOf(string target)
    {
        if (target.StartsWith(Sqlite, StringComparison.Ordinal) && target.Length > Sqlite.Length)
        {
            return target[Sqlite.Length..];
        }
        throw new UsageException($"--store {target} is no store that this version knows; give sqlite:FILE, as in --store sqlite:bills.db.");
    }
}
