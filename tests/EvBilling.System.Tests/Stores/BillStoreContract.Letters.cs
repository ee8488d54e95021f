using System.Text;
using EvBilling.Billing;
using EvBilling.Engine;
using EvBilling.Rating;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Stores;

public abstract partial class BillStoreContract
{
    [Fact]
    public void A_dead_letter_is_read_as_it_was_written()
    {
        byte[] bytes = [0, 255, 13, 10, (byte)'x', 0xC3];
        var batch = new CommitBatch();
        batch.Add(new DeadLetter(0, "/tmp/ä.jsonl", 3, long.MaxValue, "OutOfRange:meter_wh", "Why.", bytes, true, 1_767_571_200));
        batch.Add(new DeadLetter(0, "-", 0, 0, "Empty", "", ReadOnlyMemory<byte>.Empty, false, 5));
        Writer().Commit(batch);
        var letters = Reopen().ReadDeadLetters().ToList();
        Assert.Equal([1, 2], letters.Select(letter => letter.Number));
        Assert.Equal(bytes, letters[0].Bytes.ToArray());
        Assert.Empty(letters[1].Bytes.ToArray());
        Assert.Equal(new(1, "/tmp/ä.jsonl", 3, long.MaxValue, "OutOfRange:meter_wh", "Why.", default, true, 1_767_571_200), letters[0] with { Bytes = default });
        Assert.Equal(new(2, "-", 0, 0, "Empty", "", default, false, 5), letters[1] with { Bytes = default });
    }

    [Fact]
    public void The_same_record_refused_again_is_one_dead_letter_with_its_first_time()
    {
        var store = Writer();
        store.Commit(new CommitBatch().Refusing("bad", at: 100));
        store.Commit(new CommitBatch().Refusing("bad", at: 200).Refusing("bad", at: 300));
        Assert.Equal([100], store.ReadDeadLetters().Select(letter => letter.AtUnixSeconds));
    }

    [Fact]
    public void Another_position_source_reason_or_text_is_another_dead_letter()
    {
        var store = Writer();
        store.Commit(new CommitBatch()
            .Refusing("bad").Refusing("bad", position: 1).Refusing("bad", reason: "TooLarge").Refusing("bad", source: "-").Refusing("bad."));
        Assert.Equal(5, store.ReadDeadLetters().Count());
    }

    [Fact]
    public void A_removed_dead_letter_is_gone_and_its_number_is_never_given_again()
    {
        var store = Writer();
        store.Commit(new CommitBatch().Refusing("a").Refusing("b").Refusing("c"));
        var removal = new CommitBatch();
        removal.RemovedDeadLetters.AddRange([2, 3, 77]);
        store.Commit(removal);
        store.Commit(new CommitBatch().Refusing("b").Refusing("d"));
        Assert.Equal(["1 a", "4 b", "5 d"], store.ReadDeadLetters().Select(letter => $"{letter.Number} {Encoding.UTF8.GetString(letter.Bytes.Span)}"));
    }

    public static TheoryData<int> AllStatuses => [(int)BillStatus.Final, (int)BillStatus.Held, (int)BillStatus.Void];

    [Theory]
    [MemberData(nameof(AllStatuses))]
    public void A_bill_is_read_as_it_was_written(int status)
    {
        // Parts of a nanosecond, of a mWh and of a cent, where the bill has them.
        var bill = new Bill
        {
            SessionId = "S",
            Version = 2,
            Supersedes = 1,
            Status = (BillStatus)status,
            Flags = (BillFlag)((1L << 11) - 1) | BillFlag.VatNotStated | BillFlag.SeveralTariffs | BillFlag.TariffIdUnknown,
            LocationId = "L,1",
            StationId = "",
            EvseId = "NL*€",
            ConnectorId = "1",
            TokenId = "'; DROP TABLE bills; --",
            TariffId = "NL*EVB*T",
            TariffSequence = long.MaxValue,
            Currency = "KWD",
            StartedAtNs = EventLines.StartNs + 123_456_789,
            EndedAtNs = EventLines.StartNs + 3_600_000_000_001,
            EnergyMwh = 999_999_999_999_999,
            ChargingNs = 1,
            ParkingNs = 2_000_000_000,
            WaitingNs = 3,
            TotalExclVat = 1.234m,
            TotalInclVat = decimal.MaxValue,
            VatBreakdown = [new(null, 1.000m, 0m), new(21.5m, -2m, 0.1000m)],
            Lines =
            [
                Line("ENERGY", 1.23456789m, 0.61m, 21.5m, 0.123m), Line("TIME", 0.166666666667m, 1m, 0m, 0m), Line("FLAT", 1m, 0.5m, null, null),
                Line("PARKING_TIME", 0m, 0m, 9m, 1m),
            ],
            Periods =
            [
                new(EventLines.StartNs + 123_000_000, 100, 1_000_000, 0) { Stated = PeriodVolumes.Energy },
                new(EventLines.StartNs + 1_123_000_000, 0, 0, 5_000_000) { Stated = PeriodVolumes.Energy },
            ],
            Readings = 77,
        };
        var batch = Batches.Of(Batches.Session("S", (BillStatus)status, 0) with { State = Sessions.SessionState.Ended });
        batch.Sessions[0] = batch.Sessions[0] with { Bill = bill };
        Writer().Commit(batch);
        var read = Assert.Single(Reopen().ReadBills("S", false));
        Assert.Equal(BillingStore.Content(bill), BillingStore.Content(read));
        Assert.Equal((2, 1, long.MaxValue), (read.Version, read.Supersedes, read.TariffSequence));
        Assert.Equal(bill.Periods, read.Periods);
        Assert.Equal(bill.Lines, read.Lines);
        Assert.Equal(bill.VatBreakdown, read.VatBreakdown);
    }

