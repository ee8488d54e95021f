using EvBilling.Billing;
using EvBilling.Engine;
using EvBilling.Storage.Sqlite;
using EvBilling.SystemTests.Stores;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Engine;

/// <summary>When a bill gets a new version, and which tariff rates it.</summary>
public sealed class BillVersionTests : IDisposable
{
    private readonly TestClock _clock = new();
    private readonly BillingStore _store;

    public BillVersionTests() => _store = BillingStore.WithTariff(_clock);

    public void Dispose() => _store.Dispose();

    [Fact]
    public void A_late_event_makes_a_new_version_and_a_copy_does_not()
    {
        var lines = EventLines.Session("S");
        Assert.Equal(1, _store.Run(lines[0], lines[2]).VersionsWritten);
        var late = _store.Run(lines[1]);
        Assert.Equal((1, 1, 0, 1), (late.Events, late.NewEvents, late.Duplicates, late.VersionsWritten));
        var copies = _store.Run(lines);
        Assert.Equal((3, 0, 3, 0), (copies.Events, copies.NewEvents, copies.Duplicates, copies.VersionsWritten));
        Assert.Equal(["1 final 5.00", "2 final 5.00"], _store.Versions("S"));
        Assert.Equal([(1, null), (2, 1)], _store.Read(store => store.ReadBills("S", true).Select(bill => (bill.Version, bill.Supersedes)).ToList()));
    }

    /// <summary>A station that lost its clock begins in 1970.</summary>
    [Theory]
    [InlineData("1970-01-01T00:00:00Z")]
    [InlineData("1970-01-01T00:00:00.000000001Z")]
    [InlineData("2261-12-31T23:59:59.999999999Z")]
    public void A_session_is_kept_whenever_it_started(string time)
    {
        _store.Run("""{"type":"started","session_id":"S","timestamp":"TIME","meter_wh":5}""".Replace("TIME", time, StringComparison.Ordinal));
        Assert.Equal(["S"], _store.Open());
        _store.Run("""{"type":"ended","session_id":"S","timestamp":"TIME","meter_wh":5}""".Replace("TIME", time, StringComparison.Ordinal));
        Assert.Equal(1, _store.Read(store => store.ReadCounts().Sessions));
        Assert.Single(_store.Versions("S"));
    }

    [Fact]
    public void An_event_that_changes_nothing_in_the_bill_makes_no_version()
    {
        _store.Run(EventLines.Session("S"));
        var late = _store.Run(EventLines.Line("updated", "S", 10));
        Assert.Equal((1, 0), (late.NewEvents, late.VersionsWritten));
    }

    [Fact]
    public void A_final_bill_that_is_held_later_is_a_new_version()
    {
        _store.Run(EventLines.Line("started", "S", 0, 1000), EventLines.Line("ended", "S", 60));
        _store.Run(EventLines.Line("started", "S", 0, 1000, ("event_id", "e")), EventLines.Line("started", "S", 0, 2000, ("event_id", "e")));
        Assert.Equal(["1 final 0.00", "2 held - ConflictingDuplicate+SeveralStarts"], _store.Versions("S"));
        Assert.Equal(new StoreCounts(1, 0, 1, 0), _store.Read(store => store.ReadCounts()));
    }

    [Fact]
    public void Versions_go_on_over_runs_and_batches()
    {
        _store.Options = _store.Options with { BatchEventsMax = 1, CacheBytesMax = 0 };
        var ends = Enumerable.Range(1, 5).Select(i => EventLines.Line("ended", "S", i, 1000 + (i * 100)));
        _store.Run(new ChoppedLog([EventLines.Line("started", "S", 0, 1000), .. ends], 1));
        Assert.Equal([0.05m, 0.10m, 0.15m, 0.20m, 0.25m], _store.Read(store => store.ReadBills("S", true).Select(bill => bill.TotalExclVat!.Value).ToArray()));
        Assert.Equal([1, 2, 3, 4, 5], _store.Read(store => store.ReadBills("S", true).Select(bill => bill.Version).ToArray()));
    }

    [Fact]
    public void A_session_of_an_unknown_tariff_is_held_and_billed_by_the_next_run_that_has_it()
    {
        using var store = new BillingStore { Tariffs = TariffTexts.List(TariffTexts.Energy("T", 1)) };
        store.Run(EventLines.Session("S", more: ("tariff_id", "LATER")));
        Assert.Equal(["1 held - TariffIdUnknown+UnknownTariff"], store.Versions("S"));
        Assert.Equal(0, store.Run().VersionsWritten);
        store.Tariffs = TariffTexts.List(TariffTexts.Energy("LATER", 0.2m));
        Assert.Equal(1, store.Run().VersionsWritten);
        Assert.Equal(["1 held - TariffIdUnknown+UnknownTariff", "2 final 2.00"], store.Versions("S"));
        Assert.Equal(new StoreCounts(1, 1, 0, 0), store.Read(read => read.ReadCounts()));
    }

    [Fact]
    public void Tariffs_of_earlier_runs_are_still_known()
    {
        _store.Run();
        _store.Tariffs = "[]";
        _store.Run(EventLines.Session("S"));
        Assert.Equal(["1 final 5.00"], _store.Versions("S"));
    }

