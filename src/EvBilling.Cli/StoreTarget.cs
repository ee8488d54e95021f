using EvBilling.Cli.Explain;
using EvBilling.Engine;
using EvBilling.Entra;
using EvBilling.Storage.Postgres;
using EvBilling.Storage.Sqlite;

namespace EvBilling.Cli;

/// <summary>Opens what <c>--store</c> names.</summary>
internal static class StoreTarget
{
    public const string Description = "Where bills are kept: sqlite:FILE, or postgres://USER@HOST:PORT/DATABASE.";

    private const string Sqlite = "sqlite:";

    /// <exception cref="UsageException">It is no store that this version knows.</exception>
    public static IBillStore Open(string target) => PostgresTarget.IsPostgres(target)
        ? PostgresBillStore.Open(Postgres(target, out var password), TimeProvider.System, password)
        : SqliteBillStore.Open(PathOf(target), TimeProvider.System);

    /// <exception cref="UsageException">It is no store that this version knows.</exception>
    public static IBillStore OpenToRead(string target) => PostgresTarget.IsPostgres(target)
        ? PostgresBillStore.OpenToRead(Postgres(target, out var password), TimeProvider.System, password)
        : SqliteBillStore.OpenToRead(PathOf(target), TimeProvider.System);

    /// <summary>Makes the tables in PostgreSQL and the roles that may use them, as <see cref="PostgresRoles.Make"/>.</summary>
    /// <exception cref="UsageException">It is no store in PostgreSQL.</exception>
    public static IReadOnlyList<StoreMember> MakeRoles(string target, IReadOnlyList<StoreMember> writers, IReadOnlyList<StoreMember> readers) => PostgresTarget.IsPostgres(target)
        ? PostgresRoles.Make(Postgres(target, out var password), writers, readers, password)
        : throw new UsageException($"--store {target} has no roles; only a store in PostgreSQL has: give postgres://USER@HOST:PORT/DATABASE.");

    /// <summary>Checks the text; opens nothing.</summary>
    /// <exception cref="UsageException">It is no store that this version knows.</exception>
    public static void Check(string target) => NameOf(target);

    /// <summary>Whether several runs may write to it at once.</summary>
    public static bool IsShared(string target) => PostgresTarget.IsPostgres(target);

    /// <summary>The store for a person, without secrets.</summary>
    public static string NameOf(string target) => PostgresTarget.IsPostgres(target) ? Postgres(target, out _).ToString() : PathOf(target);

    /// <summary>What is thrown where a session is asked for that the store does not know.</summary>
    public static UsageException HasNoSession(string target, string sessionId) =>
        new($"The store {NameOf(target)} has no session {Printable.Of(sessionId)}; `evbilling bills --store {target}` lists those that it has.");

    private static PostgresTarget Postgres(string target, out Func<CancellationToken, ValueTask<string>>? password)
    {
        var environment = ProcessEnvironment.Read();
        var parsed = PostgresTarget.Parse(target, environment);
        password = parsed.UsesEntra ? EntraIdentity.Of(environment).TokensFor(PostgresTarget.EntraScope) : null;
        return parsed;
    }

    private static string PathOf(string target)
    {
        if (target.StartsWith(Sqlite, StringComparison.Ordinal) && target.Length > Sqlite.Length)
        {
            return target[Sqlite.Length..];
        }
        throw new UsageException(
            $"--store {target} is no store that this version knows; give sqlite:FILE, as in --store sqlite:bills.db, or postgres://USER@HOST:PORT/DATABASE.");
    }
}
