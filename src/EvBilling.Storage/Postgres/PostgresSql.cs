using Npgsql;
using NpgsqlTypes;

namespace EvBilling.Storage.Postgres;

/// <summary>Short words for commands and their parameters, which stand as $1, $2, ... in the text.</summary>
internal static class PostgresSql
{
    public static NpgsqlCommand Command(this NpgsqlConnection connection, string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(parameter);
        }
        return command;
    }

    /// <returns>How many rows were changed.</returns>
    public static int Execute(this NpgsqlConnection connection, string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        using var command = connection.Command(sql, parameters);
        return command.ExecuteNonQuery();
    }

    /// <summary>As <see cref="Execute"/>, however long it takes.</summary>
    public static int ExecutePatiently(this NpgsqlConnection connection, string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        using var command = connection.Command(sql, parameters);
        command.CommandTimeout = 0;
        return command.ExecuteNonQuery();
    }

    /// <summary>The first value of the first row; null if there is none.</summary>
    public static T? Scalar<T>(this NpgsqlConnection connection, string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        using var command = connection.Command(sql, parameters);
        return command.ExecuteScalar() is T value ? value : default;
    }

    public static NpgsqlParameter Text(string? value) => Of(NpgsqlDbType.Text, value);

    public static NpgsqlParameter Integer(int? value) => Of(NpgsqlDbType.Integer, value);

    public static NpgsqlParameter Bigint(long? value) => Of(NpgsqlDbType.Bigint, value);

    /// <summary>A time of whole seconds since 1970.</summary>
    public static NpgsqlParameter Time(long unixSeconds) => Of(NpgsqlDbType.TimestampTz, DateTimeOffset.FromUnixTimeSeconds(unixSeconds).UtcDateTime);

    public static NpgsqlParameter Texts(IEnumerable<string?> values) => Of(NpgsqlDbType.Array | NpgsqlDbType.Text, values.ToArray());

    public static NpgsqlParameter Integers(IEnumerable<int>? values) => Of(NpgsqlDbType.Array | NpgsqlDbType.Integer, values?.ToArray());

    public static NpgsqlParameter Bigints(IEnumerable<long> values) => Of(NpgsqlDbType.Array | NpgsqlDbType.Bigint, values.ToArray());

    public static NpgsqlParameter Bigints(IEnumerable<long?> values) => Of(NpgsqlDbType.Array | NpgsqlDbType.Bigint, values.ToArray());

    public static NpgsqlParameter Blobs(IEnumerable<byte[]> values) => Of(NpgsqlDbType.Array | NpgsqlDbType.Bytea, values.ToArray());

    public static string? NullableText(this NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    public static long? NullableBigint(this NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt64(column);

    public static int? NullableInteger(this NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt32(column);

    public static decimal? NullableDecimal(this NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetDecimal(column);

    public static byte[] Blob(this NpgsqlDataReader row, int column) => row.GetFieldValue<byte[]>(column);

    /// <summary>Seconds since 1970; 0 = null.</summary>
    public static long Seconds(this NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? 0 : new DateTimeOffset(row.GetDateTime(column), TimeSpan.Zero).ToUnixTimeSeconds();

    private static NpgsqlParameter Of(NpgsqlDbType type, object? value) => new() { NpgsqlDbType = type, Value = value ?? DBNull.Value };
}
