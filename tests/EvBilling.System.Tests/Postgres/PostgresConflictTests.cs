using System.Text;
using EvBilling.Billing;
using EvBilling.Engine;
using EvBilling.SystemTests.Servers;
using EvBilling.SystemTests.Stores;
using EvBilling.SystemTests.Support;
using Npgsql;

namespace EvBilling.SystemTests.Postgres;

/// <summary>Two workers write one session, whose events lie in two partitions.</summary>
public sealed class PostgresConflictTests(SharedPostgres postgres) : IDisposable
{
    private static readonly LogPartition One = new("topic", "id", 0);
    private static readonly LogPartition Other = new("topic", "id", 1);
    private readonly MergingResolver _resolver = new();
    private readonly List<IBillStore> _stores = [];

    [Fact]
    public void A_row_that_another_worker_changed_meanwhile_is_merged()
    {
        var (one, other) = Workers();
        one.Commit(Batch(Session("S", "started", 0), Session("T", "started", 0)).At(One, 1), _resolver);
        other.Commit(Batch(1, Session("S", "updated", 30)).At(Other, 1), _resolver);
        Assert.Empty(_resolver.Resolved);
        one.Commit(Batch(1, Session("S", "ended", 60), Session("T", "ended", 60)).At(One, 2), _resolver);
        Assert.Equal(["S 2"], _resolver.Resolved);
        Assert.Equal((2, 3), (one.FindSession("S"u8)!.Record.Count, one.FindSession("S"u8)!.Revision));
        Assert.Equal((1, 2), (one.FindSession("T"u8)!.Record.Count, one.FindSession("T"u8)!.Revision));
        Assert.Equal([2, 1], one.ReadPositions().Select(position => position.NextOffset));
    }

    [Fact]
    public void A_row_that_another_worker_inserted_meanwhile_is_merged()
    {
        var (one, other) = Workers();
        other.Commit(Batch(Final("S", "started", 0)).At(Other, 1), _resolver);
        one.Commit(Batch(Final("R", "started", 5), Final("S", "ended", 60), Final("T", "started", 5)).At(One, 1), _resolver);
        Assert.Equal(["S 1"], _resolver.Resolved);
        Assert.Equal(["R v1", "S v1", "S v2", "T v1"], one.ReadBills(null, true).Select(bill => $"{bill.SessionId} v{bill.Version}"));
        Assert.Equal(new StoreCounts(3, 3, 0, 0), one.ReadCounts());
    }

    [Fact]
    public void A_row_that_was_removed_for_its_age_meanwhile_is_not_made_anew_of_what_a_worker_remembers()
    {
        var uri = postgres.CreateDatabase();
        var (one, other) = (Add(PostgresStores.Worker(uri, One)), Add(PostgresStores.Worker(uri, Other)));
        one.Commit(Batch(Final("S", "started", 0)).At(One, 1), _resolver);
        // By now the row has more events than the first worker knows.
        other.Commit(Batch(1, Final("S", "ended", 60) with { Version = 2 }).At(Other, 1), _resolver);
        PostgresDatabases.Execute(uri, "DELETE FROM evbilling.sessions");
        var e = Assert.Throws<BillStoreException>(() => one.Commit(Batch(1, Final("S", "updated", 30) with { Version = 2 }).At(One, 2), _resolver));
        Assert.True(e.IsTransient);
        Assert.Contains("--keep-sessions", e.Message, StringComparison.Ordinal);
        Assert.Equal([1, 2], one.ReadBills("S", true).Select(bill => bill.Version));
        Assert.Equal([1, 1], one.ReadPositions().Select(position => position.NextOffset));
    }

