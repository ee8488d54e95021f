using System.Text;
using EvBilling.Billing;
using EvBilling.Engine;
using EvBilling.Events;
using EvBilling.Sessions;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Engine;

/// <summary>What is kept of sessions, and in which form.</summary>
public sealed class SessionCacheTests
{
    private const int Committed = 5;
    private const long Roomy = 1 << 20;

    [Fact]
    public void A_packed_session_comes_back_as_it_was()
    {
        var session = Open("S-é-1", partition: 3);
        var back = PackedSession.Unpack(PackedSession.Pack(session));
        Assert.Equal(session.Record.SessionId, back.Record.SessionId);
        Assert.Equal(session.Record.ToBytes(), back.Record.ToBytes());
        Assert.Equal(session.Standing, back.Standing);
        Assert.Equal(session.Written, back.Written);
        Assert.Equal((session.Revision, session.Partition, session.Batch, session.WrittenIn), (back.Revision, back.Partition, back.Batch, back.WrittenIn));
        Assert.Equal((false, false, false), (back.IsDirty, back.HasNews, back.IsArchived));
    }

    [Fact]
    public void Under_the_budget_open_sessions_stay_as_they_are()
    {
        var cache = Cache(Roomy);
        var session = Open("S");
        cache.Add(session);
        cache.Shrink(Committed);
        Assert.False(cache.IsPressed);
        Assert.Same(session, Found(cache, "S"));
    }

    [Fact]
    public void Over_the_budget_open_sessions_are_packed_and_found_all_the_same()
    {
        var cache = Cache(25_000);
        var sessions = Enumerable.Range(0, 50).Select(number => Open($"S-{number}")).ToList();
        sessions.ForEach(cache.Add);
        Assert.True(cache.IsPressed);
        cache.Shrink(Committed);
        Assert.Equal(50, cache.Count);
        foreach (var session in sessions)
        {
            var found = Found(cache, session.Record.SessionId);
            Assert.NotNull(found);
            Assert.NotSame(session, found);
            Assert.Equal(session.Record.ToBytes(), found.Record.ToBytes());
            Assert.Same(found, Found(cache, session.Record.SessionId));
        }
        Assert.Equal(50, cache.Count);
    }

    [Fact]
    public void What_does_not_fit_even_when_packed_is_given_up_in_part()
    {
        var cache = Cache(20_000);
        for (var number = 0; number < 1000; number++)
        {
            cache.Add(Open($"S-{number}"));
        }
        cache.Shrink(Committed);
        Assert.InRange(cache.Count, 20, 200);
        Assert.Equal(cache.Count, Enumerable.Range(0, 1000).Count(number => Found(cache, $"S-{number}") is not null));
    }

    [Theory]
    [InlineData("it has changed since it was committed")]
    [InlineData("it is not committed yet")]
    public void A_session_whose_row_is_older_stays_whatever_the_budget(string why)
    {
        var cache = Cache(0);
        var session = Open("S");
        session.IsDirty = why.Contains("changed", StringComparison.Ordinal);
        session.Batch = session.IsDirty ? Committed : Committed + 1;
        cache.Add(session);
        cache.Shrink(Committed);
        Assert.Same(session, Found(cache, "S"));
    }

    [Theory]
    [InlineData(SessionState.Ended, 1, 1L)]
    [InlineData(SessionState.ClosedByAge, 1, 1L)]
    [InlineData(SessionState.Open, 1, null)]
    [InlineData(SessionState.Open, 0, 1L)]
    public void A_session_that_has_had_a_bill_is_given_up_rather_than_packed(SessionState state, int version, long? tariffsUntil)
    {
        var session = Open("S");
        session.Standing = session.Standing with { State = state, Version = version, TariffsUntil = tariffsUntil };
        Assert.False(PackedSession.IsFit(session));
        var cache = Cache(1);
        cache.Add(session);
        cache.Shrink(Committed);
        Assert.Null(Found(cache, "S"));
    }

    [Fact]
    public void A_session_that_this_run_has_not_written_is_not_packed()
    {
        var session = Open("S");
        session.Written = null;
        Assert.False(PackedSession.IsFit(session));
    }

    [Fact]
    public void With_its_partition_a_session_is_forgotten_packed_or_not()
    {
        var cache = Cache(1000);
        cache.Add(Open("packed-1", partition: 1));
        cache.Add(Open("packed-2", partition: 2));
        cache.Shrink(Committed);
        cache.Add(Open("kept-1", partition: 1));
        cache.Add(Open("kept-2", partition: 2));
        cache.Forget([new LogPartition("kafka:events", "one", 1)], Committed);
        Assert.Equal([false, true, false, true], new[] { "packed-1", "packed-2", "kept-1", "kept-2" }.Select(id => Found(cache, id) is not null));
    }

    [Fact]
    public void A_session_that_is_to_be_read_anew_is_forgotten_packed_or_not()
    {
        var cache = Cache(600);
        cache.Add(Open("packed"));
        cache.Shrink(Committed);
        cache.Add(Open("kept"));
        cache.Forget(["packed"u8.ToArray(), "kept"u8.ToArray(), "unknown"u8.ToArray()], Committed);
        Assert.Equal(0, cache.Count);
    }

    [Fact]
    public void Once_half_the_budget_is_free_the_cache_is_pressed_no_more()
    {
        var cache = Cache(2000);
        for (var number = 0; number < 10; number++)
        {
            cache.Add(Open($"S-{number}", partition: 1));
        }
        cache.Shrink(Committed);
        Assert.True(cache.IsPressed);
        cache.Forget([new LogPartition("kafka:events", "one", 1)], Committed);
        cache.Shrink(Committed);
        Assert.False(cache.IsPressed);
    }

    private static SessionCache Cache(long budgetBytes) => new(budgetBytes, new MemoryKeeper(1 << 30));

    private static CachedSession? Found(SessionCache cache, string id) => cache.TryFind(Encoding.UTF8.GetBytes(id), out var session) ? session : null;

    // As a run leaves it when the batch is committed.
    private static CachedSession Open(string id, int partition = -1)
    {
        var buffer = new EventBuffer();
        var record = new SessionRecord(Encoding.UTF8.GetBytes(id));
        foreach (var line in EventLines.Session(id)[..2])
        {
            Assert.False(ChargingEventReader.Read(buffer, buffer.Append(Encoding.UTF8.GetBytes(line)), out var e).IsRefused);
            record.Add(e, buffer.Bytes);
        }
        return new CachedSession(record)
        {
            Standing = new() { State = SessionState.Open, Status = BillStatus.Open, LastEventNs = 1_714_557_600_000_000_000 },
            Revision = 2,
            Partition = partition,
            Batch = Committed - 3,
            WrittenIn = Committed - 3,
            Written = new(SessionState.Open, BillStatus.Open, 0, -77, 1_714_554_000_000_000_000),
        };
    }
}
