using EvBilling.Billing;
using EvBilling.Engine;
using EvBilling.Storage.Postgres;
using EvBilling.SystemTests.Servers;
using EvBilling.SystemTests.Stores;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Postgres;

/// <summary>A session that comes with its bill is one row, which the views show as a session and a bill.</summary>
public sealed class PostgresFirstBillTests(SharedPostgres postgres)
{
    private static readonly LogPartition One = new("topic", "id", 0);
    private static readonly LogPartition Other = new("topic", "id", 1);

    [Fact]
    public void A_session_that_comes_with_its_bill_is_one_row_and_stays_the_first_version()
    {
        var uri = postgres.CreateDatabase();
        using var store = PostgresStores.Worker(uri, One);
        store.Commit(Batches.Of(Batches.Session("S", BillStatus.Final, 1), Batches.Session("O", BillStatus.Open, 0)).At(One, 1));
        Assert.Equal(["0"], Query("SELECT count(*) FROM evbilling.bill_versions"));
        Assert.Equal(["S|1|"], Query("SELECT session_id, version, supersedes FROM evbilling.bills"));
        Assert.Equal(["S"], store.ReadBills(null, false).Select(bill => bill.SessionId));
        store.Commit(Batches.Of(Batches.Session("S", BillStatus.Final, 2), Batches.Session("O", BillStatus.Held, 1)).At(One, 2));
        Assert.Equal(["O|1", "S|2"], Query("SELECT session_id, version FROM evbilling.bill_versions ORDER BY 1"));
        Assert.Equal(["O|1", "S|1", "S|2"], Query("SELECT session_id, version FROM evbilling.bills ORDER BY 1, 2"));
        Assert.Equal(["S|2"], Query("SELECT session_id, version FROM evbilling.cdrs"));
        Assert.Equal(["O|1"], Query("SELECT session_id, version FROM evbilling.bills_held"));
        Assert.Equal(["O|1", "S|2"], store.ReadBills(null, false).Select(bill => $"{bill.SessionId}|{bill.Version}"));
        Assert.Equal([1, 2], store.ReadBills("S", true).Select(bill => bill.Version));

        List<string> Query(string sql) => PostgresDatabases.Query(uri, sql);
    }

    [Theory]
    [InlineData(BillStatus.Final, 0L, 999L, BillFlag.None)]
    [InlineData(BillStatus.Held, 1L, 0L, BillFlag.NoReadings | BillFlag.ClockJump)]
    [InlineData(BillStatus.Void, -1L, 123_456_789_012_345_678L, BillFlag.EnergyInterpolated)]
    public void A_bill_is_the_same_to_the_nanosecond_when_its_row_is_removed_for_its_age(BillStatus status, long startNs, long chargingNs, BillFlag flags)
    {
        var uri = postgres.CreateDatabase();
        var clock = new TestClock();
        using var store = PostgresStores.Open(uri, clock);
        store.BeginWriting();
        store.Claim([One]);
        var batch = Batches.Of(Batches.Session("S", status, 1)).At(One, 1);
        batch.Sessions[0] = batch.Sessions[0] with { Bill = Detailed(status, startNs, chargingNs, flags) };
        store.Commit(batch);
        var columns = PostgresDatabases.Query(uri, "SELECT * FROM evbilling.bills");
        var bill = store.ReadBills(null, true).Single();
        Assert.Equal((startNs, chargingNs, flags, status), (bill.StartedAtNs, bill.ChargingNs, bill.Flags, bill.Status));
        Assert.Equal((12.340m, 14.93m, "E"), (bill.TotalExclVat, bill.TotalInclVat, bill.EvseId));
        clock.Now += TimeSpan.FromDays(2);
        store.Prune(TimeSpan.FromDays(1));
        Assert.Null(store.FindSession("S"u8));
        Assert.True(store.IsArchived("S"u8));
        Assert.Equal(["1"], PostgresDatabases.Query(uri, "SELECT count(*) FROM evbilling.bill_versions"));
        Assert.Equal(columns, PostgresDatabases.Query(uri, "SELECT * FROM evbilling.bills"));
        Assert.Equal(new BillContent().Hash(bill), new BillContent().Hash(store.ReadBills(null, true).Single()));
    }

