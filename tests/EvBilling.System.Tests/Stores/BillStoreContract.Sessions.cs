using System.Text;
using EvBilling.Billing;
using EvBilling.Engine;
using EvBilling.Sessions;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Stores;

public abstract partial class BillStoreContract
{
    public static TheoryData<int> AllStates => [.. Enum.GetValues<SessionState>().Select(state => (int)state)];

    [Theory]
    [MemberData(nameof(AllStates))]
    public void A_session_is_read_as_it_was_written(int state)
    {
        var draft = new SessionDraft("Sö/€𝄞 '\"", BillStatus.Held, 3)
        {
            State = (SessionState)state,
            ContentHash = new(UInt128.MaxValue - 5),
            TariffsUntil = 12,
            LastEventNs = EventLines.StartNs + 1,
            Lines = EventLines.Session("Sö/€𝄞 '\""),
        };
        Writer().Commit(Batches.Of(draft));
        var read = Reopen().FindSession(Encoding.UTF8.GetBytes(draft.Id))!;
        Assert.Equal(Batches.Record(draft.Id, draft.Lines).ToBytes(), read.Record.ToBytes());
        Assert.Equal(
            (draft.Id, draft.State, draft.Status, 3, draft.ContentHash, 12, draft.LastEventNs),
            (read.Record.SessionId, read.State, read.Status, read.Version, read.ContentHash, read.TariffsUntil, read.LastEventNs));
    }

    [Fact]
    public void A_session_without_a_bill_has_neither_content_nor_a_bound_on_tariffs()
    {
        var store = Writer();
        store.Commit(Batches.Of(Batches.Session("S", BillStatus.Open, 0)));
        var read = store.FindSession("S"u8)!;
        Assert.Equal((0, default, null), (read.Version, read.ContentHash, read.TariffsUntil));
    }

    [Fact]
    public void A_session_written_again_is_as_it_was_written_last()
    {
        var store = Writer();
        store.Commit(Batches.Of(new SessionDraft("S", BillStatus.Final, 1) { TariffsUntil = 4, Connector = 9, State = SessionState.ClosedByFollower }));
        store.Commit(Batches.Of(new SessionDraft("S", BillStatus.Open, 0) { LastEventNs = 8 }));
        var read = store.FindSession("S"u8)!;
        Assert.Equal((SessionState.Open, BillStatus.Open, 0, null, 8), (read.State, read.Status, read.Version, read.TariffsUntil, read.LastEventNs));
        Assert.False(store.HasFollower(9, 0, "other"u8));
    }

    [Fact]
    public void Of_a_session_of_which_only_events_changed_the_rest_stays()
    {
        var store = Writer();
        var draft = new SessionDraft("S", BillStatus.Held, 2) { State = SessionState.ClosedByFollower, TariffsUntil = 4, Connector = 9, StartedAtNs = 10 };
        store.Commit(Batches.Of(draft));
        store.Commit(Batches.Of(draft with { Version = 0, Lines = EventLines.Session("S"), LastEventNs = 99, OnlyEventsChanged = true }));
        var read = Reopen().FindSession("S"u8)!;
        Assert.Equal(
            (SessionState.ClosedByFollower, BillStatus.Held, 2, draft.ContentHash, 4, 99, 3),
            (read.State, read.Status, read.Version, read.ContentHash, read.TariffsUntil, read.LastEventNs, read.Record.Count));
        Assert.True(_opened[0].HasFollower(9, 10, "other"u8));
    }

    [Theory]
    [InlineData("s")]
    [InlineData("S ")]
    [InlineData("S\u0001")]
    [InlineData("")]
    public void A_session_is_found_by_its_very_id_only(string other)
    {
        var store = Writer();
        store.Commit(Batches.Of(Batches.Session("S", BillStatus.Final, 1)));
        Assert.NotNull(store.FindSession("S"u8));
        Assert.Null(store.FindSession(Encoding.UTF8.GetBytes(other)));
        Assert.False(store.IsArchived("S"u8));
    }

    // By UTF-16 units the last two stand the other way round; by any culture's rules so do the first ones.
    private static readonly string[] IdsInOrder = ["", "A", "B", "a", "aa", "b", "ä", "\uFF5E", "\U0001D11E"];

