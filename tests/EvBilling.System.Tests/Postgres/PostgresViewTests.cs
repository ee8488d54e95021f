using EvBilling.Billing;
using EvBilling.Engine;
using EvBilling.Rating;
using EvBilling.SystemTests.Servers;
using EvBilling.SystemTests.Stores;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Postgres;

/// <summary>What analysts see.</summary>
public sealed class PostgresViewTests(SharedPostgres postgres)
{
    private static readonly LogPartition File = new("/events.jsonl", "100-abc", 0);

    [Fact]
    public void Views_show_current_final_bills_their_sums_and_what_is_open_held_or_refused()
    {
        var uri = postgres.CreateDatabase();
        using var store = PostgresStores.Worker(uri, File);
        store.Commit(Of(BillOf("A", 1, 10m), BillOf("B", 1, 5m), BillOf("C", 1, 7m), BillOf("V", 1, 9m)));
        var open = Batches.Of(new SessionDraft("O", BillStatus.Open, 0) { StartedAtNs = EventLines.StartNs, LastEventNs = EventLines.StartNs + 1_500_000_000, Partition = 3 });
        open.Advance(File, new PartitionProgress(70, 100, EventLines.StartNs));
        store.Commit(open.Refusing("bad", at: 100).Refusing("worse", position: 1, at: 200).Refusing("", position: 2, reason: "Empty"));
        // A is corrected; C becomes held, and keeps its final version; V becomes void.
        store.Commit(Of(BillOf("A", 2, 20m), Batches.Bill("C", 2, BillStatus.Held, BillFlag.ClockJump | BillFlag.NoReadings), Batches.Bill("V", 2, BillStatus.Void)));
        Assert.Equal(["A|2|20", "B|1|5", "C|1|7"], Query("SELECT session_id, version, total_excl_vat FROM evbilling.cdrs ORDER BY 1"));
        Assert.Equal(["C|2|{ClockJump,NoReadings}"], Query("SELECT session_id, version, flags FROM evbilling.bills_held"));
        Assert.Equal(["2026-01-05|EUR|3|36.9|32|6.72|38.72"], Query("SELECT day, currency, bills, round(energy_kwh, 1), total_excl_vat, vat, total_incl_vat FROM evbilling.revenue_by_day"));
        Assert.Equal(["L|EUR|3|32"], Query("SELECT location_id, currency, bills, total_excl_vat FROM evbilling.revenue_by_site"));
        Assert.Equal(["T|EUR|3|38.72"], Query("SELECT tariff_id, currency, bills, total_incl_vat FROM evbilling.revenue_by_tariff"));
        Assert.Equal(["2026-01-05|L|3|36.9|1.5|0.25"], Query("SELECT day, location_id, bills, round(energy_kwh, 1), round(charging_h, 2) * 1.0, round(parking_h, 2) FROM evbilling.energy_by_day")
            .Select(row => row.Replace("1.500", "1.5", StringComparison.Ordinal)));
        Assert.Equal(["O|2026-01-05 10:00:00|2026-01-05 10:00:01.5|3"], Query("SELECT session_id, started_at AT TIME ZONE 'UTC', last_event_at AT TIME ZONE 'UTC', partition FROM evbilling.sessions_open"));
        Assert.Equal(["Empty|1|100|100", "NotJson|2|100|200"], Query("SELECT reason, letters, extract(epoch FROM first_at)::int, extract(epoch FROM last_at)::int FROM evbilling.dead_letters_by_reason ORDER BY 1"));
        Assert.Equal(["/events.jsonl|70|100|30|2026-01-05 10:00:00"], Query("SELECT source, next_offset, end_offset, lag, clock_at AT TIME ZONE 'UTC' FROM evbilling.progress"));

        List<string> Query(string sql) => PostgresDatabases.Query(uri, sql);
    }

    [Fact]
    public void Lines_have_types_and_times_of_their_own()
    {
        var uri = postgres.CreateDatabase();
        using var store = PostgresStores.Worker(uri, File);
        store.Commit(Of(BillOf("A", 1, 10m)));
        Assert.Equal(
            ["A|1|final|1|ENERGY|2026-01-05 10:00:00.123|2026-01-05 11:00:00.123|12.3|kWh|12.25|0.61|100|10|21|2.1|0|2|EUR", "A|1|final|2|FLAT|2026-01-05 10:00:00.123|2026-01-05 10:00:00.123|1|session|1|0|0|0|||1|0|EUR"],
            PostgresDatabases.Query(
                uri,
                "SELECT session_id, version, status, line, dimension, from_at AT TIME ZONE 'UTC', to_at AT TIME ZONE 'UTC', quantity, unit, measured_quantity, unit_price, step_size, "
                + "amount_excl_vat, vat_rate, amount_vat, element, component, currency FROM evbilling.bill_lines ORDER BY line"));
    }

    private static CommitBatch Of(params Bill[] bills)
    {
        var batch = Batches.Of([.. bills.Select(bill => new SessionDraft(bill.SessionId, bill.Status, bill.Version))]);
        for (var i = 0; i < bills.Length; i++)
        {
            batch.Sessions[i] = batch.Sessions[i] with { Bill = bills[i] };
        }
        return batch;
    }

    private static Bill BillOf(string id, int version, decimal amount) => new()
    {
        SessionId = id,
        Version = version,
        Supersedes = version > 1 ? version - 1 : null,
        Status = BillStatus.Final,
        Flags = BillFlag.None,
        LocationId = "L",
        TariffId = "T",
        Currency = "EUR",
        StartedAtNs = EventLines.StartNs + 123_400_000,
        EndedAtNs = EventLines.StartNs + 3_600_123_400_001,
        EnergyMwh = 12_300_000,
        ChargingNs = 1_800_000_000_000,
        ParkingNs = 300_000_000_000,
        WaitingNs = 0,
        TotalExclVat = amount,
        TotalInclVat = amount * 1.21m,
        VatBreakdown = [new(21m, amount, amount * 0.21m)],
        Lines = [Line("ENERGY", 12.3m, 12.25m, 0.61m, 100, amount, 21m, amount * 0.21m, 0, 2), Line("FLAT", 1m, 1m, 0m, 0, 0m, null, null, 1, 0)],
        Readings = 2,
    };

    private static BillLine Line(string dimension, decimal quantity, decimal measured, decimal price, long step, decimal amount, decimal? rate, decimal? vat, int element, int component) => new()
    {
        Dimension = dimension,
        FromUnixNs = EventLines.StartNs + 123_000_000,
        ToUnixNs = EventLines.StartNs + (dimension == "FLAT" ? 123_000_000 : 3_600_123_000_000),
        Quantity = quantity,
        MeasuredQuantity = measured,
        Unit = BillLine.UnitOf(dimension),
        UnitPrice = price,
        StepSize = step,
        AmountExclVat = amount,
        VatRate = rate,
        AmountVat = vat is { } known ? known / 1.0000000000000000000000000000m : null,
        Element = element,
        Component = component,
    };
}