    [Fact]
    public void A_session_whose_row_came_and_went_since_a_worker_began_gets_no_second_first_version()
    {
        var uri = postgres.CreateDatabase();
        var clock = new TestClock();
        using var late = PostgresStores.Worker(uri, One);
        using var other = PostgresStores.Open(uri, clock);
        other.BeginWriting();
        other.Claim([Other]);
        other.Commit(Batches.Of(Batches.Session("S", BillStatus.Final, 1), Batches.Session("T", BillStatus.Final, 1)).At(Other, 1));
        clock.Now += TimeSpan.FromDays(2);
        other.Prune(TimeSpan.FromDays(1));
        // The late worker has looked for it before all this.
        var refused = Assert.Throws<BillStoreException>(() => late.Commit(Batches.Of(Batches.Session("S", BillStatus.Final, 1)).At(One, 1), new NoConflict()));
        Assert.Contains("--keep-sessions", refused.Message, StringComparison.Ordinal);
        Assert.True(refused.IsTransient);
        late.Commit(Batches.Of(Batches.Session("U", BillStatus.Final, 1)).At(One, 1), new NoConflict());
        Assert.Equal(["S|1", "T|1", "U|1"], PostgresDatabases.Query(uri, "SELECT session_id, version FROM evbilling.bills ORDER BY 1"));
    }

    [Fact]
    public void Two_workers_that_bring_one_session_with_its_bill_at_a_time_make_one_row_and_merge()
    {
        var uri = postgres.CreateDatabase();
        using var one = PostgresStores.Worker(uri, One);
        using var other = PostgresStores.Worker(uri, Other);
        var resolver = new MergingResolver();
        other.Commit(Batches.Of(Batches.Session("S", BillStatus.Final, 1)).At(Other, 1), resolver);
        one.Commit(Batches.Of(Batches.Session("S", BillStatus.Final, 1), Batches.Session("T", BillStatus.Final, 1)).At(One, 1), resolver);
        Assert.Equal(["S 1"], resolver.Resolved);
        Assert.Equal(["S|1", "S|2", "T|1"], PostgresDatabases.Query(uri, "SELECT session_id, version FROM evbilling.bills ORDER BY 1, 2"));
        Assert.Equal(["S|2"], PostgresDatabases.Query(uri, "SELECT session_id, version FROM evbilling.bill_versions"));
        Assert.Equal(new StoreCounts(2, 2, 0, 0), one.ReadCounts());
    }

    [Fact]
    public void A_store_from_before_this_form_is_upgraded_with_its_bills_and_gone_on_with()
    {
        var uri = postgres.CreateDatabase();
        OlderStore.Make(uri, version: 4);
        PostgresDatabases.Execute(
            uri,
            "INSERT INTO evbilling.bills(session_id, version, status, flags, started_at, ended_at, charging_s, parking_s, waiting_s, vat_breakdown, lines, periods, readings, written_at) "
            + "VALUES('S', 1, 'final', '{SeveralStarts}', '2026-01-05Z', '2026-01-05 01:00Z', 3600, 0, 0, '[]', '[]', '[]', 2, now())");
        var before = PostgresDatabases.Query(uri, "SELECT * FROM evbilling.bills");
        using var store = PostgresStores.Worker(uri, One);
        Assert.Equal(before, PostgresDatabases.Query(uri, "SELECT * FROM evbilling.bills"));
        Assert.Equal(["S|1"], PostgresDatabases.Query(uri, "SELECT session_id, version FROM evbilling.cdrs"));
        store.Commit(Batches.Of(Batches.Session("T", BillStatus.Final, 1)).At(One, 1));
        Assert.Equal(["S|1", "T|1"], PostgresDatabases.Query(uri, "SELECT session_id, version FROM evbilling.cdrs ORDER BY 1"));
        Assert.Equal(["S", "T"], store.ReadBills(null, false).Select(bill => bill.SessionId));
    }

    private static Bill Detailed(BillStatus status, long startNs, long chargingNs, BillFlag flags) => new()
    {
        SessionId = "S",
        Version = 1,
        Status = status,
        Flags = flags,
        EvseId = "E",
        Currency = "EUR",
        TariffSequence = 4,
        StartedAtNs = startNs,
        EndedAtNs = startNs + 1_000_000_001,
        EnergyMwh = 12_345,
        ChargingNs = chargingNs,
        ParkingNs = 1,
        WaitingNs = 3_600_000_000_000,
        TotalExclVat = 12.340m,
        TotalInclVat = 14.93m,
        VatBreakdown = [new(21m, 12.34m, 2.59m)],
        Readings = 3,
    };
}
