using EvBilling.SystemTests.Servers;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Processes;

/// <summary>A session that the store does not know is told, whichever verb asks and whichever store it is.</summary>
[Collection(nameof(Processes))]
public sealed class UnknownSessionTests(SharedPostgres postgres) : IDisposable
{
    private readonly ProgramFixture _program = new();

    public void Dispose() => _program.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void One_that_the_store_does_not_know_is_wrong_use_and_one_without_a_bill_is_not(bool isPostgres)
    {
        var store = isPostgres ? postgres.CreateDatabase() : $"sqlite:{_program.Store}";
        var events = _program.Write("e.jsonl", EventLines.Text([.. EventLines.Session("final"), EventLines.Line("started", "open", 60, 5)]));
        var run = CliProcess.Run("run", "--events", events, "--tariffs", _program.Tariffs, "--default-tariff", "T", "--store", store);
        Assert.True(run.ExitCode == 0, run.ToString());
        string[][] asking = [["bills", "--session", "nope"], ["bills", "--session", "nope", "--as", "csv"], ["bills", "--session", "nope", "--as", "ocpi"], ["explain", "nope"]];
        Assert.All(asking, words =>
        {
            var end = CliProcess.Run([.. words, "--store", store]);
            Assert.True(end is { ExitCode: 2, Output: "" }, end.ToString());
            Assert.Contains("has no session nope; `evbilling bills --store ", Assert.Single(end.Errors.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);
        });
        Assert.All((string[])["final", "open"], session =>
        {
            var end = CliProcess.Run("bills", "--session", session, "--store", store);
            Assert.True(end is { ExitCode: 0, Errors: "", Lines.Length: 1 }, end.ToString());
        });
        var open = CliProcess.Run("bills", "--session", "open", "--as", "ocpi", "--store", store);
        Assert.True(open is { ExitCode: 0, Output: "", Errors: "" }, open.ToString());
    }
}
