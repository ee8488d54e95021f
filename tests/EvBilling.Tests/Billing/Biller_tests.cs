using System.Text;
using EvBilling.Billing;
using EvBilling.Engine;
using EvBilling.Events;
using EvBilling.Locations;
using EvBilling.Rating;
using EvBilling.Sessions;
using EvBilling.Tariffs;
using EvBilling.Tests.Sessions;

namespace EvBilling.Tests.Billing;

public class Biller_tests
{
    private const string Tariff =
        """{"country_code":"NL","party_id":"EVB","id":"T","currency":"EUR","elements":[{"price_components":[{"type":"ENERGY","price":0.40,"vat":21,"step_size":1},{"type":"PARKING_TIME","price":6,"vat":21,"step_size":60}]}],"last_updated":"2026-01-01T00:00:00Z"}""";

    private static readonly string[] Parked =
    [
        """{"type":"started","event_id":"0","session_id":"s","timestamp":"2026-01-05T10:00:00Z","tariff_id":"T","meter_wh":1000,"charging_state":"Charging"}""",
        """{"type":"updated","event_id":"1","session_id":"s","timestamp":"2026-01-05T10:30:00Z","meter_wh":8000,"charging_state":"SuspendedEV"}""",
        """{"type":"ended","event_id":"2","session_id":"s","timestamp":"2026-01-05T10:40:30Z","meter_wh":8000}""",
    ];

    [Fact]
    public void A_bill_follows_from_events_and_tariff_alone()
    {
        var bill = Make(Parked);

        Assert.Equal(BillStatus.Final, bill.Status);
        Assert.Equal(BillFlag.None, bill.Flags);
        Assert.Equal(7_000_000, bill.EnergyMwh);
        Assert.Equal(1_800 * Rfc3339.NsPerSecond, bill.ChargingNs);
        Assert.Equal(630 * Rfc3339.NsPerSecond, bill.ParkingNs);
        // 7 kWh x 0.40 + 11 min x 6/60
        Assert.Equal(2.80m + 1.10m, bill.TotalExclVat);
        Assert.Equal(4.72m, bill.TotalInclVat);
        Assert.Equal(["ENERGY", "PARKING_TIME"], bill.Lines.Select(line => line.Dimension));
        Assert.Equal([(7_000_000L, 1_800L, 0L), (0L, 0L, 630L)], bill.Periods.Select(p => (p.EnergyMwh, p.TimeNs / Rfc3339.NsPerSecond, p.ParkingTimeNs / Rfc3339.NsPerSecond)));
    }

    [Fact]
    public void A_held_bill_has_no_amounts_and_says_why()
    {
        var bill = Make([Parked[0].Replace("\"T\"", "\"OTHER\"", StringComparison.Ordinal), .. Parked[1..]]);

        Assert.Equal(BillStatus.Held, bill.Status);
        Assert.Equal(BillFlag.TariffIdUnknown | BillFlag.UnknownTariff, bill.Flags);
        Assert.Null(bill.TotalExclVat);
        Assert.Null(bill.TotalInclVat);
        Assert.Empty(bill.Lines);
        Assert.Equal("OTHER", bill.TariffId);
    }

    [Fact]
    public void An_open_bill_is_priced_as_things_stand()
    {
        var bill = Make(Parked[..2]);

        Assert.Equal((BillStatus.Open, 0), (bill.Status, bill.Version));
        Assert.Equal(2.80m, bill.TotalExclVat);
    }