    [Fact]
    public void Bills_come_in_order_of_session_id_by_utf8_then_version()
    {
        var store = Writer();
        var ids = IdsInOrder[1..];
        for (var version = 1; version <= 2; version++)
        {
            store.Commit(Batches.Of([.. ids.Reverse().Select(id => Batches.Session(id, BillStatus.Final, version))]));
        }
        Assert.Equal(
            ids.SelectMany(id => new[] { (id, 1, (int?)null), (id, 2, 1) }), store.ReadBills(null, true).Select(bill => (bill.SessionId, bill.Version, bill.Supersedes)));
        Assert.Equal(ids.Select(id => (id, 2)), store.ReadBills(null, false).Select(bill => (bill.SessionId, bill.Version)));
        Assert.Equal([("a", 2)], store.ReadBills("a", false).Select(bill => (bill.SessionId, bill.Version)));
        Assert.Equal([("a", 1), ("a", 2)], store.ReadBills("a", true).Select(bill => (bill.SessionId, bill.Version)));
        Assert.Empty(store.ReadBills("c", true));
    }

    [Fact]
    public void A_session_that_is_open_again_has_versions_but_no_current_bill()
    {
        var store = Writer();
        store.Commit(Batches.Of(Batches.Session("S", BillStatus.Final, 1), Batches.Session("T", BillStatus.Final, 1)));
        store.Commit(Batches.Of(Batches.Session("S", BillStatus.Open, 0)));
        Assert.Equal(["T"], store.ReadBills(null, false).Select(bill => bill.SessionId));
        Assert.Equal(["S", "T"], store.ReadBills(null, true).Select(bill => bill.SessionId));
        Assert.Equal(["S"], store.ReadOpen(null).Select(open => open.Record.SessionId));
        Assert.Empty(store.ReadOpen("T"));
        Assert.Equal(["S"], store.ReadOpen("S").Select(open => open.Record.SessionId));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(100)]
    public void Unended_and_held_sessions_are_paged_through_in_order(int limit)
    {
        var store = Writer();
        var ids = IdsInOrder[1..];
        store.Commit(Batches.Of([
            .. ids.Reverse().Select((id, i) => new SessionDraft(id, BillStatus.Held, 1) { State = i % 2 == 0 ? SessionState.Open : SessionState.ClosedByFollower }),
            new("e", BillStatus.Final, 1) { State = SessionState.Ended },
            new("f", BillStatus.Final, 1) { State = SessionState.ClosedByAge },
            new("o", BillStatus.Open, 0) { State = SessionState.Open },
            new("v", BillStatus.Void, 1),
        ]));
        Assert.Equal(ids.Append("o").OrderBy(id => id, Utf8Order), Pages(Closable(store), limit));
        Assert.Equal(ids, Pages(store.ReadHeld, limit));
        store.Commit(Batches.Of([.. ids.Select(id => Batches.Session(id, BillStatus.Final, 2))]));
        Assert.Equal(["o"], Pages(Closable(store), limit));
        Assert.Empty(Pages(store.ReadHeld, limit));
    }

    [Theory]
    [InlineData(9, 99, "a", true)]
    [InlineData(9, 100, "a", true)]
    [InlineData(9, 101, "a", false)]
    [InlineData(9, 50, "b", false)]
    [InlineData(-9, 0, "a", false)]
    [InlineData(8, 0, "a", false)]
    public void A_follower_is_another_session_on_the_connector_from_that_time_on(long connector, long at, string id, bool expected)
    {
        var store = Writer();
        store.Commit(Batches.Of(
            new SessionDraft("a", BillStatus.Open, 0) { Connector = 9, StartedAtNs = 10 },
            new SessionDraft("b", BillStatus.Open, 0) { Connector = 9, StartedAtNs = 100 },
            new SessionDraft("c", BillStatus.Open, 0) { Connector = 0, StartedAtNs = 200 }));
        Assert.Equal(expected, store.HasFollower(connector, at, Encoding.UTF8.GetBytes(id)));
    }

