using System.Globalization;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Processes;

/// <summary>Full disks, several runs at once, input that wants much memory.</summary>
[Collection(nameof(Processes))]
public sealed class AdversityTests : IDisposable
{
    private const long RssMax = 300_000_000;

    private readonly ProgramFixture _program = new();

    public void Dispose() => _program.Dispose();

    // The store needs about 1 MB for these events: at the smaller sizes it cannot even be made.
    [Theory]
    [InlineData(40)]
    [InlineData(200)]
    [InlineData(400)]
    public void A_full_disk_is_told_and_with_space_the_same_command_completes(int kib)
    {
        var fleet = SimulatedFleet.Create(3, 40);
        _program.UseTariffs(fleet.Tariffs);
        var events = _program.Write("e.jsonl", EventLines.Text(fleet.Lines));
        Assert.Equal(0, _program.Run(events).ExitCode);
        using var disk = SmallDisk.Mount(_program.Path("small"), kib);
        var store = Path.Combine(disk.Path, "bills.db");
        var end = CliProcess.Run(_program.RunInto(store, events));
        Assert.True(end.ExitCode == 1, end.ToString());
        Assert.DoesNotContain("   at ", end.Errors, StringComparison.Ordinal);
        Assert.Matches("the disk is full|look at the disk", Assert.Single(end.Errors.TrimEnd('\n').Split('\n')));
        disk.Resize(20_000);
        end = CliProcess.Run(_program.RunInto(store, events));
        Assert.True(end.ExitCode == 0, end.ToString());
        Assert.Equal(_program.Bills(), _program.Bills(store));
    }

    [Fact]
    public void Of_several_runs_at_once_the_last_one_goes_on_and_the_bills_are_right()
    {
        var fleet = SimulatedFleet.Create(3, 300);
        _program.UseTariffs(fleet.Tariffs);
        var events = _program.Write("e.jsonl", EventLines.Text(fleet.Lines));
        var alone = _program.Path("alone.db");
        Assert.Equal(0, CliProcess.Run(_program.RunInto(alone, events)).ExitCode);
        var runs = Enumerable.Range(0, 3).Select(_ => CliProcess.Start(_program.RunArguments(events))).ToList();
        var ends = runs.Select(run => run.End()).ToList();
        runs.ForEach(run => run.Dispose());
        Assert.Contains(ends, end => end.ExitCode == 0);
        Assert.All(ends.Where(end => end.ExitCode != 0), end =>
        {
            Assert.True(end.ExitCode == 1, end.ToString());
            Assert.DoesNotContain("   at ", end.Errors, StringComparison.Ordinal);
            var told = Assert.Single(end.Errors.Split('\n'), line => line.StartsWith("evbilling: ", StringComparison.Ordinal));
            Assert.Matches("Another run has begun to write|locked by another program", told);
        });
        Assert.Equal(0, _program.Run(events).ExitCode);
        Assert.Equal(_program.Bills(alone), _program.Bills());
    }

    [Fact]
    public void Memory_is_bounded_with_ten_thousand_open_sessions()
    {
        var events = _program.Path("e.jsonl");
        using (var file = new StreamWriter(events))
        {
            for (var minute = 0; minute < 30; minute++)
            {
                for (var session = 0; session < 10_000; session++)
                {
                    file.Write(EventLine(session, minute));
                }
            }
        }
        var end = _program.Run(events);
        Assert.True(end.ExitCode == 0, end.ToString());
        Assert.Contains("\"bills_open\":10000", end.Output, StringComparison.Ordinal);
        Assert.InRange(end.PeakRssBytes, 1, RssMax);
    }

    public static TheoryData<string, int> Greedy => new() { { "", 500_000 }, { "{}", 500_000 } };

    [Theory]
    [MemberData(nameof(Greedy))]
    public void Memory_is_bounded_however_short_the_lines_and_however_many_are_refused(string line, int times)
    {
        var events = _program.Path("greedy.jsonl");
        using (var file = new StreamWriter(events))
        {
            for (var i = 0; i < times; i++)
            {
                file.Write(line + "\n");
            }
            file.Write(EventLines.Text(EventLines.Session("S")));
        }
        AssertBounded(_program.Run(events));
    }

    [Fact]
    public void Memory_is_bounded_however_long_a_line_is()
    {
        var events = _program.Write("greedy.jsonl", EventLines.Text(EventLines.Session("S")));
        using (var file = File.OpenWrite(events))
        {
            // A hole: 200 MB of zeros without a line's end, that take no disk.
            file.SetLength(200_000_000);
        }
        AssertBounded(_program.Run(events));
        Assert.Equal("TooLarge", Assert.Single(_program.DeadLetters()).GetProperty("reason").GetString());
    }

    private void AssertBounded(CliEnd end)
    {
        Assert.True(end.ExitCode == 0, end.ToString());
        Assert.Single(_program.Bills());
        Assert.True(end.PeakRssBytes is > 0 and < RssMax, $"{end.PeakRssBytes / 1_000_000} MB");
    }

    private static string EventLine(int session, int minute) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"type":"updated","event_id":"{{session}}-{{minute}}","session_id":"S-{{session}}","timestamp":"{{EventLines.Time(minute)}}","meter_wh":{{minute}}}""")
        + "\n";
}
