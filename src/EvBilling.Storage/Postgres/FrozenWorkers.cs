using System.Globalization;
using EvBilling.Engine;
using Npgsql;

namespace EvBilling.Storage.Postgres;

/// <summary>
/// A process that is frozen (stopped, or its machine paused) within a commit keeps its rows locked, and its kernel goes on saying that the connection is well.
/// The server ends its transaction where it waits between two statements; where it waits for the rest of a COPY, whoever claims its partitions does.
/// </summary>
internal static class FrozenWorkers
{
    /// <summary>How long a transaction may wait for its worker's next word. Workers send theirs within milliseconds.</summary>
    public const int SilentSecondsMax = 10;

    /// <summary>For a connection that writes. No setting counts the time of a COPY.</summary>
    public const string SetUp = "SET idle_in_transaction_session_timeout = '10s'; ";

    /// <summary>SQLSTATE idle_in_transaction_session_timeout, for which Npgsql has no name.</summary>
    public const string SilentTooLong = "25P03";

    private const string Holders =
        " FROM evbilling.positions AS p JOIN unnest($1, $2, $3) AS n(source, incarnation, partition) "
        + "ON p.source = n.source AND p.incarnation = n.incarnation AND p.partition = n.partition "
        + "JOIN pg_locks AS l ON l.locktype = 'transactionid' AND l.transactionid = p.xmax AND l.granted "
        + "JOIN pg_stat_activity AS a ON a.pid = l.pid WHERE l.pid <> pg_backend_pid()";

    /// <summary>Ends the transactions of workers that hold these partitions' positions and have been silent for too long. Their rows are free then, and what they had begun is not there.</summary>
    public static void End(NpgsqlConnection connection, NpgsqlParameter[] partitions)
    {
        try
        {
            connection.Execute(
                $"SELECT pg_terminate_backend(h.pid) FROM (SELECT DISTINCT a.pid{Holders} AND a.wait_event = 'ClientRead' AND a.state_change < clock_timestamp() - make_interval(secs => $4)) AS h",
                [.. partitions, PostgresSql.Integer(SilentSecondsMax)]);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            // Another role's: whoever waits too long says so.
        }
    }

    /// <summary>What is to be said when the positions stay locked.</summary>
    public static BillStoreException StillThere(NpgsqlConnection connection, NpgsqlParameter[] partitions)
    {
        using var command = connection.Command($"SELECT p.partition, a.pid, a.usename::text, coalesce(host(a.client_addr), 'a socket'){Holders} LIMIT 1", partitions);
        using var reader = command.ExecuteReader();
        var who = reader.Read()
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"the connection {reader.GetInt32(1)} of user \"{reader.GetString(2)}\" from {reader.GetString(3)} holds the position of partition {reader.GetInt32(0)}; if its worker is gone, end it: SELECT pg_terminate_backend({reader.GetInt32(1)})")
            : "it is free by now";
        return new($"Partitions could not be claimed, since another transaction held their positions ({who}). It can be tried again.", isTransient: true);
    }
}
