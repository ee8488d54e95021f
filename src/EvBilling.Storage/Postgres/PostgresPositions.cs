using System.Collections.Concurrent;
using System.Globalization;
using EvBilling.Engine;
using Npgsql;

namespace EvBilling.Storage.Postgres;

/// <summary>
/// How far partitions are read, and which of them this worker may commit: each claim gives a partition a new epoch, and a commit under an older one fails.
/// May be used by several threads.
/// </summary>
internal sealed class PostgresPositions(PostgresConnections connections, TimeProvider time)
{
    private const string LookAfter = "SET LOCAL lock_timeout = '3s'";
    private static readonly TimeSpan PatienceMax = TimeSpan.FromMinutes(2);

    private readonly ConcurrentDictionary<LogPartition, long> _epochs = new();
    private readonly string _owner = string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}/{Environment.ProcessId}/{Guid.NewGuid():N}");

    public IReadOnlyList<LogPosition> Claim(IReadOnlyList<LogPartition> partitions)
    {
        var wanted = InOrder(partitions.Distinct());
        if (wanted.Count == 0)
        {
            return [];
        }
        var claimed = ClaimWhenFree(wanted);
        foreach (var (partition, _, epoch) in claimed)
        {
            _epochs[partition] = epoch;
        }
        return [.. claimed.Where(row => row.NextOffset is not null).Select(row => new LogPosition(row.Partition, row.NextOffset!.Value))];
    }

    public IReadOnlyList<PartitionState> Read() => connections.Query(
        "SELECT source, incarnation, partition, next_offset, end_offset, clock_ns, read_at, gap_records FROM evbilling.positions "
        + "WHERE next_offset IS NOT NULL ORDER BY source, incarnation, partition",
        row => new PartitionState(new(Partition(row), row.GetInt64(3)), row.NullableBigint(4) ?? -1, row.GetInt64(5), row.Seconds(6), row.GetInt64(7)));

    /// <summary>The source is read from its start; whoever has its partitions must claim them anew.</summary>
    public void Rewind(string source) => connections.On(connection => connection.Execute(
        "UPDATE evbilling.positions SET next_offset = NULL, end_offset = NULL, clock_ns = 0, read_at = NULL, gap_records = 0, epoch = epoch + 1 WHERE source = $1",
        PostgresSql.Text(source)));

    public void SkipGap(LogPartition partition, long nextOffset, long records) => connections.InTransaction(connection =>
    {
        var changed = connection.Execute(
            "UPDATE evbilling.positions AS p SET next_offset = $5, gap_records = gap_records + $6 FROM unnest($1, $2, $3, $4) AS n(source, incarnation, partition, epoch) "
            + "WHERE p.source = n.source AND p.incarnation = n.incarnation AND p.partition = n.partition AND p.epoch = n.epoch",
            [.. Keys([partition]), PostgresSql.Bigints([EpochOf(partition)]), PostgresSql.Bigint(nextOffset), PostgresSql.Bigint(records)]);
        return changed == 1 ? changed : throw TakenOver(connection, [partition]);
    });

    /// <summary>Within a commit, and first of all there: how far the batch reaches. The rows stay locked, so that nobody takes a partition over meanwhile.</summary>
    /// <exception cref="BillStoreException">Another worker has one of the partitions.</exception>
    public void Advance(NpgsqlConnection connection, CommitBatch batch)
    {
        if (batch.Positions.Count == 0)
        {
            return;
        }
        var partitions = InOrder(batch.Positions.Keys);
        var progress = partitions.Select(partition => batch.Positions[partition]).ToList();
        var changed = connection.Execute(
            "UPDATE evbilling.positions AS p SET next_offset = n.next_offset, end_offset = n.end_offset, clock_ns = greatest(p.clock_ns, n.clock_ns), "
            + "records = p.records + n.records, events = p.events + n.events, confirmed_at = $8, read_at = CASE WHEN p.next_offset IS NULL OR n.next_offset > p.next_offset THEN $8 ELSE p.read_at END "
            + "FROM unnest($1, $2, $3, $4, $5, $6, $7, $9, $10) AS n(source, incarnation, partition, epoch, next_offset, end_offset, clock_ns, records, events) "
            + "WHERE p.source = n.source AND p.incarnation = n.incarnation AND p.partition = n.partition AND p.epoch = n.epoch",
            [
                .. Keys(partitions), PostgresSql.Bigints(partitions.Select(EpochOf)), PostgresSql.Bigints(progress.Select(of => of.NextOffset)),
                PostgresSql.Bigints(progress.Select(of => of.EndOffset < 0 ? (long?)null : of.EndOffset)), PostgresSql.Bigints(progress.Select(of => of.ClockNs)),
                PostgresSql.Time(time.GetUtcNow().ToUnixTimeSeconds()), PostgresSql.Bigints(progress.Select(of => of.Records)), PostgresSql.Bigints(progress.Select(of => of.Events)),
            ]);
        if (changed < partitions.Count)
        {
            throw TakenOver(connection, partitions);
        }
    }

    // A commit of whoever had the partitions ends soon, or its worker is frozen.
    private List<(LogPartition Partition, long? NextOffset, long Epoch)> ClaimWhenFree(List<LogPartition> wanted)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            try
            {
                return connections.InTransaction(connection => Claim(connection, wanted));
            }
            catch (BillStoreException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable })
            {
                if (time.GetElapsedTime(began) > PatienceMax)
                {
                    throw connections.On(connection => FrozenWorkers.StillThere(connection, Keys(wanted)));
                }
                connections.On(connection =>
                {
                    FrozenWorkers.End(connection, Keys(wanted));
                    return true;
                });
            }
        }
    }

    private List<(LogPartition Partition, long? NextOffset, long Epoch)> Claim(NpgsqlConnection connection, List<LogPartition> wanted)
    {
        connection.Execute(LookAfter);
        using var command = connection.Command(
            "INSERT INTO evbilling.positions AS p(source, incarnation, partition, epoch, owner) "
            + "SELECT n.source, n.incarnation, n.partition, 1, $4 FROM unnest($1, $2, $3) AS n(source, incarnation, partition) "
            + "ON CONFLICT (source, incarnation, partition) DO UPDATE SET epoch = p.epoch + 1, owner = excluded.owner "
            + "RETURNING p.source, p.incarnation, p.partition, p.next_offset, p.epoch",
            [.. Keys(wanted), PostgresSql.Text(_owner)]);
        using var reader = command.ExecuteReader();
        var claimed = new List<(LogPartition, long?, long)>();
        while (reader.Read())
        {
            claimed.Add((Partition(reader), reader.NullableBigint(3), reader.GetInt64(4)));
        }
        return claimed;
    }

    private long EpochOf(LogPartition partition) => _epochs.TryGetValue(partition, out var epoch)
        ? epoch
        : throw new BillStoreException($"Partition {partition.Partition} of {partition.Source} was not claimed by this worker, so that it may not be committed.", isTransient: true);

    private BillStoreException TakenOver(NpgsqlConnection connection, IReadOnlyList<LogPartition> partitions)
    {
        using var command = connection.Command(
            "SELECT p.source, p.incarnation, p.partition, p.owner FROM evbilling.positions AS p JOIN unnest($1, $2, $3, $4) AS n(source, incarnation, partition, epoch) "
            + "ON p.source = n.source AND p.incarnation = n.incarnation AND p.partition = n.partition AND p.epoch <> n.epoch LIMIT 1",
            [.. Keys(partitions), PostgresSql.Bigints(partitions.Select(EpochOf))]);
        using var reader = command.ExecuteReader();
        if (!reader.Read())
        {
            return new("The positions of this worker's partitions are gone from the store, so that this batch was not written.", isTransient: true);
        }
        var (partition, owner) = (Partition(reader), reader.GetString(3));
        return new(
            owner == _owner
                ? $"Partition {partition.Partition} of {partition.Source} was set back to its start, so that this batch was not written; what was committed is kept."
                : $"Another worker ({owner}) has taken over partition {partition.Partition} of {partition.Source}, so that this batch was not written; "
                    + "what was committed is kept.",
            isTransient: true);
    }

    // In one order for all, so that two workers never wait for each other crosswise.
    private static List<LogPartition> InOrder(IEnumerable<LogPartition> partitions) =>
    [
        .. partitions.OrderBy(partition => partition.Source, StringComparer.Ordinal).ThenBy(partition => partition.Incarnation, StringComparer.Ordinal)
            .ThenBy(partition => partition.Partition),
    ];

    private static NpgsqlParameter[] Keys(IReadOnlyList<LogPartition> partitions) =>
    [
        PostgresSql.Texts(partitions.Select(partition => partition.Source)), PostgresSql.Texts(partitions.Select(partition => partition.Incarnation)),
        PostgresSql.Integers(partitions.Select(partition => partition.Partition)),
    ];

    private static LogPartition Partition(NpgsqlDataReader row) => new(row.GetString(0), row.GetString(1), row.GetInt32(2));
}