    [Fact]
    public void A_bill_with_nothing_known_is_read_as_it_was_written()
    {
        var bill = new Bill
        {
            SessionId = "S",
            Version = 1,
            Status = BillStatus.Held,
            Flags = BillFlag.NoReadings,
            StartedAtNs = 0,
            EndedAtNs = 0,
            EnergyMwh = null,
            ChargingNs = 0,
            ParkingNs = 0,
            WaitingNs = 0,
            Readings = 0,
        };
        var batch = Batches.Of(Batches.Session("S", BillStatus.Held, 0) with { State = Sessions.SessionState.Ended });
        batch.Sessions[0] = batch.Sessions[0] with { Bill = bill };
        Writer().Commit(batch);
        var read = Assert.Single(Reopen().ReadBills(null, false));
        Assert.Equal(BillingStore.Content(bill), BillingStore.Content(read));
        Assert.Null(read.Supersedes);
        Assert.Null(read.TariffSequence);
    }

    [Fact]
    public void Pruning_removes_old_rows_of_sessions_with_a_bill_and_keeps_the_bills()
    {
        var store = Writer();
        store.Commit(Batches.Of(
            Batches.Session("ended", BillStatus.Final, 1), Batches.Session("open", BillStatus.Open, 0), Batches.Session("held", BillStatus.Held, 1)));
        Clock.Now += TimeSpan.FromDays(10);
        store.Commit(Batches.Of(Batches.Session("new", BillStatus.Final, 1)));
        store.Prune(TimeSpan.FromDays(10));
        Assert.NotNull(store.FindSession("ended"u8));
        Clock.Now += TimeSpan.FromDays(1) + TimeSpan.FromSeconds(1);
        store.Prune(TimeSpan.FromDays(11));
        Assert.Equal([false, true, true], new[] { "ended", "open", "new" }.Select(id => store.FindSession(Encoding.UTF8.GetBytes(id)) is not null));
        Assert.Equal([true, false, false], new[] { "ended", "open", "none" }.Select(id => store.IsArchived(Encoding.UTF8.GetBytes(id))));
        Assert.Equal(["ended", "held", "new"], store.ReadBills(null, false).Select(bill => bill.SessionId));
        var again = Reopen();
        again.BeginWriting();
        Assert.True(again.IsArchived("ended"u8));
    }

    [Fact]
    public void A_store_is_not_searched_for_old_rows_in_the_day_after_its_first_tariffs_came()
    {
        var store = Writer();
        Register(store, TariffTexts.List(TariffTexts.Energy("A", 1)), "[]", new(null, null, 60, 30));
        store.Commit(Batches.Of(Batches.Session("S", BillStatus.Final, 1)));
        Clock.Now += TimeSpan.FromDays(1) - TimeSpan.FromSeconds(1);
        store.Prune(TimeSpan.FromHours(1));
        Assert.NotNull(store.FindSession("S"u8));
        // Later tariffs do not put it off.
        Register(store, TariffTexts.List(TariffTexts.Energy("B", 1)), "[]", new(null, null, 60, 30));
        Clock.Now += TimeSpan.FromSeconds(1);
        store.Prune(TimeSpan.FromHours(1));
        Assert.Null(store.FindSession("S"u8));
    }

    [Fact]
    public void Pruning_with_zero_keeps_for_ever()
    {
        var store = Writer();
        store.Commit(Batches.Of(Batches.Session("S", BillStatus.Final, 1)));
        Clock.Now += TimeSpan.FromDays(10_000);
        store.Prune(TimeSpan.Zero);
        Assert.NotNull(store.FindSession("S"u8));
    }

    [Fact]
    public void Pruning_is_done_at_most_daily()
    {
        var store = Writer();
        store.Prune(TimeSpan.FromDays(1));
        store.Commit(Batches.Of(Batches.Session("S", BillStatus.Final, 1)));
        var keep = TimeSpan.FromHours(1);
        Clock.Now += TimeSpan.FromDays(1) - TimeSpan.FromSeconds(1);
        store.Prune(keep);
        Assert.NotNull(store.FindSession("S"u8));
        Clock.Now += TimeSpan.FromSeconds(1);
        store.Prune(keep);
        Assert.Null(store.FindSession("S"u8));
    }

    private static BillLine Line(string dimension, decimal quantity, decimal price, decimal? vatRate, decimal? vat) => new()
    {
        Dimension = dimension,
        FromUnixNs = EventLines.StartNs + 123_000_000,
        ToUnixNs = EventLines.StartNs + 3_600_000_000_000,
        Quantity = quantity,
        MeasuredQuantity = quantity / 2,
        Unit = BillLine.UnitOf(dimension),
        UnitPrice = price,
        StepSize = 300,
        AmountExclVat = 1.230m,
        VatRate = vatRate,
        AmountVat = vat,
        Element = 2,
        Component = 1,
    };
}
