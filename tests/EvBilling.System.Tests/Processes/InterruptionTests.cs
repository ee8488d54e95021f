using System.Diagnostics;
using EvBilling.Engine;
using EvBilling.Simulator;
using EvBilling.Storage.Sqlite;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Processes;

/// <summary>A run that is stopped or killed at any moment is gone on with by the same command, and ends with the same bills.</summary>
[Collection(nameof(Processes))]
public sealed class InterruptionTests(ITestOutputHelper output) : IDisposable
{
    private static readonly bool IsLong = Environment.GetEnvironmentVariable("EVBILLING_LONG") == "1";

    private readonly ProgramFixture _program = new();

    public void Dispose() => _program.Dispose();

    [Fact]
    public void A_stopped_run_commits_ends_well_and_is_gone_on_with()
    {
        var events = IsLong ? Simulate(3_000, 336) : Simulate(1_000, 24);
        var undisturbed = Undisturbed(events).Bills;
        foreach (var signal in new[] { CliProcess.Terminate, CliProcess.Interrupt })
        {
            using var process = CliProcess.Start(_program.RunArguments(events));
            // In the short run it is stopped before its first commit, in the long one after it.
            WaitFor(process, store => IsLong ? store.ReadPositions().Count > 0 : store.ReadOptions() is not null);
            var stopped = Stopwatch.GetTimestamp();
            process.Signal(signal);
            Assert.True(process.WaitForEnd(TimeSpan.FromSeconds(20)), "it does not end");
            // The contract's own bound, not one of speed.
            Assert.InRange(Stopwatch.GetElapsedTime(stopped), TimeSpan.Zero, TimeSpan.FromSeconds(5));
            var end = process.End();
            Assert.True(end.ExitCode == 0, end.ToString());
            Assert.Contains("Stopped", end.Errors, StringComparison.Ordinal);
            Assert.Equal(0, _program.Run(events).ExitCode);
            Assert.Equal(undisturbed, _program.Bills());
            DeleteStore();
        }
    }

    [Theory]
    [InlineData(CliProcess.Terminate)]
    [InlineData(CliProcess.Interrupt)]
    public void A_run_that_waits_for_standard_input_can_be_stopped(int signal)
    {
        using var process = CliProcess.Start(_program.RunArguments("-"));
        process.Input.Write(System.Text.Encoding.UTF8.GetBytes(EventLines.Text(EventLines.Session("S"))));
        process.Input.Flush();
        WaitFor(process, store => store.ReadOptions() is not null);
        // Time to take the events and to wait for more; nothing outside tells when it does.
        Thread.Sleep(1000);
        process.Signal(signal);
        Assert.True(process.WaitForEnd(TimeSpan.FromSeconds(5)), "it waits for more input");
        var end = process.End();
        Assert.True(end.ExitCode == 0, end.ToString());
    }

    [Fact]
    public void A_killed_run_is_gone_on_with_and_gives_the_same_bills()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var events = IsLong ? Simulate(3_000, 112) : Simulate(1_000, 66);
        var (bills, letters, took) = Undisturbed(events);
        output.WriteLine($"{bills.Length} bills, {letters.Length} dead letters, {took.TotalSeconds:0.0} s undisturbed");
        for (var kill = 0; kill < (IsLong ? 20 : 2);)
        {
            using var process = CliProcess.Start(_program.RunArguments(events));
            // From the start of the process on: also while the store is made, opened, or nothing is left to do.
            var after = TimeSpan.FromSeconds(0.05 + (random.NextDouble() * took.TotalSeconds));
            if (process.WaitForEnd(after))
            {
                // It was done before its moment came: all over again, so that each kill meets a run.
                Assert.Equal(bills, _program.Bills());
                DeleteStore();
                continue;
            }
            process.Signal(CliProcess.Kill);
            process.End();
            kill++;
        }
        Assert.Equal(0, _program.Run(events).ExitCode);
        Assert.Equal(bills, _program.Bills());
        Assert.Equal(letters, Letters());
    }

    private string Simulate(int stations, int hours)
    {
        var fleet = new FleetSimulation(new SimulationOptions
        {
            Stations = stations,
            Hours = hours,
            Seed = 11,
            Faults = FaultProfile.Field,
            StateTariffs = true,
        });
        _program.UseTariffs(System.Text.Encoding.UTF8.GetString(fleet.TariffsJson()));
        using (var file = File.Create(_program.Path("fleet.jsonl")))
        {
            var summary = fleet.WriteEvents(file);
            output.WriteLine($"{summary.Events} events");
        }
        // A bad line here and there.
        var lines = 0;
        using var to = new StreamWriter(_program.Path("events.jsonl"));
        foreach (var line in File.ReadLines(_program.Path("fleet.jsonl")))
        {
            to.WriteLine(line);
            if (++lines % 1000 == 0)
            {
                to.WriteLine("bad line");
            }
        }
        return _program.Path("events.jsonl");
    }

    private (string[] Bills, string[] Letters, TimeSpan Took) Undisturbed(string events)
    {
        var started = Stopwatch.GetTimestamp();
        var end = _program.Run(events);
        var took = Stopwatch.GetElapsedTime(started);
        Assert.True(end.ExitCode == 0, end.ToString());
        var (bills, letters) = (_program.Bills(), Letters());
        Assert.NotEmpty(letters);
        DeleteStore();
        return (bills, letters, took);
    }

    private string[] Letters() =>
        [.. _program.DeadLetters().Select(letter => $"{letter.GetProperty("position")} {letter.GetProperty("reason")} {letter.GetProperty("text")}")];

    private void DeleteStore()
    {
        foreach (var file in Directory.GetFiles(_program.Folder, "bills.db*"))
        {
            File.Delete(file);
        }
    }

    private void WaitFor(CliProcess process, Func<IBillStore, bool> happened)
    {
        while (!Look(happened))
        {
            Assert.False(process.HasExited, "it ended by itself");
            Thread.Sleep(5);
        }
    }

    private bool Look(Func<IBillStore, bool> happened)
    {
        try
        {
            using var store = SqliteBillStore.OpenToRead(_program.Store, TimeProvider.System);
            return happened(store);
        }
        catch (BillStoreException)
        {
            // It is not there yet, or is just being made.
            return false;
        }
    }
}
