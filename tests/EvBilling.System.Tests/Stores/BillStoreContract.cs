using System.Text;
using EvBilling.Billing;
using EvBilling.Engine;
using EvBilling.Locations;
using EvBilling.SystemTests.Support;
using EvBilling.Tariffs;

namespace EvBilling.SystemTests.Stores;

/// <summary>What every bill store must do. A store's own tests derive from this, and say how the same store is opened again.</summary>
public abstract partial class BillStoreContract : IDisposable
{
    private static readonly LogPartition File = new("/events.jsonl", "100-abc", 0);
    private readonly List<IBillStore> _opened = [];

    /// <summary>Opens this test's store, the same one each time; makes it at first.</summary>
    protected abstract IBillStore OpenStore(TimeProvider time);

    internal TestClock Clock { get; } = new();

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void A_committed_batch_is_there_whole_also_after_opening_again()
    {
        var store = Writer();
        var sessions = Batches.Of(Batches.Session("S1", BillStatus.Final, 1), Batches.Session("S2", BillStatus.Open, 0));
        store.Commit(sessions.At(File, 700).Refusing("bad").Clocked(42));
        Assert.Equal(["S1 v1", "positions 700", "clock 42", "counts 2/1/0/0", "S2 open", "letters bad"], Show(store));
        Assert.Equal(["S1 v1", "positions 700", "clock 42", "counts 2/1/0/0", "S2 open", "letters bad"], Show(Reopen()));
    }

    [Fact]
    public void Of_a_batch_that_fails_in_the_middle_nothing_is_there()
    {
        var store = Writer();
        store.Commit(Batches.Of(Batches.Session("S5", BillStatus.Final, 1)).At(File, 100).Clocked(10));
        var before = Show(store);
        // Version 1 of S5 is there already: the batch fails at its second bill, after sessions and a bill were written.
        var failing = Batches.Of(
            Batches.Session("S4", BillStatus.Final, 1), Batches.Session("S5", BillStatus.Held, 1), Batches.Session("S6", BillStatus.Open, 0))
            .At(File, 900).Refusing("bad").Clocked(99);
        Assert.Throws<BillStoreException>(() => store.Commit(failing));
        Assert.Equal(before, Show(store));
        Assert.Null(store.FindSession("S4"u8));
        Assert.Equal(BillStatus.Final, store.FindSession("S5"u8)!.Status);
        store.Commit(Batches.Of(Batches.Session("S4", BillStatus.Final, 1)).At(File, 200));
        Assert.Equal(["S4 v1", "S5 v1", "positions 200", "clock 10", "counts 2/2/0/0", "letters "], Show(Reopen()));
    }

    [Fact]
    public void Positions_are_kept_by_source_incarnation_and_partition()
    {
        var store = Writer();
        LogPartition[] partitions =
            [File, File with { Incarnation = "100-def" }, File with { Source = "/other" }, new("topic", "id", 0), new("topic", "id", 1)];
        store.Claim(partitions);
        for (var i = 0; i < partitions.Length; i++)
        {
            store.Commit(new CommitBatch().At(partitions[i], i + 1));
        }
        store.Commit(new CommitBatch().At(partitions[0], long.MaxValue).At(partitions[4], 0));
        Assert.Equal(
            [new(partitions[0], long.MaxValue), new(partitions[1], 2), new(partitions[2], 3), new(partitions[3], 4), new LogPosition(partitions[4], 0)],
            Reopen().ReadPositions().OrderBy(position => Array.IndexOf(partitions, position.Partition)));
    }

    [Fact]
    public void The_event_clock_never_goes_back()
    {
        var store = Writer();
        Assert.Equal(0, store.ReadEventClock());
        const long Newest = 9_214_646_399_999_999_999;
        foreach (var (clock, expected) in new[] { (5L, 5L), (3L, 5L), (Newest, Newest), (0L, Newest) })
        {
            store.Commit(new CommitBatch().Clocked(clock));
            Assert.Equal(expected, store.ReadEventClock());
        }
    }

    [Fact]
    public void Counts_add_up_over_batches()
    {
        var store = Writer();
        Assert.Equal(default, store.ReadCounts());
        store.Commit(Batches.Of(
            Batches.Session("1", BillStatus.Final, 1), Batches.Session("2", BillStatus.Final, 1), Batches.Session("3", BillStatus.Held, 1),
            Batches.Session("4", BillStatus.Void, 1), Batches.Session("5", BillStatus.Open, 0)));
        Assert.Equal(new StoreCounts(5, 2, 1, 1), store.ReadCounts());
        store.Commit(Batches.Of(
            Batches.Session("1", BillStatus.Held, 2), Batches.Session("2", BillStatus.Held, 2), Batches.Session("5", BillStatus.Held, 1), Batches.Session("6", BillStatus.Open, 0)));
        Assert.Equal(1, store.ReadCounts().Open);
        Assert.Equal(new StoreCounts(6, 0, 4, 1), Reopen().ReadCounts());
    }