    [Fact]
    public void An_attempt_that_failed_leaves_nothing_of_what_it_merged()
    {
        var (one, other) = Workers();
        other.Commit(Batch(Final("A", "started", 0)).At(Other, 1), _resolver);
        // While A is merged under a lock, another worker inserts B: the attempt is given up, and both are merged in the next.
        var isFirst = true;
        _resolver.Meanwhile = () =>
        {
            if (isFirst)
            {
                isFirst = false;
                other.Commit(Batch(Final("B", "started", 0)).At(Other, 2), new MergingResolver());
            }
        };
        one.Commit(Batch(Final("A", "ended", 60), Final("B", "ended", 60)).At(One, 1), _resolver);
        Assert.Equal(["A 1", "B 1"], _resolver.Resolved);
        Assert.Equal(2, _resolver.Begun);
        Assert.Equal(["A v1", "A v2", "B v1", "B v2"], one.ReadBills(null, true).Select(bill => $"{bill.SessionId} v{bill.Version}"));
        Assert.All(new[] { "A", "B" }, id => Assert.Equal(2, one.FindSession(Encoding.UTF8.GetBytes(id))!.Record.Count));
    }

    /// <summary>Four workers, each with events of its own for the same sessions, at the same time and in the other order.</summary>
    [Fact]
    public void Of_many_workers_on_the_same_sessions_no_event_is_lost()
    {
        const int Workers = 4;
        const int Rounds = 10;
        var uri = postgres.CreateDatabase();
        var partitions = Enumerable.Range(0, Workers).Select(i => One with { Partition = i }).ToArray();
        var stores = partitions.Select(partition => Add(PostgresStores.Worker(uri, partition))).ToArray();
        string[] ids = ["a", "b", "c", "d", "e", "f"];
        var threads = stores.Select((store, worker) => new Thread(() =>
        {
            for (var round = 0; round < Rounds; round++)
            {
                var minute = (worker * Rounds) + round;
                var order = worker % 2 == 0 ? ids : [.. ids.Reverse()];
                store.Commit(Batch([.. order.Select(id => Session(id, "updated", minute))]).At(partitions[worker], round + 1), new MergingResolver());
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        Assert.All(ids, id => Assert.Equal(
            (Workers * Rounds, Workers * Rounds), (stores[0].FindSession(Encoding.UTF8.GetBytes(id))!.Record.Count, stores[0].FindSession(Encoding.UTF8.GetBytes(id))!.Revision)));
        Assert.All(stores[0].ReadPositions(), position => Assert.Equal(Rounds, position.NextOffset));
        Assert.Equal(new StoreCounts(ids.Length, 0, 0, 0), stores[0].ReadCounts());
    }

    [Fact]
    public void A_partition_that_another_worker_took_over_is_not_committed_and_others_are()
    {
        var uri = postgres.CreateDatabase();
        var first = Add(PostgresStores.Worker(uri, One, Other));
        first.Commit(Batch(Final("S", "started", 0)).At(One, 1).At(Other, 1), _resolver);
        var second = Add(PostgresStores.Worker(uri, Other));
        var refused = Assert.Throws<BillStoreException>(() => first.Commit(Batch(Final("T", "started", 0)).At(One, 2).At(Other, 2), _resolver));
        Assert.True(refused.IsTransient);
        Assert.Contains("Another worker", refused.Message, StringComparison.Ordinal);
        Assert.Contains("partition 1 of topic", refused.Message, StringComparison.Ordinal);
        Assert.Null(second.FindSession("T"u8));
        first.Commit(Batch(Final("U", "started", 0)).At(One, 2), _resolver);
        second.Commit(Batch(Final("V", "started", 0)).At(Other, 5), _resolver);
        Assert.Equal([2, 5], second.ReadPositions().Select(position => position.NextOffset));
        Assert.Throws<BillStoreException>(() => first.SkipGap(Other, 9, 1));
        Assert.Equal([2, 5], second.ReadPositions().Select(position => position.NextOffset));
    }

    /// <summary>Of another role, so that it may not be ended; or of one that is at work.</summary>
    [Fact]
    public void A_partition_whose_position_another_transaction_keeps_locked_is_not_claimed_and_who_keeps_it_is_told()
    {
        var uri = postgres.CreateDatabase();
        Add(PostgresStores.Worker(uri, One));
        var store = Add(PostgresStores.Open(uri, new LeapingClock()));
        using var other = PostgresDatabases.Connect(uri);
        using var transaction = other.BeginTransaction();
        using var command = new NpgsqlCommand("UPDATE evbilling.positions SET owner = owner", other, transaction);
        command.ExecuteNonQuery();
        var refused = Assert.Throws<BillStoreException>(() => store.Claim([One]));
        Assert.True(refused.IsTransient);
        Assert.Contains($"pg_terminate_backend({other.ProcessID})", refused.Message, StringComparison.Ordinal);
        Assert.Contains("partition 0", refused.Message, StringComparison.Ordinal);
        transaction.Rollback();
        Assert.Empty(store.Claim([One]));
    }

    [Fact]
    public void What_was_billed_by_other_readings_of_ocpi_than_the_stores_is_not_committed_and_a_worker_that_learns_them_may()
    {
        var uri = postgres.CreateDatabase();
        var first = Add(PostgresStores.Worker(uri, One));
        var second = Add(PostgresStores.Worker(uri, Other));
        second.Register([], [], new StoredOptions(null, null, 60, 30) { Readings = "step_total=all" });
        var refused = Assert.Throws<BillStoreException>(() => first.Commit(Batch(Final("S", "started", 0)).At(One, 1), _resolver));
        Assert.True(refused.IsTransient);
        Assert.Contains("readings of OCPI (step_total=all)", refused.Message, StringComparison.Ordinal);
        second.Commit(Batch(Final("T", "started", 0)).At(Other, 1), _resolver);
        // As its pipeline does when it starts again.
        first.Register([], [], new StoredOptions(null, null, 60, 30));
        Assert.Equal("step_total=all", first.ReadOptions()!.Readings);
        first.Commit(Batch(Final("S", "started", 0)).At(One, 1), _resolver);
        Assert.Equal(2, first.ReadBills(null, true).Count());
    }

    [Fact]
    public void A_partition_that_was_never_claimed_is_not_committed()
    {
        var worker = Add(PostgresStores.Worker(postgres.CreateDatabase(), One));
        var refused = Assert.Throws<BillStoreException>(() => worker.Commit(Batch(Final("S", "started", 0)).At(Other, 1), _resolver));
        Assert.Contains("not claimed", refused.Message, StringComparison.Ordinal);
        Assert.Empty(worker.ReadBills(null, true));
    }

    [Fact]
    public void A_source_that_was_rewound_must_be_claimed_anew()
    {
        var worker = Add(PostgresStores.Worker(postgres.CreateDatabase(), One));
        worker.Commit(Batch().At(One, 7), _resolver);
        worker.Rewind("topic");
        var refused = Assert.Throws<BillStoreException>(() => worker.Commit(Batch().At(One, 8), _resolver));
        Assert.Contains("set back to its start", refused.Message, StringComparison.Ordinal);
        Assert.Empty(worker.Claim([One]));
        worker.Commit(Batch().At(One, 3), _resolver);
        Assert.Equal([3], worker.ReadPositions().Select(position => position.NextOffset));
    }

    public void Dispose() => _stores.ForEach(store => store.Dispose());

    private (IBillStore One, IBillStore Other) Workers()
    {
        var uri = postgres.CreateDatabase();
        return (Add(PostgresStores.Worker(uri, One)), Add(PostgresStores.Worker(uri, Other)));
    }

    private IBillStore Add(IBillStore store)
    {
        _stores.Add(store);
        return store;
    }

    private static SessionDraft Session(string id, string type, int minute) => new(id, BillStatus.Open, 0) { Lines = [EventLines.Line(type, id, minute, 1000 + minute)] };

    private static SessionDraft Final(string id, string type, int minute) => new(id, BillStatus.Final, 1) { Lines = [EventLines.Line(type, id, minute, 1000 + minute)] };

    private static CommitBatch Batch(params SessionDraft[] sessions) => Batches.Of(sessions);

    /// <summary>Sessions that rest on rows of a revision, as they were when that was written.</summary>
    private static CommitBatch Batch(int revision, params SessionDraft[] sessions)
    {
        var batch = Batches.Of(sessions);
        foreach (ref var session in batch.Sessions)
        {
            session = session with { Revision = revision, StatusBefore = session.Status };
        }
        return batch;
    }
}