    [Theory]
    [InlineData(1_234_567, "2026-01-05T10:20:00Z", "2026-01-05T10:40:00Z")]
    [InlineData(1_234_551, "2026-01-05T10:13:07.123456Z", "2026-01-05T10:13:08.999Z")]
    [InlineData(333, "2026-01-05T10:59:59.9996Z", "2026-01-05T11:00:00Z")]
    [InlineData(49, "2026-01-05T10:20:00Z", "2026-01-05T10:40:00Z")]
    public void Energy_is_divided_over_the_periods_to_a_tenth_of_a_watt_hour_and_adds_up(long energyMwh, string parked, string charged)
    {
        var record = Assembling.Record(
        [
            """{"type":"started","session_id":"s","timestamp":"2026-01-05T10:00:00Z","meter_wh":0}""",
            $$"""{"type":"updated","session_id":"s","timestamp":"{{parked}}","charging_state":"SuspendedEV"}""",
            $$"""{"type":"updated","session_id":"s","timestamp":"{{charged}}","charging_state":"Charging"}""",
            $$"""{"type":"ended","session_id":"s","timestamp":"2026-01-05T11:00:00Z","meter_wh":{{(energyMwh / 1000m).ToString(System.Globalization.CultureInfo.InvariantCulture)}}}""",
        ]);
        var session = Assembling.Assemble(record);
        var cutter = new PeriodCutter();
        cutter.Cut(session, EvBilling.Tests.Rating.Given.Tariff(""), null);
        var periods = cutter.Periods.ToArray();

        Assert.Equal((energyMwh + 50) / 100 * 100, periods.Sum(period => period.EnergyMwh));
        Assert.All(periods, period => Assert.Equal(0, period.EnergyMwh % 100));
        Assert.All(periods, period => Assert.Equal(0, period.StartUnixNs % 1_000_000));
        Assert.All(periods.Where(period => period.TimeNs + period.ParkingTimeNs > 0), period => Assert.True(period.TimeNs + period.ParkingTimeNs >= 180_000_000));
        Assert.Equal(periods.OrderBy(period => period.StartUnixNs), periods);
    }

    [Fact]
    public void The_hash_of_a_bills_content_does_not_change_between_releases()
    {
        var hash = new BillContent().Hash(Make(Parked));

        Assert.Equal("364679C0934D4826F4479479AF85478F", hash.Value.ToString("X32", System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Version_and_supersedes_are_no_content_but_anything_else_is()
    {
        var content = new BillContent();
        var bill = Make(Parked);
        var before = content.Hash(bill);
        (bill.Version, bill.Supersedes, bill.WrittenAtUnixSeconds) = (7, 6, 5);

        Assert.Equal(before, content.Hash(bill));
        Assert.NotEqual(before, content.Hash(Make([Parked[0].Replace("\"tariff_id\"", "\"token_id\":\"x\",\"tariff_id\"", StringComparison.Ordinal), .. Parked[1..]])));
        Assert.NotEqual(before, content.Hash(Make([.. Parked[..2], Parked[2].Replace("10:40:30", "10:40:31", StringComparison.Ordinal)])));
    }

    [Fact]
    public void A_bill_of_a_usual_session_stays_within_its_allocation_budget()
    {
        var biller = CreateBiller();
        var record = Assembling.Record(Parked);
        for (var i = 0; i < 100; i++)
        {
            biller.Make(record, false, null);
        }
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            biller.Make(record, false, null);
        }

        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 100, 1, 2_400);
    }

    [Fact]
    public void A_duplicate_allocates_nothing()
    {
        var record = Assembling.Record(Parked);
        var buffer = new EventBuffer();
        ChargingEventReader.Read(buffer, buffer.Append(Encoding.UTF8.GetBytes(Parked[1])), out var e);
        for (var i = 0; i < 100; i++)
        {
            record.Add(e, buffer.Bytes);
        }
        var duplicates = 0;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            duplicates += record.Add(e, buffer.Bytes) == AddOutcome.Duplicate ? 1 : 0;
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(100, duplicates);
        Assert.Equal(0, allocated);
    }

    private static Bill Make(string[] lines) => CreateBiller().Make(Assembling.Record(lines), false, null);

    private static Biller CreateBiller()
    {
        var entry = TariffDocument.Read(Encoding.UTF8.GetBytes(Tariff))[0];
        Assert.True(CompiledTariff.TryCompile(entry.Tariff!, null, out var compiled, out _));
        return new Biller(
            new TariffBook<BillableTariff>([new TariffVersion<BillableTariff> { Id = "T", LoadedSequence = 1, ContentHash = "h", Payload = new(compiled, null) }]),
            LocationBook.Empty,
            new BillingOptions());
    }
}