    [Fact]
    public void A_second_writer_fences_off_the_first()
    {
        var first = Writer();
        first.Claim([File]);
        first.Commit(Batches.Of(Batches.Session("S1", BillStatus.Final, 1)).At(File, 3));
        var second = Open();
        second.BeginWriting();
        Assert.Equal([new(File, 3)], second.Claim([File]));
        var refused = Assert.Throws<BillStoreException>(() => first.Commit(Batches.Of(Batches.Session("S2", BillStatus.Final, 1)).At(File, 5)));
        Assert.Contains("nother", refused.Message, StringComparison.Ordinal);
        Assert.Null(second.FindSession("S2"u8));
        second.Commit(Batches.Of(Batches.Session("S3", BillStatus.Final, 1)).At(File, 4));
        Assert.Equal(["S1 v1", "S3 v1", "positions 4", "clock 0", "counts 2/2/0/0", "letters "], Show(second));
    }

    [Fact]
    public void A_partition_that_was_never_read_has_no_position()
    {
        var store = Writer();
        var never = File with { Partition = 1 };
        Assert.Empty(store.Claim([never]));
        store.Commit(new CommitBatch().At(never, 5));
        Assert.Equal([new(never, 5)], store.Claim([File, never]));
    }

    [Fact]
    public void What_is_known_of_a_partition_is_kept()
    {
        var store = Writer();
        var topic = new LogPartition("topic", "id", 7);
        store.Claim([topic]);
        var batch = new CommitBatch();
        batch.Advance(topic, new PartitionProgress(10, 30, 99));
        store.Commit(batch);
        Assert.Equal(new PartitionState(new(topic, 10), 30, 99, Clock.Now.ToUnixTimeSeconds(), 0), Assert.Single(store.ReadPartitions()));
        store.SkipGap(topic, 25, 15);
        store.SkipGap(topic, 26, 1);
        var skipped = Assert.Single(Reopen().ReadPartitions());
        Assert.Equal((26, 16, false), (skipped.Position.NextOffset, skipped.GapRecords, skipped.IsCaughtUp));
    }

    [Fact]
    public void A_source_that_is_rewound_has_no_positions_and_others_keep_theirs()
    {
        var store = Writer();
        var (topic, other) = (new LogPartition("topic", "id", 0), new LogPartition("other", "id", 0));
        store.Claim([topic, other]);
        store.Commit(Batches.Of(Batches.Session("S1", BillStatus.Final, 1)).At(topic, 10).At(other, 20));
        store.Rewind("topic");
        Assert.Equal([new(other, 20)], store.ReadPositions());
        Assert.Empty(store.Claim([topic]));
        store.Commit(new CommitBatch().At(topic, 3));
        Assert.Equal(["S1 v1"], Reopen().ReadBills(null, true).Select(bill => $"{bill.SessionId} v{bill.Version}"));
    }

    [Fact]
    public void Contact_data_is_kept_apart_and_erased_for_good()
    {
        var store = Writer();
        store.Commit(Contacts(("S1", "+31 6", "a@b.c"), ("S2", "+31 6", ""), ("S3", "", "x@y.z"), ("S4", "1", "q@q")));
        // Contradicting copies: the lesser text, in any order.
        store.Commit(Contacts(("S2", "+31 5", "d@e.f"), ("S2", "+31 7", "e@e.f")));
        Assert.Equal(
            [new("S1", "+31 6", "a@b.c", false), new("S2", "+31 5", "d@e.f", false), new("S3", null, "x@y.z", false), new("S4", "1", "q@q", false)], store.ReadContacts());
        Assert.Equal(1, store.EraseContacts(new("S1", null, null)));
        Assert.Equal(1, store.EraseContacts(new(null, "+31 5", null)));
        Assert.Equal(1, store.EraseContacts(new(null, null, "x@y.z")));
        Assert.Equal(0, store.EraseContacts(new(null, null, "x@y.z")));
        store.Commit(Contacts(("S1", "+31 6", "a@b.c"), ("S2", "9", ""), ("S3", "9", "9")));
        Assert.Equal(
            [new("S1", null, null, true), new("S2", null, null, true), new("S3", null, null, true), new("S4", "1", "q@q", false)], Reopen().ReadContacts());
    }

