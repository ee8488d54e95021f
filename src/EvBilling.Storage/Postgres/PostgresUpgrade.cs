using System.Reflection;
using EvBilling.Engine;
using Npgsql;

namespace EvBilling.Storage.Postgres;

/// <summary>Makes the tables, and brings older ones up to date, a version at a time. Several workers may start at once.</summary>
internal static class PostgresUpgrade
{
    /// <summary>How many steps there are: Schema/step-1.sql and so on. A step that was released is never changed.</summary>
    public const int Version = 3;

    private const int ServerVersionMin = 15;

    /// <summary>Looks whether there is a store to read.</summary>
    /// <exception cref="BillStoreException">There is none, or it is none of this version.</exception>
    public static void CheckToRead(PostgresConnections connections)
    {
        var version = connections.On(connection => Look(connection, connections.Target));
        if (version == 0)
        {
            throw PostgresTarget.Unusable($"There is no store in {connections.Target} yet; `run` makes it.");
        }
        if (version < Version)
        {
            throw PostgresTarget.Unusable(
                $"The store {connections.Target} was written by an older version of EvBilling (store version {version}; this one knows {Version}); "
                + "a `run` of this version brings it up to date.");
        }
    }

    /// <summary>Makes or upgrades the tables where that is due.</summary>
    /// <exception cref="BillStoreException">What is there is another program's, or a newer version's; or it may not be made.</exception>
    public static void Run(PostgresConnections connections)
    {
        if (connections.On(connection => Look(connection, connections.Target)) == Version)
        {
            return;
        }
        while (connections.InTransaction(connection =>
        {
            PostgresLocks.Take(connection, PostgresLocks.Upgrade);
            // Another worker may have been quicker.
            var version = Look(connection, connections.Target);
            if (version < Version)
            {
                Step(connection, connections.Target, version + 1);
            }
            return version + 1 < Version;
        }))
        {
            // Each step is a transaction of its own.
        }
    }

    /// <returns>The version of the tables; 0 = there are none.</returns>
    private static int Look(NpgsqlConnection connection, PostgresTarget target)
    {
        if (connection.PostgreSqlVersion.Major < ServerVersionMin)
        {
            throw PostgresTarget.Unusable($"PostgreSQL at {target.Server} is of version {connection.PostgreSqlVersion}; {ServerVersionMin} or newer is needed.");
        }
        if (connection.Scalar<string>("SHOW server_encoding") is var encoding and not "UTF8")
        {
            throw PostgresTarget.Unusable($"The database \"{target.Database}\" at {target.Server} has the encoding {encoding}; make one with ENCODING 'UTF8' (from template0).");
        }
        // From the catalogue: who may not look into the schema shall learn what is missing.
        const string Relations = "SELECT count(*) FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = 'evbilling'";
        if (connection.Scalar<long>(Relations) == 0)
        {
            return 0;
        }
        if (connection.Scalar<long>($"{Relations} AND c.relname IN ('schema_version', 'positions', 'sessions', 'bills') AND c.relkind = 'r'") < 4)
        {
            throw PostgresTarget.Unusable($"The schema evbilling in {target} is another program's; name another database as the store.");
        }
        var version = connection.Scalar<int>("SELECT max(version) FROM evbilling.schema_version");
        return version <= Version
            ? version
            : throw PostgresTarget.Unusable(
                $"The store {target} was written by a newer version of EvBilling (store version {version}; this one knows {Version}); use that version.");
    }

    private static void Step(NpgsqlConnection connection, PostgresTarget target, int version)
    {
        try
        {
            if (version == 1 && connection.Scalar<int?>("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = 'evbilling'") is null)
            {
                connection.Execute("CREATE SCHEMA evbilling");
            }
            connection.ExecutePatiently(Resource($"step-{version}.sql"));
            connection.Execute("INSERT INTO evbilling.schema_version(version) VALUES($1)", PostgresSql.Integer(version));
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            throw new BillStoreException(
                $"The user \"{target.User}\" may not make or upgrade the schema evbilling in {target} ({e.MessageText.TrimEnd('.')}); start `run` once as the database's owner, "
                + $"or let the owner say: CREATE SCHEMA evbilling AUTHORIZATION \"{target.User}\" (docs/postgresql.md).",
                e);
        }
    }

    /// <summary>A file of the folder Schema.</summary>
    internal static string Resource(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
