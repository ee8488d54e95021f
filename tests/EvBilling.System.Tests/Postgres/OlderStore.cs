using EvBilling.Storage.Postgres;
using EvBilling.SystemTests.Servers;
using Npgsql;

namespace EvBilling.SystemTests.Postgres;

/// <summary>Makes stores as earlier versions of the program left them.</summary>
internal static class OlderStore
{
    /// <summary>Makes an empty one in an empty database.</summary>
    public static void Make(string uri, int version)
    {
        PostgresDatabases.Execute(uri, "CREATE SCHEMA evbilling");
        for (var step = 1; step <= version; step++)
        {
            using var reader = new StreamReader(typeof(PostgresBillStore).Assembly.GetManifestResourceStream($"step-{step}.sql")!);
            PostgresDatabases.Execute(uri, reader.ReadToEnd());
            PostgresDatabases.Execute(uri, $"INSERT INTO evbilling.schema_version(version) VALUES({step})");
        }
    }

    /// <summary>Makes one that has what a store of today has, as far as it had columns for it.</summary>
    public static void MakeOf(string today, string uri, int version)
    {
        Make(uri, version);
        foreach (var table in PostgresDatabases.Query(
            uri, "SELECT relname FROM pg_class WHERE relnamespace = 'evbilling'::regnamespace AND relkind = 'r' AND relname <> 'schema_version' ORDER BY 1"))
        {
            var columns = string.Join(", ", PostgresDatabases.Query(
                uri, $"SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = 'evbilling.{table}'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum"));
            using var from = PostgresDatabases.Connect(today);
            using var to = PostgresDatabases.Connect(uri);
            using var rows = from.BeginTextExport($"COPY (SELECT {columns} FROM evbilling.{table}) TO STDOUT");
            using var copy = to.BeginTextImport($"COPY evbilling.{table}({columns}) FROM STDIN");
            copy.Write(rows.ReadToEnd());
        }
        // Numbers that were given are not given again.
        foreach (var column in PostgresDatabases.Query(
            uri, "SELECT attrelid::regclass::text || '.' || attname FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid WHERE c.relnamespace = 'evbilling'::regnamespace AND attidentity <> ''"))
        {
            var parts = column.Split('.');
            PostgresDatabases.Execute(
                uri, $"SELECT setval(pg_get_serial_sequence('{parts[0]}.{parts[1]}', '{parts[2]}'), max({parts[2]})) FROM {parts[0]}.{parts[1]} HAVING max({parts[2]}) IS NOT NULL");
        }
    }
}
