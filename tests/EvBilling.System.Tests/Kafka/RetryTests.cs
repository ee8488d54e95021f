using EvBilling.SystemTests.Processes;
using EvBilling.SystemTests.Servers;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Kafka;

/// <summary><c>dead-letter --retry</c> on a store that workers write.</summary>
[Collection(nameof(Processes))]
public sealed class RetryTests(SharedKafka kafka, SharedPostgres postgres, ITestOutputHelper output) : IDisposable
{
    private const int Letters = 300;

    // The store's own work: as if a newer program understood what an older one refused.
    private const string MakeAcceptable =
        "UPDATE evbilling.dead_letters SET bytes = convert_to(format('{\"type\":\"completed\",\"session_id\":\"DL-%s\",\"started_at\":\"2026-01-05T10:00:00Z\","
        + "\"ended_at\":\"2026-01-05T11:00:00Z\",\"energy_wh\":1000,\"tariff_id\":\"T\"}', number), 'UTF8') WHERE number % 3 <> 0";

    private readonly Pipeline _pipeline = new(kafka.Broker, postgres.CreateDatabase(), 4);

    public void Dispose() => _pipeline.Dispose();

    [Fact]
    public void Refused_events_put_through_again_beside_workers_are_billed_once()
    {
        var fleet = SimulatedFleet.Create(11, 60);
        _pipeline.Program.UseTariffs(fleet.Tariffs);
        var expected = _pipeline.ExpectedBills(fleet.Lines);
        var workers = new[] { _pipeline.Follow(), _pipeline.Follow() };
        _pipeline.WaitUntil(() => _pipeline.Owners() == 2, () => "the second worker has no partition");
        _pipeline.Scatter(Enumerable.Range(0, Letters).Select(number => $"bad {number}"), new Random(1));
        _pipeline.WaitUntilCommitted(Letters);
        var half = fleet.Lines.Length / 2;
        _pipeline.Scatter(fleet.Lines[..half], new Random(2));
        _pipeline.Execute(MakeAcceptable);
        var retries = Enumerable.Range(0, 3).Select(_ => CliProcess.Start("dead-letter", "--store", _pipeline.Store, "--retry")).ToList();
        _pipeline.Scatter(fleet.Lines[half..], new Random(3));
        var ends = retries.Select(retry => retry.End()).ToList();
        retries.ForEach(retry => retry.Dispose());
        ends.ForEach(end => output.WriteLine(end.ToString()));
        _pipeline.WaitUntilCommitted(Letters + fleet.Lines.Length);
        Array.ForEach(workers, worker => output.WriteLine(_pipeline.Terminate(worker).Errors));
        _pipeline.Run();

        Assert.All(ends, end => Assert.True(end.ExitCode == 0, end.ToString()));
        Assert.Equal([$"{Letters / 3}"], _pipeline.Query("SELECT count(*) FROM evbilling.dead_letters"));
        Assert.Equal([$"{Letters * 2 / 3}|1"], _pipeline.Query("SELECT count(DISTINCT session_id), max(version) FROM evbilling.bills WHERE session_id LIKE 'DL-%'"));
        Assert.Equal(expected, _pipeline.Bills().Where(bill => !bill.StartsWith("session_id:\"DL-", StringComparison.Ordinal)));
        _pipeline.AssertSound();
    }
}