    /// <summary>Erased before it came: a replay into the same store brings nothing back.</summary>
    [Fact]
    public void Erasing_by_session_holds_also_for_one_whose_contact_data_is_not_there_yet()
    {
        var store = Writer();
        Assert.Equal(0, store.EraseContacts(new("S9", null, null)));
        store.Commit(Contacts(("S9", "1", "")));
        Assert.Equal([new("S9", null, null, true)], store.ReadContacts());
    }

    /// <summary>Stated once or by several copies, of sessions that are in the batch or not, and of one that was erased before it came.</summary>
    [Fact]
    public void Contact_data_that_comes_with_new_sessions_is_kept_as_any_other_and_what_was_erased_before_stays_so()
    {
        var store = Writer();
        Assert.Equal(0, store.EraseContacts(new("S3", null, null)));
        store.Commit(Contacts(Of("S5", "S1", "S2"), ("S5", "5", ""), ("S4", "4", "d@e.f"), ("S2", "9", "b@b"), ("S1", "1", "a@a"), ("S2", "2", "c@b")));
        StoredContact[] expected = [new("S1", "1", "a@a", false), new("S2", "2", "b@b", false), new("S3", null, null, true), new("S4", "4", "d@e.f", false), new("S5", "5", null, false)];
        Assert.Equal(expected, store.ReadContacts());
        store.Commit(Contacts(Of("S3", "S6", "S4"), ("S6", "6", ""), ("S3", "3", ""), ("S4", "3", "")));
        var again = Reopen();
        Assert.Equal([.. expected[..3], new("S4", "3", "d@e.f", false), expected[4], new("S6", "6", null, false)], again.ReadContacts());
        Assert.Equal(["S1 v1", "S2 v1", "S3 v1", "S4 v1", "S5 v1", "S6 v1"], again.ReadBills(null, true).Select(bill => $"{bill.SessionId} v{bill.Version}"));

        static CommitBatch Of(params string[] ids) => Batches.Of([.. ids.Select(id => Batches.Session(id, BillStatus.Final, 1))]);
    }

    [Fact]
    public void Dead_letters_are_counted_by_reason()
    {
        var store = Writer();
        store.Commit(new CommitBatch().Refusing("a", 1, "NotJson").Refusing("b", 2, "Empty").Refusing("c", 3, "NotJson"));
        Assert.Equal([("Empty", 1L), ("NotJson", 2L)], store.CountDeadLetters());
    }

    [Fact]
    public void The_same_tariff_or_location_registered_again_keeps_its_sequence()
    {
        var store = Writer();
        Register(store, TariffTexts.List(TariffTexts.Energy("A", 1), TariffTexts.Energy("B", 1)), """[{"id":"L1"}]""", new("A", "Europe/Amsterdam", 60, 30));
        var more = TariffTexts.List(TariffTexts.Energy("B", 1), TariffTexts.Energy("A", 2), TariffTexts.Energy("A", 1));
        Register(store, more, """[{"id":"L2"},{"id":"L1"}]""", new(null, null, 61, 31));
        var again = Reopen();
        Assert.Equal(
            [(1, "A", TariffTexts.Energy("A", 1)), (2, "B", TariffTexts.Energy("B", 1)), (3, "A", TariffTexts.Energy("A", 2))],
            again.ReadTariffs().Select(tariff => ((int)tariff.Sequence, tariff.Entry.Id!, Encoding.UTF8.GetString(tariff.Entry.Json.Span))));
        Assert.Equal(3, again.ReadTariffs().Select(tariff => tariff.ContentHash).Distinct().Count());
        Assert.Equal(["L1", "L2"], again.ReadLocations().Select(location => location.Id));
        Assert.Equal(new StoredOptions(null, null, 61, 31) { Readings = "" }, again.ReadOptions());
    }

    [Fact]
    public void Readings_of_ocpi_stay_until_others_are_registered()
    {
        var store = Writer();
        Register(store, TariffTexts.List(TariffTexts.Energy("A", 1)), "[]", new(null, null, 60, 30) { Readings = "step_total=all zone=country" });
        Register(store, TariffTexts.List(TariffTexts.Energy("A", 1)), "[]", new("A", null, 60, 30));
        Assert.Equal("step_total=all zone=country", Reopen().ReadOptions()!.Readings);
        Register(Writer(), TariffTexts.List(TariffTexts.Energy("A", 1)), "[]", new(null, null, 60, 30) { Readings = "" });
        Assert.Equal("", Reopen().ReadOptions()!.Readings);
    }

