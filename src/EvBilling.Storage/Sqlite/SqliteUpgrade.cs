using System.Globalization;
using EvBilling.Engine;

namespace EvBilling.Storage.Sqlite;

/// <summary>Tells our stores from other files, and brings older ones up to date, a version at a time.</summary>
internal static class SqliteUpgrade
{
    /// <exception cref="BillStoreException">It is another program's, or a newer version's.</exception>
    public static void Check(SqliteDatabase database, string path)
    {
        var application = Number(database, "PRAGMA application_id");
        if (application != SqliteSchema.ApplicationId && (application != 0 || Number(database, "SELECT count(*) FROM sqlite_schema") > 0))
        {
            throw new BillStoreException($"The file {path} is a SQLite database of another program; name another file as the store.", isUnusable: true);
        }
        var version = Number(database, "PRAGMA user_version");
        if (version > SqliteSchema.Version)
        {
            throw new BillStoreException(
                $"The store {path} was written by a newer version of EvBilling (store version {version}; this one knows {SqliteSchema.Version}); use that version.",
                isUnusable: true);
        }
    }

    public static bool IsOld(SqliteDatabase database) => Number(database, "PRAGMA user_version") < SqliteSchema.Version;

    public static void Run(SqliteDatabase database)
    {
        if (!IsOld(database))
        {
            return;
        }
        database.InTransaction(() =>
        {
            // Another process may have been quicker.
            for (var version = Number(database, "PRAGMA user_version"); version < SqliteSchema.Version; version++)
            {
                database.Execute(SqliteSchema.Steps[version]);
            }
            database.Execute($"PRAGMA application_id = {SqliteSchema.ApplicationId}; PRAGMA user_version = {SqliteSchema.Version};");
        });
    }

    private static long Number(SqliteDatabase database, string sql) => Convert.ToInt64(database.Scalar(sql), CultureInfo.InvariantCulture);
}
