using EvBilling.Engine;
using Npgsql;

namespace EvBilling.Storage.Postgres;

/// <summary>Makes connections, and turns what goes wrong on them into sentences. May be used by several threads.</summary>
internal sealed class PostgresConnections : IDisposable
{
    private readonly NpgsqlDataSource _source;

    /// <param name="password">Makes a token that is good for a while, whenever a connection is made; null = the password of the environment.</param>
    /// <exception cref="BillStoreException">The target wants tokens, and nothing makes them.</exception>
    public PostgresConnections(PostgresTarget target, Func<CancellationToken, ValueTask<string>>? password)
    {
        Target = target;
        var builder = new NpgsqlDataSourceBuilder(target.Settings().ConnectionString);
        if (target.UsesEntra)
        {
            var token = password ?? throw PostgresTarget.Unusable("auth=entra is wanted, but this program was put together without tokens of Microsoft Entra ID.");
            builder.UsePasswordProvider(_ => Password(token, CancellationToken.None).AsTask().GetAwaiter().GetResult(), (_, cancellation) => Password(token, cancellation));
        }
        _source = builder.Build();
    }

    public PostgresTarget Target { get; }

    /// <summary>A connection to be given back soon.</summary>
    /// <exception cref="BillStoreException">There is none to be had.</exception>
    public NpgsqlConnection Open() => Try(_source.OpenConnection);

    /// <summary>Does something, and says in a sentence what went wrong.</summary>
    public T Try<T>(Func<T> act)
    {
        try
        {
            return act();
        }
        catch (Exception e) when (PostgresErrors.IsServers(e))
        {
            throw PostgresErrors.Of(e, Target);
        }
    }

    /// <summary>Does something on a connection of its own.</summary>
    public T On<T>(Func<NpgsqlConnection, T> act) => Try(() =>
    {
        using var connection = _source.OpenConnection();
        return act(connection);
    });

    /// <summary>Does something on a connection of its own, all of it or nothing.</summary>
    public T InTransaction<T>(Func<NpgsqlConnection, T> act) => On(connection =>
    {
        using var transaction = connection.BeginTransaction();
        var result = act(connection);
        transaction.Commit();
        return result;
    });

    /// <summary>The rows of a query, one after the other, on a connection of its own.</summary>
    public IEnumerable<T> Stream<T>(string sql, Func<NpgsqlDataReader, T> read, params NpgsqlParameter[] parameters)
    {
        using var connection = Open();
        using var command = connection.Command(sql, parameters);
        // Sorting many bills takes as long as it takes.
        command.CommandTimeout = 0;
        using var reader = Try(() => command.ExecuteReader());
        while (Try(reader.Read))
        {
            yield return read(reader);
        }
    }

    public List<T> Query<T>(string sql, Func<NpgsqlDataReader, T> read, params NpgsqlParameter[] parameters) => [.. Stream(sql, read, parameters)];

    public void Dispose() => _source.Dispose();

    private static async ValueTask<string> Password(Func<CancellationToken, ValueTask<string>> token, CancellationToken cancellation)
    {
        try
        {
            return await token(cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new TokenMissingException(e);
        }
    }
}

/// <summary>What makes tokens gave none; the message says why.</summary>
internal sealed class TokenMissingException(Exception cause) : Exception(cause.Message, cause);

/// <summary>A connection that one thread keeps; made when it is first needed, and anew after it broke.</summary>
internal sealed class KeptConnection(PostgresConnections connections, string setUp) : IDisposable
{
    private NpgsqlConnection? _connection;

    /// <exception cref="BillStoreException">There is none to be had.</exception>
    public NpgsqlConnection Get()
    {
        if (_connection is { State: System.Data.ConnectionState.Open })
        {
            return _connection;
        }
        _connection?.Dispose();
        _connection = null;
        var connection = connections.Open();
        try
        {
            connections.Try(() => connection.Execute(setUp));
        }
        catch
        {
            connection.Dispose();
            throw;
        }
        return _connection = connection;
    }

    public void Dispose() => _connection?.Dispose();
}
