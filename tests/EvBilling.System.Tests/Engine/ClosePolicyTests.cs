using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Engine;

/// <summary>When a session without an end is closed, opened again, and closed anew.</summary>
public sealed class ClosePolicyTests : IDisposable
{
    private const double Day = 24 * 60;
    private readonly BillingStore _store = BillingStore.WithTariff();

    public void Dispose() => _store.Dispose();

    [Theory]
    [InlineData(Day + 30 - (1.0 / 60), false)]
    [InlineData(Day + 30, true)]
    public void A_session_is_closed_when_its_last_event_is_as_old_as_the_policy_says(double clock, bool closed)
    {
        _store.Run([.. Unended("S"), EventLines.Line("started", "other", clock, 0)]);
        Assert.Equal(closed ? ["other"] : ["S", "other"], _store.Open());
        Assert.Equal(closed ? ["1 final 2.50 ClosedByPolicy"] : [], _store.Versions("S"));
    }

    [Fact]
    public void The_event_clock_is_that_of_all_runs()
    {
        _store.Run(EventLines.Line("started", "other", Day + 30, 0));
        _store.Run(Unended("S"));
        Assert.Equal(["other"], _store.Open());
    }

    [Fact]
    public void Nothing_is_closed_inside_a_backlog()
    {
        _store.Options = _store.Options with { BatchEventsMax = 1 };
        _store.Run(new ChoppedLog([.. Unended("S"), EventLines.Line("started", "other", 3 * Day, 0), EventLines.Line("ended", "S", 60, 11_000)], 1));
        Assert.Equal(["1 final 5.00"], _store.Versions("S"));
    }

    [Fact]
    public void A_later_event_opens_a_closed_session_again_and_the_policy_closes_it_anew()
    {
        var lines = Unended("S");
        _store.Run([.. lines, EventLines.Line("started", "other", Day + 30, 0)]);
        Assert.Equal(["1 final 2.50 ClosedByPolicy"], _store.Versions("S"));

        Assert.Equal(0, _store.Run(EventLines.Line("updated", "S", 40, 7000)).VersionsWritten);
        Assert.Equal(["S", "other"], _store.Open());
        Assert.Contains("\"status\":\"open\"", _store.Bills()["S"], StringComparison.Ordinal);
        Assert.Contains("\"energy_wh\":6000", _store.Bills()["S"], StringComparison.Ordinal);

        Assert.Equal(1, _store.Run(EventLines.Line("updated", "other", Day + 40, 5)).VersionsWritten);
        Assert.Equal(["1 final 2.50 ClosedByPolicy", "2 final 3.00 ClosedByPolicy"], _store.Versions("S"));
    }

    [Fact]
    public void An_event_that_is_not_later_leaves_a_closed_session_closed()
    {
        _store.Run([.. Unended("S"), EventLines.Line("started", "other", Day + 30, 0)]);
        Assert.Equal(1, _store.Run(EventLines.Line("updated", "S", 20, 5000)).VersionsWritten);
        Assert.Equal(["1 final 2.50 ClosedByPolicy", "2 final 2.50 ClosedByPolicy"], _store.Versions("S"));
        Assert.Equal(["other"], _store.Open());
    }

    [Fact]
    public void A_reported_end_replaces_the_mark()
    {
        _store.Run([.. Unended("S"), EventLines.Line("started", "other", Day + 30, 0)]);
        _store.Run(EventLines.Line("ended", "S", 60, 11_000));
        Assert.Equal(["1 final 2.50 ClosedByPolicy", "2 final 5.00"], _store.Versions("S"));
        _store.Run(EventLines.Line("updated", "other", 2 * Day, 5));
        Assert.Equal(2, _store.Versions("S").Length);
    }

    public static TheoryData<double, string?, string?, bool> Followers => new()
    {
        { 30, "CP1", "1", true },
        { 29, "CP1", "1", false },
        { 31, "CP1", "2", false },
        { 31, "CP1", null, false },
        { 31, "CP2", "1", false },
        { 31, null, "1", false },
    };

    [Theory]
    [MemberData(nameof(Followers))]
    public void A_later_session_on_the_same_connector_closes_it(double starts, string? station, string? connector, bool closed)
    {
        _store.Run(Unended("S", ("station_id", "CP1"), ("connector_id", "1")));
        _store.Run(EventLines.Line("started", "next", starts, 0, [.. Stated(("station_id", station), ("connector_id", connector))]));
        Assert.Equal(closed ? ["1 final 2.50 ClosedByPolicy"] : [], _store.Versions("S"));
    }

    [Fact]
    public void Sessions_of_no_known_connector_do_not_close_each_other()
    {
        (string, object?)[] place = [("location_id", "L"), ("connector_id", "1")];
        _store.Run([.. Unended("S", place), EventLines.Line("started", "next", 40, 0, place)]);
        Assert.Equal(["S", "next"], _store.Open());
    }

    [Fact]
    public void A_session_is_open_again_once_its_follower_turns_out_to_have_started_before()
    {
        _store.Run([.. Unended("S", ("station_id", "CP1")), EventLines.Line("updated", "next", 35, 9000, ("station_id", "CP1"))]);
        Assert.Equal(["1 final 2.50 ClosedByPolicy"], _store.Versions("S"));
        _store.Run(EventLines.Line("started", "next", 10, 8000, ("station_id", "CP1")));
        Assert.Equal(["S", "next"], _store.Open());
        _store.Run(EventLines.Line("started", "third", 50, 9000, ("station_id", "CP1")));
        Assert.Equal(["1 final 2.50 ClosedByPolicy"], _store.Versions("S"));
        Assert.Equal(["third"], _store.Open());
    }

    [Fact]
    public void A_session_closed_by_its_follower_is_opened_by_a_later_event_until_the_policy_is_looked_at()
    {
        _store.Run([.. Unended("S", ("station_id", "CP1")), EventLines.Line("started", "next", 35, 9000, ("station_id", "CP1"))]);
        _store.Run(EventLines.Line("updated", "S", 34, 6100));
        Assert.Equal(["1 final 2.50 ClosedByPolicy", "2 final 2.55 ClosedByPolicy"], _store.Versions("S"));
        _store.Run(EventLines.Line("updated", "S", 50, 6200));
        Assert.Equal(["S", "next"], _store.Open());
    }

    // Half an hour, 5 kWh.
    private static string[] Unended(string id, params (string Name, object? Value)[] more) =>
        [EventLines.Line("started", id, 0, 1000, more), EventLines.Line("updated", id, 30, 6000)];

    private static IEnumerable<(string Name, object? Value)> Stated(params (string Name, object? Value)[] members) =>
        members.Where(member => member.Value is not null);
}
