using EvBilling.Engine;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace EvBilling.Storage.Sqlite;

/// <summary>A connection to a store's file, and its errors in words.</summary>
internal sealed class SqliteDatabase : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly string _path;
    private readonly List<SqliteStatement> _statements = [];

    private SqliteDatabase(SqliteConnection connection, string path)
    {
        _connection = connection;
        _path = path;
    }

    public sqlite3 Handle => _connection.Handle!;

    /// <summary>Opens the file.</summary>
    /// <param name="cacheKib">Pages kept in memory.</param>
    /// <exception cref="BillStoreException">It cannot be opened.</exception>
    public static SqliteDatabase Open(string path, SqliteOpenMode mode, int cacheKib)
    {
        if (Directory.Exists(path))
        {
            throw new BillStoreException($"The store {path} is a folder; name a file, as in sqlite:bills.db.", isUnusable: true);
        }
        if (mode != SqliteOpenMode.ReadWriteCreate && (!File.Exists(path) || new FileInfo(path).Length == 0))
        {
            throw new BillStoreException($"There is no store {path}; `evbilling run` makes one.", isUnusable: true);
        }
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && !Directory.Exists(folder))
        {
            throw new BillStoreException($"The folder {folder} of the store does not exist; make it, or name another.", isUnusable: true);
        }
        if (File.Exists(path) && !BeginsAsDatabase(path))
        {
            // SQLite itself takes a file of a few bytes for an empty one, and writes over it.
            throw new BillStoreException($"The file {path} is no SQLite database; name another file as the store.", isUnusable: true);
        }
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path.GetFullPath(path), Mode = mode, Pooling = false, DefaultTimeout = 10 }.ToString());
        var database = new SqliteDatabase(connection, path);
        try
        {
            connection.Open();
            database.Execute($"PRAGMA cache_size = -{cacheKib}; PRAGMA busy_timeout = 10000;");
            return database;
        }
        catch (Exception e)
        {
            database.Dispose();
            throw e is BillStoreException ? e : database.Explain(e);
        }
    }

    public void Execute(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        try
        {
            command.ExecuteNonQuery();
        }
        catch (SqliteException e)
        {
            throw Explain(e);
        }
    }

    /// <summary>Does all of the work in one transaction, or nothing of it.</summary>
    public void InTransaction(Action work)
    {
        Execute("BEGIN IMMEDIATE");
        try
        {
            work();
            Execute("COMMIT");
        }
        catch
        {
            // SQLite may have rolled back already; the first error is what matters.
            if (raw.sqlite3_get_autocommit(Handle) == 0)
            {
                raw.sqlite3_exec(Handle, "ROLLBACK");
            }
            throw;
        }
    }

    public object? Scalar(string sql, params (string Name, object? Value)[] parameters)
    {
        using var command = Command(sql, parameters);
        try
        {
            return command.ExecuteScalar() is var value and not DBNull ? value : null;
        }
        catch (SqliteException e)
        {
            throw Explain(e);
        }
    }

    public IEnumerable<T> Query<T>(string sql, Func<SqliteDataReader, T> read, params (string Name, object? Value)[] parameters)
    {
        using var command = Command(sql, parameters);
        using var reader = Start(command);
        while (Step(reader))
        {
            yield return read(reader);
        }
    }

    /// <summary>A statement prepared once, for the paths where each row counts.</summary>
    public SqliteStatement Prepare(string sql)
    {
        Check(raw.sqlite3_prepare_v3(Handle, sql, (uint)raw.SQLITE_PREPARE_PERSISTENT, out var statement));
        var prepared = new SqliteStatement(this, statement);
        _statements.Add(prepared);
        return prepared;
    }

    public void Check(int code)
    {
        if (code is not (raw.SQLITE_OK or raw.SQLITE_ROW or raw.SQLITE_DONE))
        {
            throw Explain(new SqliteException(raw.sqlite3_errmsg(Handle).utf8_to_string(), code, raw.sqlite3_extended_errcode(Handle)));
        }
    }

    public void Dispose()
    {
        foreach (var statement in _statements)
        {
            statement.Dispose();
        }
        _connection.Dispose();
    }

    private static bool BeginsAsDatabase(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            Span<byte> head = stackalloc byte[16];
            return file.Length == 0 || (file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length && head.SequenceEqual("SQLite format 3\0"u8));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What cannot be read is told by SQLite's own error.
            return true;
        }
    }

    private SqliteCommand Command(string sql, (string Name, object? Value)[] parameters)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        }
        return command;
    }

    private SqliteDataReader Start(SqliteCommand command)
    {
        try
        {
            return command.ExecuteReader();
        }
        catch (SqliteException e)
        {
            throw Explain(e);
        }
    }

    private bool Step(SqliteDataReader reader)
    {
        try
        {
            return reader.Read();
        }
        catch (SqliteException e)
        {
            throw Explain(e);
        }
    }

    private BillStoreException Explain(Exception e) => (e as SqliteException)?.SqliteErrorCode switch
    {
        raw.SQLITE_FULL => new($"The store {_path} cannot grow: the disk is full. What was committed is kept; free some space and run again, it goes on from there.", e),
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => new($"The store {_path} is locked by another program; end that program, or wait for it, and run again.", e),
        raw.SQLITE_NOTADB => new($"The file {_path} is no SQLite database; name another file as the store.", e, isUnusable: true),
        raw.SQLITE_CANTOPEN => new($"The store {_path} cannot be opened; look at the path and at who may read and write there.", e, isUnusable: true),
        raw.SQLITE_READONLY => new($"The store {_path} may not be written; give this user the right to write the file and its folder.", e, isUnusable: true),
        raw.SQLITE_CORRUPT => new($"The store {_path} is damaged; restore it from a backup, or make a new one by running over all events again.", e),
        raw.SQLITE_IOERR => new($"The store {_path} cannot be read or written ({e.Message.TrimEnd('.')}); look at the disk. What was committed is kept.", e),
        _ => new($"The store {_path} failed: {e.Message}", e),
    };
}