    [Fact]
    public void A_bill_keeps_its_readings_of_ocpi_and_the_versions_of_its_tariff()
    {
        var batch = Batches.Of(Batches.Session("A", BillStatus.Final, 1), Batches.Session("B", BillStatus.Final, 1));
        var changed = EventLines.StartNs + 60_000_000_000;
        batch.Sessions[0] = batch.Sessions[0] with { Bill = Batches.Bill("A", 1, BillStatus.Final, readings: "mid_session_change=per_period step_total=all", changes: [new(changed, 7)]) };
        Writer().Commit(batch);
        Bill[] read = [.. Reopen().ReadBills(null, true)];
        Assert.Equal(["mid_session_change=per_period step_total=all", ""], read.Select(bill => bill.RatingReadings));
        Assert.Equal([new TariffChange(changed, 7)], read[0].TariffChanges);
        Assert.Empty(read[1].TariffChanges);
    }

    /// <summary>Without an id no session can name it; with one it is read back as it was read, whatever it looks like.</summary>
    [Theory]
    [InlineData("""[{TARIFF}, {"id": "B", "data": []}]""", "B")]
    [InlineData("""[{TARIFF}, {"id": "B", "data": [{"id": "INNER"}]}]""", "B")]
    [InlineData("""[{TARIFF}, {"id": "B", "status_code": 2000}]""", "B")]
    [InlineData("""[{TARIFF}, {"id": "B", "elements": 5}]""", "B")]
    [InlineData("[{TARIFF}, 5]")]
    [InlineData("[{TARIFF}, null]")]
    [InlineData("[{TARIFF}, []]")]
    [InlineData("[{TARIFF}, {}]")]
    [InlineData("""[{TARIFF}, {"data": []}]""")]
    [InlineData("""[{TARIFF}, {"data": [{"id": "INNER"}]}]""")]
    [InlineData("{TARIFF}\n{broken")]
    public void An_unusable_tariff_with_an_id_is_read_back_as_unusable(string document, params string[] unusable)
    {
        var store = Writer();
        Register(store, document.Replace("{TARIFF}", TariffTexts.Energy("A", 1), StringComparison.Ordinal), "[]", new(null, null, 60, 30));
        var read = Reopen().ReadTariffs();
        Assert.Equal(["A", .. unusable], read.Select(tariff => tariff.Entry.Id));
        Assert.All(read.Skip(1), tariff => Assert.NotNull(tariff.Entry.Refusal));
    }

    protected virtual void Dispose(bool disposing)
    {
        foreach (var store in _opened)
        {
            store.Dispose();
        }
    }

    private IBillStore Open()
    {
        var store = OpenStore(Clock);
        _opened.Add(store);
        return store;
    }

    private IBillStore Writer()
    {
        var store = Open();
        store.BeginWriting();
        store.Claim([File]);
        return store;
    }

    private IBillStore Reopen()
    {
        foreach (var store in _opened)
        {
            store.Dispose();
        }
        _opened.Clear();
        return Open();
    }

    private static void Register(IBillStore store, string tariffs, string locations, StoredOptions options) => store.Register(
        TariffDocument.Read(Encoding.UTF8.GetBytes(tariffs)), LocationDocument.Read(Encoding.UTF8.GetBytes(locations)), options);

    private static CommitBatch Contacts(params (string Session, string Phone, string Email)[] contacts) => Contacts(new CommitBatch(), contacts);

    private static CommitBatch Contacts(CommitBatch batch, params (string Session, string Phone, string Email)[] contacts)
    {
        foreach (var (session, phone, email) in contacts)
        {
            batch.Contacts.Add(new(Append(session), Append(phone), Append(email)));
        }
        return batch;

        EvBilling.Events.TextSlice Append(string text) => batch.Texts.Append(Encoding.UTF8.GetBytes(text));
    }

    private static string[] Show(IBillStore store) =>
    [
        .. store.ReadBills(null, true).Select(bill => $"{bill.SessionId} v{bill.Version}"),
        $"positions {string.Join(' ', store.ReadPositions().Select(position => position.NextOffset))}",
        $"clock {store.ReadEventClock()}",
        $"counts {store.ReadCounts().Sessions}/{store.ReadCounts().Final}/{store.ReadCounts().Held}/{store.ReadCounts().Void}",
        .. store.ReadOpen(null).Select(open => $"{open.Record.SessionId} open"),
        $"letters {string.Join(' ', store.ReadDeadLetters().Select(letter => Encoding.UTF8.GetString(letter.Bytes.Span)))}",
    ];
}
