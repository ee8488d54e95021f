using SQLitePCL;

namespace EvBilling.Storage.Sqlite;

/// <summary>A prepared statement. Parameters and columns are counted from 0.</summary>
internal sealed class SqliteStatement(SqliteDatabase database, sqlite3_stmt statement) : IDisposable
{
    private int _next;

    public SqliteStatement Add(long value)
    {
        database.Check(raw.sqlite3_bind_int64(statement, ++_next, value));
        return this;
    }

    public SqliteStatement Add(long? value) => value is { } known ? Add(known) : AddNull();

    public SqliteStatement Add(string? value)
    {
        database.Check(value is null ? raw.sqlite3_bind_null(statement, ++_next) : raw.sqlite3_bind_text(statement, ++_next, value));
        return this;
    }

    public SqliteStatement AddText(ReadOnlySpan<byte> utf8)
    {
        database.Check(raw.sqlite3_bind_text(statement, ++_next, utf8));
        return this;
    }

    public SqliteStatement AddBlob(ReadOnlySpan<byte> value)
    {
        database.Check(raw.sqlite3_bind_blob(statement, ++_next, value));
        return this;
    }

    public SqliteStatement AddNull()
    {
        database.Check(raw.sqlite3_bind_null(statement, ++_next));
        return this;
    }

    /// <summary>Runs it to its end and makes it ready for the next row.</summary>
    public void Run()
    {
        var code = raw.sqlite3_step(statement);
        Reset();
        database.Check(code);
    }

    /// <summary>The next row. After the last, or when done with it, <see cref="Reset"/>.</summary>
    public bool Step()
    {
        var code = raw.sqlite3_step(statement);
        database.Check(code);
        return code == raw.SQLITE_ROW;
    }

    public void Reset()
    {
        raw.sqlite3_reset(statement);
        _next = 0;
    }

    public long Integer(int column) => raw.sqlite3_column_int64(statement, column);

    public bool IsNull(int column) => raw.sqlite3_column_type(statement, column) == raw.SQLITE_NULL;

    public ReadOnlySpan<byte> Blob(int column) => raw.sqlite3_column_blob(statement, column);

    public void Dispose() => statement.Dispose();
}
