using EvBilling.Engine;
using Npgsql;

namespace EvBilling.Storage.Postgres;

/// <summary>Makes the tables, and the two roles that may use them: what the owner of a database does before workers and analysts come. Doing it again changes nothing.</summary>
public static class PostgresRoles
{
    private const string Writer = "evbilling_writer";
    private const string Reader = "evbilling_reader";

    /// <summary>Makes or upgrades the tables, gives the roles their rights, and the members their roles. Members who are not named keep what they have.</summary>
    /// <param name="password">As in <see cref="PostgresBillStore.Open"/>.</param>
    /// <returns>The members that were made in this call, since they stand for an identity of Microsoft Entra ID.</returns>
    /// <exception cref="BillStoreException">The user may not do it, or a member is not there; then no rights were changed.</exception>
    public static IReadOnlyList<StoreMember> Make(
        PostgresTarget target, IReadOnlyList<StoreMember> writers, IReadOnlyList<StoreMember> readers, Func<CancellationToken, ValueTask<string>>? password = null)
    {
        if (writers.FirstOrDefault(writer => readers.Any(reader => reader.Name == writer.Name)) is { } both)
        {
            throw PostgresTarget.Unusable($"\"{both.Name}\" is named as a writer and as a reader; a writer may read everything, so name it once.");
        }
        using var connections = new PostgresConnections(target, password);
        PostgresUpgrade.Run(connections);
        IReadOnlyList<StoreMember> missing = [.. writers.Concat(readers).DistinctBy(member => member.Name).Where(member => !IsThere(connections, member))];
        if (missing.FirstOrDefault(member => member.ObjectId is null) is { } unknown)
        {
            throw new BillStoreException(
                $"There is no role \"{unknown.Name}\" at {target.Server}; make it (CREATE ROLE \"{unknown.Name.Replace("\"", "\"\"", StringComparison.Ordinal)}\" LOGIN), or, on Azure, give its object id as {unknown.Name}=OBJECT_ID.");
        }
        EntraPrincipals.Create(target, missing, password);
        connections.InTransaction(connection =>
        {
            // Several installers at once would find a row changed that they change.
            PostgresLocks.Take(connection, PostgresLocks.Upgrade);
            try
            {
                connection.ExecutePatiently(PostgresUpgrade.Resource("roles.sql"));
                Grant(connection, Writer, writers);
                Grant(connection, Reader, readers);
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
            {
                throw new BillStoreException(
                    $"The user \"{target.User}\" may not make the roles of {target} ({e.MessageText.TrimEnd('.')}); let the owner of the schema do it, with the right CREATEROLE.", e);
            }
            return 0;
        });
        return missing;
    }

    private static bool IsThere(PostgresConnections connections, StoreMember member) =>
        connections.On(connection => connection.Scalar<int?>("SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = $1", PostgresSql.Text(member.Name))) is not null;

    private static void Grant(NpgsqlConnection connection, string role, IReadOnlyList<StoreMember> members)
    {
        foreach (var member in members)
        {
            connection.Execute($"GRANT {role} TO \"{member.Name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"");
        }
    }
}
