using EvBilling.Engine;
using Npgsql;

namespace EvBilling.Storage.Postgres;

/// <summary>
/// Roles that stand for identities of Microsoft Entra ID. Azure Database for PostgreSQL alone has the function that makes them, and in its database postgres alone;
/// so this is the one part of the store that no other PostgreSQL can run.
/// </summary>
internal static class EntraPrincipals
{
    private const string MaintenanceDatabase = "postgres";

    // Name, object id, kind (managed identities are service principals), administrator, multi-factor.
    private const string CreateOne = "SELECT pgaadauth_create_principal_with_oid($1, $2, 'service', false, false)";

    /// <summary>Makes a role for each, which may log in with a token and has no right yet.</summary>
    /// <exception cref="BillStoreException">The server is none of Azure's, or refuses.</exception>
    public static void Create(PostgresTarget target, IReadOnlyList<StoreMember> members, Func<CancellationToken, ValueTask<string>>? password)
    {
        if (members.Count == 0)
        {
            return;
        }
        using var connections = new PostgresConnections(target.WithDatabase(MaintenanceDatabase), password);
        foreach (var member in members)
        {
            try
            {
                connections.On(connection => connection.Scalar<string>(CreateOne, PostgresSql.Text(member.Name), PostgresSql.Text($"{member.ObjectId:D}")));
            }
            catch (BillStoreException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UndefinedFunction })
            {
                throw new BillStoreException(
                    $"PostgreSQL at {target.Server} makes no roles for Microsoft Entra ID, as only Azure Database for PostgreSQL does; "
                    + $"make the role by hand (CREATE ROLE \"{member.Name}\" LOGIN) and leave its object id away.",
                    e);
            }
            catch (BillStoreException e) when (e.InnerException is PostgresException refused)
            {
                throw new BillStoreException(
                    $"PostgreSQL at {target.Server} did not make a role \"{member.Name}\" for the object id {member.ObjectId:D} ({refused.MessageText.TrimEnd('.')}); "
                    + $"look at the object id, and at whether \"{target.User}\" is an Entra administrator of the server.",
                    e);
            }
        }
    }
}
