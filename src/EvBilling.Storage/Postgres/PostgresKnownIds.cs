using EvBilling.Engine;
using EvBilling.Events;
using Npgsql;

namespace EvBilling.Storage.Postgres;

/// <summary>
/// Tells of most new sessions that they are new without asking the server: a filter of the ids that were there at the start and of those that were written here since.
/// Of a row that another worker makes meanwhile it knows nothing; such a session's write then fails for its revision, and is merged.
/// </summary>
internal sealed class PostgresKnownIds : IDisposable
{
    private readonly SessionIdFilter _filter;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _reading;
    private volatile bool _isComplete;

    private PostgresKnownIds(PostgresConnections connections, long expected)
    {
        _filter = new SessionIdFilter(expected);
        _reading = Task.Run(() => ReadAll(connections));
    }

    /// <summary>Begins to read the ids, aside; until that is done, the server is asked.</summary>
    /// <returns>Null: there are so many that a filter would not help.</returns>
    public static PostgresKnownIds? Begin(PostgresConnections connections, long expected) =>
        SessionIdFilter.IsWorthwhile(expected) ? new PostgresKnownIds(connections, expected) : null;

    /// <summary>Whether the server need not be asked for this id.</summary>
    public bool IsNew(ReadOnlySpan<byte> id) => _isComplete && !_filter.MayContain(id);

    /// <summary>Before its transaction ends.</summary>
    public void Add(CommitBatch batch)
    {
        var texts = batch.Texts.Bytes;
        foreach (ref readonly var write in batch.Sessions)
        {
            if (write.Revision == 0)
            {
                _filter.Add(write.SessionId.In(texts));
            }
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        _reading.Wait();
        _stop.Dispose();
    }

    private void ReadAll(PostgresConnections connections)
    {
        try
        {
            using var connection = connections.Open();
            using var command = connection.Command(
                "SELECT convert_to(session_id, 'UTF8') FROM evbilling.sessions "
                + "UNION ALL SELECT convert_to(session_id, 'UTF8') FROM evbilling.bill_versions WHERE EXISTS (SELECT 1 FROM evbilling.meta WHERE key = 'has_archive')");
            command.CommandTimeout = 0;
            using var cancel = _stop.Token.Register(command.Cancel);
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                _filter.Add(reader.GetFieldValue<byte[]>(0));
            }
            _isComplete = true;
        }
        catch (Exception e) when (e is BillStoreException or ObjectDisposedException or OperationCanceledException || PostgresErrors.IsServers(e))
        {
            // The server is asked for each, then.
        }
    }
}
