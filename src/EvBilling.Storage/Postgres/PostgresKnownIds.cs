using EvBilling.Engine;
using EvBilling.Events;
using Npgsql;

namespace EvBilling.Storage.Postgres;

/// <summary>
/// Tells of most new sessions that they are new without asking the server: a filter of the ids that were there when it was first asked and of those that were
/// written here since it was made. Of a row that another worker makes meanwhile it knows nothing; such a session's write then fails for its revision, and is
/// merged. Threads may share it.
/// </summary>
public sealed class PostgresKnownIds(TimeProvider time)
{
    private const int ReadingsMax = 3;
    private static readonly TimeSpan ReadAgainAfter = TimeSpan.FromMinutes(1);

    private readonly Lock _beginning = new();
    private SessionIdFilter? _filter;
    private Task _reading = Task.CompletedTask;
    private int _readings;
    private long _readAt;
    private bool _isPrepared;
    private volatile bool _isComplete;
    private volatile bool _isStopped;

    /// <summary>Before the first batch is written.</summary>
    /// <param name="expected">Tells how many ids there are; where they are so many that a filter would not help, there is none.</param>
    internal void Prepare(Func<long> expected)
    {
        lock (_beginning)
        {
            if (!_isPrepared)
            {
                var count = expected();
                _filter = SessionIdFilter.IsWorthwhile(count) ? new SessionIdFilter(count) : null;
                _isPrepared = true;
            }
        }
    }

    /// <summary>Whether the server need not be asked for this id. With the first question all ids begin to be read, aside; until that is done, the server is asked.</summary>
    internal bool IsNew(ReadOnlySpan<byte> id, PostgresConnections connections)
    {
        if (!_isComplete)
        {
            Begin(connections);
            return false;
        }
        return _filter is { } filter && !filter.MayContain(id);
    }

    /// <summary>Before its transaction ends.</summary>
    internal void Add(CommitBatch batch)
    {
        if (_filter is not { } filter)
        {
            return;
        }
        var texts = batch.Texts.Bytes;
        foreach (ref readonly var write in batch.Sessions)
        {
            if (write.Revision == 0)
            {
                filter.Add(write.SessionId.In(texts));
            }
        }
    }

    /// <summary>Others have written rows that are asked for here from now on, as those of a partition that was theirs: ids that were read more than a minute ago are read again.</summary>
    public void ReadAgain()
    {
        lock (_beginning)
        {
            if (_isComplete && time.GetElapsedTime(_readAt) >= ReadAgainAfter)
            {
                _isComplete = false;
                _readings = 0;
            }
        }
    }

    /// <summary>Ends the reading; before the connections go.</summary>
    internal void Stop()
    {
        _isStopped = true;
        _reading.Wait();
    }

    // A reading that failed, as when the server or these connections went, is tried again, but not for ever.
    private void Begin(PostgresConnections connections)
    {
        if (_filter is not { } filter || _readings == ReadingsMax || !_reading.IsCompleted)
        {
            return;
        }
        lock (_beginning)
        {
            if (_reading.IsCompleted && _readings < ReadingsMax && !_isComplete)
            {
                _readings++;
                _readAt = time.GetTimestamp();
                _reading = Task.Run(() => ReadAll(connections, filter));
            }
        }
    }

    private void ReadAll(PostgresConnections connections, SessionIdFilter filter)
    {
        try
        {
            using var connection = connections.Open();
            using var command = connection.Command(
                "SELECT convert_to(session_id, 'UTF8') FROM evbilling.sessions "
                + "UNION ALL SELECT convert_to(session_id, 'UTF8') FROM evbilling.bill_versions WHERE EXISTS (SELECT 1 FROM evbilling.meta WHERE key = 'has_archive')");
            command.CommandTimeout = 0;
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                if (_isStopped)
                {
                    command.Cancel();
                    return;
                }
                filter.Add(reader.GetFieldValue<byte[]>(0));
            }
            _isComplete = true;
        }
        catch (Exception e) when (e is BillStoreException or ObjectDisposedException or OperationCanceledException || PostgresErrors.IsServers(e))
        {
            // The server is asked for each, then.
        }
    }
}
