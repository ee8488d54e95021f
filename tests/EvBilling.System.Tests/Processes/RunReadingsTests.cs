using System.Text.Json;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Processes;

/// <summary>The real program: bills by other readings of OCPI than the default.</summary>
[Collection(nameof(Processes))]
public sealed class RunReadingsTests : IDisposable
{
    private readonly ProgramFixture _program = new();

    public void Dispose() => _program.Dispose();

    [Fact]
    public void A_reading_holds_for_the_store_until_a_run_names_another_and_bills_and_explanations_name_it()
    {
        var all = _program.Run(Events("first"), "--reading", "parking_states=all", "--reading", "step_total=all");
        Assert.True(all.ExitCode == 0, all.ToString());
        Assert.Equal(("""{"parking_states":"all","step_total":"all"}""", 600), Bill("first"));
        Assert.Contains("Rated by the reading parking_states=all", CliProcess.Run("explain", "--store", $"sqlite:{_program.Store}", "first").Output, StringComparison.Ordinal);

        // Told nothing, a run goes on as the store's bills are made, and says so.
        var kept = _program.Run(Events("second"));
        Assert.Contains("as an earlier run was told: parking_states=all step_total=all. To leave them, name a default one, such as --reading parking_states=driver.", kept.Errors, StringComparison.Ordinal);
        Assert.Equal(("""{"parking_states":"all","step_total":"all"}""", 600), Bill("second"));

        var own = _program.Run(Events("third"), "--reading", "parking_states=driver");
        Assert.Contains("This store's bills were made by the readings parking_states=all step_total=all; from now on they are made by EvBilling's own", own.Errors, StringComparison.Ordinal);
        Assert.Equal(("{}", 0), Bill("third"));
        // What is billed stays until its session changes.
        Assert.Equal(("""{"parking_states":"all","step_total":"all"}""", 600), Bill("first"));
        Assert.DoesNotContain("readings of OCPI", _program.Run(Events("fourth")).Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("parking_states=some", "--reading parking_states=some: some is no value of parking_states; it takes driver, all.")]
    [InlineData("parking=all", "--reading parking=all: There is no reading parking; there are clamp_vat")]
    public void A_reading_that_is_none_is_wrong_use_and_nothing_is_written(string reading, string says)
    {
        var end = _program.Run(Events("first"), "--reading", reading);
        Assert.True(end.ExitCode == 2, end.ToString());
        Assert.Contains(says, end.Errors, StringComparison.Ordinal);
        Assert.False(File.Exists(_program.Store));
    }

    // Half an hour of charging, then ten minutes in which the station gave nothing.
    private string Events(string session) => _program.Write($"{session}.jsonl", EventLines.Text(
        EventLines.Line("started", session, 0, 1000),
        EventLines.Line("updated", session, 30, 6000, ("charging_state", "SuspendedEVSE")),
        EventLines.Line("ended", session, 40, 6000, ("charging_state", "SuspendedEVSE"))));

    private (string Readings, int ParkingS) Bill(string session)
    {
        var end = CliProcess.Run("bills", "--store", $"sqlite:{_program.Store}", "--session", session);
        using var bill = JsonDocument.Parse(Assert.Single(end.Lines));
        return (bill.RootElement.GetProperty("rating_readings").GetRawText(), bill.RootElement.GetProperty("parking_s").GetInt32());
    }
}