    [Fact]
    public void No_session_follows_on_a_connector_that_is_not_known()
    {
        var store = Writer();
        store.Commit(Batches.Of(new SessionDraft("a", BillStatus.Open, 0), new SessionDraft("b", BillStatus.Open, 0) { StartedAtNs = EventLines.StartNs + 1 }));
        Assert.False(store.HasFollower(0, 0, "a"u8));
    }

    /// <summary>Old ones, open ones that are followed, and ones that are closed because of a follower that is not there.</summary>
    [Fact]
    public void The_close_policy_looks_only_at_sessions_that_it_may_change()
    {
        var store = Writer();
        var now = EventLines.StartNs;
        store.Commit(Batches.Of(
            new SessionDraft("fresh", BillStatus.Open, 0) { LastEventNs = now, Connector = 1, StartedAtNs = now - 5, Partition = 1 },
            new SessionDraft("old", BillStatus.Open, 0) { LastEventNs = now - 100, Partition = 1 },
            new SessionDraft("followed", BillStatus.Open, 0) { LastEventNs = now - 50, Connector = 2, StartedAtNs = now - 60, Partition = 2 },
            new SessionDraft("follower", BillStatus.Open, 0) { LastEventNs = now, Connector = 2, StartedAtNs = now - 50 },
            new SessionDraft("mark holds", BillStatus.Final, 1) { State = SessionState.ClosedByFollower, LastEventNs = now - 50, Connector = 2, StartedAtNs = now - 70 },
            new SessionDraft("mark is wrong", BillStatus.Final, 1) { State = SessionState.ClosedByFollower, LastEventNs = now - 40, Connector = 2, StartedAtNs = now - 80 },
            new SessionDraft("ended", BillStatus.Final, 1) { LastEventNs = now - 100, Connector = 2, StartedAtNs = now - 100 },
            new SessionDraft("closed", BillStatus.Final, 1) { State = SessionState.ClosedByAge, LastEventNs = now - 100 }));
        Assert.Equal(["followed", "mark is wrong", "old"], Pages(Closable(store, now - 100), 2));
        Assert.Equal(["followed", "mark is wrong"], Pages(Closable(store, now - 101), 2));
        Assert.Equal(["mark is wrong", "old"], Pages(Closable(store, now - 100, [1, 7]), 2));
        Assert.Equal(["mark is wrong"], Pages(Closable(store, now - 100, []), 2));
    }

    /// <summary>Else a question could take as long as all open sessions take.</summary>
    [Fact]
    public void The_close_policy_looks_at_no_more_open_sessions_at_once_than_it_is_told()
    {
        var store = Writer();
        var old = EventLines.StartNs;
        store.Commit(Batches.Of([.. "abcdef".Select(id => new SessionDraft($"{id}", BillStatus.Open, 0) { LastEventNs = id == 'e' ? old : old + 1 })]));
        var query = new ClosingQuery(old, null);
        var (first, second, last) = (store.ReadClosable(query, null, 4), store.ReadClosable(query, "d"u8.ToArray(), 2), store.ReadClosable(query, "f"u8.ToArray(), 2));
        Assert.Empty(first.Ids);
        Assert.Equal("d"u8.ToArray(), first.Next);
        Assert.Equal(["e"u8.ToArray()], second.Ids);
        Assert.Equal("f"u8.ToArray(), second.Next);
        Assert.Empty(last.Ids);
        Assert.Null(last.Next);
    }

    private static IComparer<string> Utf8Order { get; } =
        Comparer<string>.Create((a, b) => Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b)));

    private static Func<byte[]?, int, SessionIdPage> Closable(IBillStore store, long oldUntilNs = long.MaxValue, int[]? partitions = null) =>
        (after, limit) => store.ReadClosable(new ClosingQuery(oldUntilNs, partitions), after, limit);

    private static List<string> Pages(Func<byte[]?, int, SessionIdPage> read, int limit)
    {
        var all = new List<string>();
        for (byte[]? after = null; ;)
        {
            var page = read(after, limit);
            all.AddRange(page.Ids.Select(Encoding.UTF8.GetString));
            Assert.True(page.Ids.Count <= limit);
            if (page.Next is null)
            {
                return all;
            }
            after = page.Next;
        }
    }
}
