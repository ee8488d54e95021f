using EvBilling.SystemTests.Processes;
using EvBilling.SystemTests.Servers;
using EvBilling.SystemTests.Support;
using Npgsql;

namespace EvBilling.SystemTests.Kafka;

/// <summary>A worker that is stopped in the midst of a commit, with rows locked, as where a machine is paused: its kernel goes on answering for it.</summary>
[Collection(nameof(Processes))]
public sealed class FrozenWorkersTests(SharedKafka kafka, SharedPostgres postgres, ITestOutputHelper output) : IDisposable
{
    private static readonly TimeSpan FindsOutWithin = TimeSpan.FromSeconds(3);

    private readonly Pipeline _pipeline = new(kafka.Broker, postgres.CreateDatabase(), 2);

    public void Dispose() => _pipeline.Dispose();

    /// <param name="table">A commit that waits for it goes on, when it is free, to: the wait for its worker's next statement; the wait for the rows of a COPY.</param>
    [Theory]
    [InlineData("counters")]
    [InlineData("sessions")]
    public void A_worker_frozen_within_a_commit_does_not_keep_its_successor_from_its_partitions(string table)
    {
        _pipeline.Scatter(EventLines.Session("A"), new Random(1));
        var sleeper = _pipeline.Follow();
        _pipeline.WaitUntilCommitted(3);
        using (var other = PostgresDatabases.Connect(_pipeline.Store))
        using (var transaction = other.BeginTransaction())
        {
            using var command = new NpgsqlCommand($"LOCK TABLE evbilling.{table} IN SHARE MODE", other, transaction);
            command.ExecuteNonQuery();
            _pipeline.Scatter(EventLines.Session("B"), new Random(1));
            _pipeline.WaitUntil(() => _pipeline.Query("SELECT 1 FROM pg_locks WHERE NOT granted").Count > 0, () => "no commit waits");
            sleeper.Signal(CliProcess.Stop);
        }
        _pipeline.WaitUntil(
            () => _pipeline.Query("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'ClientRead' AND backend_xid IS NOT NULL").Count > 0,
            () => "no commit waits for its worker");
        var successor = _pipeline.Follow();
        _pipeline.Scatter(EventLines.Session("C"), new Random(1));
        _pipeline.WaitUntilCommitted(9);
        sleeper.Signal(CliProcess.Continue);
        Thread.Sleep(FindsOutWithin);
        var end = _pipeline.Terminate(sleeper);
        output.WriteLine(end.Errors);
        output.WriteLine(_pipeline.Terminate(successor).Errors);
        Assert.Contains("evbilling[30]", end.Errors, StringComparison.Ordinal);
        Assert.Equal(["A", "B", "C"], _pipeline.Query("SELECT session_id FROM evbilling.cdrs ORDER BY 1"));
        _pipeline.AssertSound();
    }
}