    [Fact]
    public void A_tariff_version_loaded_later_changes_no_bill_that_was_final_also_when_late_events_come()
    {
        var (one, other) = (EventLines.Session("S"), EventLines.Session("new", 120));
        _store.Run(one[0], one[2]);
        // Of the same id, last updated later but before the session: it is in force for whatever has no final bill yet.
        _store.Tariffs = TariffTexts.List(TariffTexts.Energy("T", 0.9m, "2021-01-01T00:00:00Z"));
        Assert.Equal(0, _store.Run().VersionsWritten);
        _store.Run([one[1], .. other]);
        Assert.Equal(["1 final 5.00", "2 final 5.00"], _store.Versions("S"));
        Assert.Equal(["1 final 9.00"], _store.Versions("new"));
        _store.Run(EventLines.Line("ended", "S", 90, 13_000));
        Assert.Equal("3 final 6.00 SeveralEnds", _store.Versions("S")[^1]);
    }

    [Fact]
    public void Sessions_of_a_tariff_that_cannot_be_used_are_held_and_billed_once_there_is_a_version_that_can()
    {
        using var store = new BillingStore { Tariffs = TariffTexts.List(TariffTexts.Refused("R"), TariffTexts.Energy("T", 1)) };
        store.Run([.. EventLines.Session("S", more: ("tariff_id", "R")), .. EventLines.Session("other", more: ("tariff_id", "T"))]);
        Assert.Equal(["1 held - TariffRefused"], store.Versions("S"));
        Assert.Equal(["1 final 10.00"], store.Versions("other"));
        store.Tariffs = TariffTexts.List(TariffTexts.Energy("R", 0.3m, "2021-01-01T00:00:00Z"));
        store.Run();
        Assert.Equal("2 final 3.00", store.Versions("S")[^1]);
    }

    [Fact]
    public void An_event_of_a_pruned_session_is_refused_as_archived_and_its_bill_stays()
    {
        _store.Options = _store.Options with { KeepSessions = TimeSpan.FromDays(400) };
        _store.Run(EventLines.Session("S"));
        _clock.Now += TimeSpan.FromDays(401);
        _store.Run(EventLines.Session("T"));
        var late = _store.Run([EventLines.Line("updated", "S", 20, 3000), .. EventLines.Session("U")]);
        Assert.Equal((4, 3, 1), (late.Events, late.NewEvents, late.DeadLetters));
        Assert.Equal(["SessionArchived"], _store.Read(store => store.ReadDeadLetters().Select(letter => letter.Reason).ToArray()));
        Assert.Equal(["1 final 5.00"], _store.Versions("S"));
        Assert.Equal(3, _store.Bills().Count);
    }

    [Fact]
    public void A_dead_letter_put_through_again_leaves_the_list_once_it_is_accepted()
    {
        _store.Run();
        using (var store = SqliteBillStore.Open(_store.Path, _clock))
        {
            // As a version left it that refused what this one accepts.
            store.BeginWriting();
            store.Commit(new CommitBatch().Refusing(EventLines.Line("ended", "S", 0, 5)).Refusing("x"));
        }
        using var reader = SqliteBillStore.OpenToRead(_store.Path, _clock);
        var counters = _store.Run(new DeadLetterLog(reader));
        Assert.Equal((2, 1), (counters.Events, counters.NewEvents));
        Assert.Equal(["NotJson"], _store.Read(store => store.ReadDeadLetters().Select(letter => letter.Reason).ToArray()));
        Assert.Equal(BillStatus.Final, _store.Read(store => store.FindSession("S"u8)!.Status));
    }

    [Fact]
    public void A_cancelled_run_has_committed_what_it_read_and_is_gone_on_with()
    {
        using var stop = new CancellationTokenSource();
        var lines = Enumerable.Range(0, 300).SelectMany(i => EventLines.Session($"S{i:000}", i)).ToList();
        var log = new ChoppedLog(lines, 30) { BeforeBlock = next => { if (next == 450) { stop.Cancel(); } } };
        _store.RunUntil(log, stop.Token);
        var position = Assert.Single(_store.Read(store => store.ReadPositions())).NextOffset;
        Assert.InRange(position, 0, 480);
        Assert.Equal(position, 3 * _store.Read(store => store.ReadCounts().Sessions));
        _store.Run(new ChoppedLog(lines, 30, from: (int)position));
        Assert.Equal(new StoreCounts(300, 300, 0, 0), _store.Read(store => store.ReadCounts()));
    }

    [Fact]
    public void Of_a_log_that_breaks_off_what_came_before_is_committed()
    {
        var log = new ChoppedLog(EventLines.Session("S"), 2) { BeforeBlock = next => { if (next > 2) { throw new EventLogException("breaks off"); } } };
        Assert.Equal("breaks off", Assert.Throws<EventLogException>(() => _store.Run(log)).Message);
        Assert.Equal(["1 final 5.00"], _store.Versions("S"));
        Assert.Equal(3, Assert.Single(_store.Read(store => store.ReadPositions())).NextOffset);
    }
}
