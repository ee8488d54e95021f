using System.Diagnostics;
using System.Text;
using EvBilling.Billing;
using EvBilling.Engine;
using EvBilling.Events;
using EvBilling.Storage.Postgres;
using EvBilling.SystemTests.Servers;
using EvBilling.SystemTests.Stores;
using EvBilling.SystemTests.Support;
using Npgsql;

namespace EvBilling.SystemTests.Postgres;

/// <summary>The ids of a store's rows are read where that helps, and once for all who share them.</summary>
public sealed class PostgresKnownIdsTests(SharedPostgres postgres)
{
    private const string Reading = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%convert_to(session_id%' AND pid <> pg_backend_pid()";
    private static readonly LogPartition One = new("topic", "id", 0);
    private static readonly LogPartition Other = new("topic", "id", 1);

    [Fact]
    public void Who_asks_for_no_session_or_a_few_reads_no_ids()
    {
        var uri = postgres.CreateDatabase();
        using var store = PostgresStores.Worker(uri, One);
        Assert.Equal([false], Find(store, "S"));
        store.Commit(Batches.Of(Batches.Session("S", BillStatus.Final, 1)).At(One, 1));
        Assert.Equal([true], Find(store, "S"));
        Assert.Equal(["0"], PostgresDatabases.Query(uri, Reading));
    }

    [Fact]
    public void Stores_that_share_them_read_them_once_and_find_each_others_sessions()
    {
        var uri = postgres.CreateDatabase();
        var known = new PostgresKnownIds(TimeProvider.System);
        using var first = Sharing(uri, known, One);
        using var second = Sharing(uri, known, Other);
        first.Commit(Batches.Of(Batches.Session("before", BillStatus.Final, 1)).At(One, 1));
        var many = Enumerable.Range(0, 20).Select(i => $"none-{i}").Append("before").ToArray();
        Assert.Equal([.. Enumerable.Repeat(false, 20), true], Find(second, many));
        // A connection keeps its last statement, and that of the reading goes back to its pool when all is read.
        Until(() => PostgresDatabases.Query(uri, Reading + " AND state = 'idle'") is ["1"], "The ids are not read.");
        first.Commit(Batches.Of(Batches.Session("none-7", BillStatus.Final, 1)).At(One, 2));
        Assert.Equal(["before", "none-7"], many.Zip(Find(second, many)).Where(pair => pair.Second).Select(pair => pair.First).Order(StringComparer.Ordinal));
        Assert.Equal(["before", "none-7"], many.Zip(Find(first, many)).Where(pair => pair.Second).Select(pair => pair.First).Order(StringComparer.Ordinal));
        Assert.Equal(["1"], PostgresDatabases.Query(uri, Reading));
    }

    [Fact]
    public void They_are_read_again_where_others_may_have_written_and_a_minute_has_gone()
    {
        var uri = postgres.CreateDatabase();
        var clock = new FastClock(DateTimeOffset.UnixEpoch, 1);
        var known = new PostgresKnownIds(clock);
        using var store = Sharing(uri, known, One);
        using var other = PostgresStores.Worker(uri, Other);
        var many = Enumerable.Range(0, 20).Select(i => $"none-{i}").ToArray();
        _ = Find(store, many);
        Until(() => PostgresDatabases.Query(uri, Reading + " AND state = 'idle'") is ["1"], "The ids are not read.");
        other.Commit(Batches.Of(Batches.Session("none-5", BillStatus.Final, 1)).At(Other, 1));
        known.ReadAgain();
        Until(() => !Find(store, many).Contains(true), "They were read again too soon.");
        clock.PutForward(TimeSpan.FromMinutes(1));
        Assert.DoesNotContain(true, Find(store, many));
        known.ReadAgain();
        Assert.Equal(["none-5"], many.Zip(Find(store, many)).Where(pair => pair.Second).Select(pair => pair.First));
    }

    [Fact]
    public void A_reading_that_is_cut_off_is_tried_again_by_the_next_who_asks()
    {
        var uri = postgres.CreateDatabase();
        var known = new PostgresKnownIds(TimeProvider.System);
        var many = Enumerable.Range(0, 20).Select(i => $"none-{i}").ToArray();
        using (var first = Sharing(uri, known, One))
        {
            first.Commit(Batches.Of(Batches.Session("none-3", BillStatus.Final, 1)).At(One, 1));
            // The table is locked, so that the reading waits, and is then ended by the server.
            using var locked = PostgresDatabases.Connect(uri);
            using var locking = new NpgsqlCommand("BEGIN; LOCK TABLE evbilling.bill_versions IN ACCESS EXCLUSIVE MODE", locked);
            locking.ExecuteNonQuery();
            _ = Find(first, many);
            Until(() => PostgresDatabases.Query(uri, Reading + " AND wait_event_type = 'Lock'") is ["1"], "The reading does not wait.");
            PostgresDatabases.Query(uri, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%convert_to(session_id%' AND pid <> pg_backend_pid()");
            Until(() => PostgresDatabases.Query(uri, Reading) is ["0"], "The reading does not end.");
        }
        using var second = Sharing(uri, known, Other);
        Until(
            () => Find(second, many).Count(found => found) == 1 && PostgresDatabases.Query(uri, Reading + " AND state = 'idle'") is ["1"], "The ids are not read again.");
        Assert.Equal(["none-3"], many.Zip(Find(second, many)).Where(pair => pair.Second).Select(pair => pair.First));
    }

    private static PostgresBillStore Sharing(string uri, PostgresKnownIds known, LogPartition partition)
    {
        var store = PostgresStores.Open(uri);
        store.BeginWriting(known);
        store.Claim([partition]);
        return store;
    }

    private static void Until(Func<bool> holds, string failure)
    {
        for (var waiting = Stopwatch.StartNew(); !holds(); Thread.Sleep(20))
        {
            Assert.True(waiting.Elapsed < TimeSpan.FromSeconds(30), failure);
        }
    }

    private static bool[] Find(PostgresBillStore store, params string[] ids)
    {
        var texts = new EventBuffer();
        var slices = ids.Select(id => texts.Append(Encoding.UTF8.GetBytes(id))).ToArray();
        var found = new FoundSession[ids.Length];
        store.FindSessions(slices, texts.Bytes, found);
        return [.. found.Select(session => session.Session is not null)];
    }
}
