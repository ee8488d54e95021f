using System.Collections.Concurrent;
using Npgsql;

namespace EvBilling.SystemTests.Servers;

/// <summary>A PostgreSQL server on which tests make databases.</summary>
internal interface IPostgres
{
    /// <summary>A libpq URI of a database there.</summary>
    string Uri(string database, string user = "postgres");
}

/// <summary>What tests do with a server beside what they test.</summary>
internal static class PostgresDatabases
{
    private static readonly ConcurrentDictionary<string, object> Making = new();
    private static int _databases;

    /// <summary>Makes an empty database that no other test uses.</summary>
    /// <returns>Its libpq URI.</returns>
    public static string CreateDatabase(this IPostgres server)
    {
        var name = $"test_{Environment.ProcessId}_{Interlocked.Increment(ref _databases)}_{Guid.NewGuid():N}";
        // Two at once would both copy the template, which PostgreSQL refuses.
        lock (Making.GetOrAdd(server.Uri("postgres"), _ => new object()))
        {
            Execute(server.Uri("postgres"), $"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C' STRATEGY wal_log");
        }
        return server.Uri(name);
    }

    /// <summary>Runs some SQL as the user of the URI.</summary>
    public static void Execute(string uri, string sql, string? password = null)
    {
        using var connection = Connect(uri, password);
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }

    /// <summary>The rows of a query, their columns joined by a bar; null is empty.</summary>
    public static List<string> Query(string uri, string sql, string? password = null)
    {
        using var connection = Connect(uri, password);
        using var command = new NpgsqlCommand(sql, connection) { AllResultTypesAreUnknown = true };
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
        {
            rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(column => reader.IsDBNull(column) ? "" : reader.GetString(column))));
        }
        return rows;
    }

    /// <summary>A connection of the test's own.</summary>
    public static NpgsqlConnection Connect(string uri, string? password = null)
    {
        var target = new Uri(uri);
        var settings = new NpgsqlConnectionStringBuilder
        {
            Host = target.Host,
            Port = target.IsDefaultPort ? 5432 : target.Port,
            Username = System.Uri.UnescapeDataString(target.UserInfo),
            Database = System.Uri.UnescapeDataString(target.AbsolutePath.TrimStart('/')),
            Password = password,
            Pooling = false,
            CommandTimeout = 60,
        };
        var connection = new NpgsqlConnection(settings.ConnectionString);
        connection.Open();
        return connection;
    }
}
