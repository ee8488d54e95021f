using EvBilling.SystemTests.Processes;
using EvBilling.SystemTests.Servers;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Kafka;

/// <summary>A database that is in the way of workers: connections that end at any moment, locks of others, a time without writes.</summary>
[Collection(nameof(Processes))]
public sealed class DisturbedWorkersTests(SharedKafka kafka, SharedPostgres postgres, ITestOutputHelper output) : IDisposable
{
    private const string EndConnections =
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND random() < 0.5";

    private static readonly bool IsLong = Environment.GetEnvironmentVariable("EVBILLING_LONG") == "1";
    private static readonly TimeSpan StopsWithin = TimeSpan.FromSeconds(5);

    private readonly Pipeline _pipeline = new(kafka.Broker, postgres.CreateDatabase(), 4);

    public void Dispose() => _pipeline.Dispose();

    [Fact]
    public void Connections_that_end_at_any_moment_change_no_bill()
    {
        var seed = Random.Shared.Next(100_000);
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var fleet = SimulatedFleet.Create(seed, IsLong ? 100 : 30);
        _pipeline.Program.UseTariffs(fleet.Tariffs);
        var expected = _pipeline.ExpectedBills(fleet.Lines);
        _pipeline.Follow();
        _pipeline.Follow();
        var parts = IsLong ? 40 : 12;
        for (var part = 0; part < parts; part++)
        {
            _pipeline.Scatter(fleet.Lines[(fleet.Lines.Length * part / parts)..(fleet.Lines.Length * (part + 1) / parts)], random);
            Thread.Sleep(random.Next(400));
            _pipeline.Query(EndConnections);
        }
        _pipeline.WaitUntilCommitted(fleet.Lines.Length);
        foreach (var worker in _pipeline.Workers.ToList())
        {
            output.WriteLine(_pipeline.Terminate(worker).Errors);
        }
        _pipeline.Run();
        Assert.Equal(expected, _pipeline.Bills());
        _pipeline.AssertSound();
    }

    [Fact]
    public void A_worker_whose_commit_waits_for_another_programs_lock_stops_in_time_and_leaves_nothing_half_written()
    {
        _pipeline.Scatter(EventLines.Session("A"), new Random(1));
        var worker = _pipeline.Follow();
        _pipeline.WaitUntilCommitted(3);
        using (var other = PostgresDatabases.Connect(_pipeline.Store))
        using (var transaction = other.BeginTransaction())
        {
            using var command = new Npgsql.NpgsqlCommand("LOCK TABLE evbilling.sessions IN EXCLUSIVE MODE", other, transaction);
            command.ExecuteNonQuery();
            _pipeline.Scatter(EventLines.Session("B"), new Random(1));
            _pipeline.WaitUntil(() => _pipeline.Query("SELECT 1 FROM pg_locks WHERE NOT granted").Count > 0, () => "no commit waits");
            worker.Signal(CliProcess.Terminate);
            Assert.True(worker.WaitForEnd(StopsWithin), "the worker does not stop");
        }
        var end = _pipeline.End(worker);
        Assert.True(end.ExitCode == 0, end.ToString());
        output.WriteLine(end.Errors);
        _pipeline.Run();
        Assert.Equal(["A", "B"], _pipeline.Query("SELECT session_id FROM evbilling.cdrs ORDER BY 1"));
        _pipeline.AssertSound();
    }

    [Fact]
    public void A_worker_that_waits_for_a_server_that_accepts_and_never_answers_stops_in_time()
    {
        using var silent = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        silent.Start();
        var port = ((System.Net.IPEndPoint)silent.LocalEndpoint).Port;
        string[] tariffs = ["--tariffs", _pipeline.Program.Tariffs];
        var workers = new[]
        {
            CliProcess.Start(["run", "--follow", "--events", $"kafka://127.0.0.1:{port}/t", "--store", _pipeline.Store, .. tariffs]),
            CliProcess.Start(["run", "--events", $"kafka://127.0.0.1:{port}/t", "--store", _pipeline.Store, .. tariffs]),
            CliProcess.Start(["run", "--follow", "--events", $"kafka://{kafka.Broker.BootstrapServers}/t", "--store", $"postgres://a@127.0.0.1:{port}/b", .. tariffs]),
        };
        Thread.Sleep(2000);
        Assert.All(workers, worker => Assert.False(worker.HasExited, "it does not wait"));
        Assert.All(workers, worker => worker.Signal(CliProcess.Terminate));
        Assert.All(workers, worker => Assert.True(worker.WaitForEnd(StopsWithin), "it does not stop"));
        foreach (var worker in workers)
        {
            var end = worker.End();
            Assert.True(end.ExitCode == 0, end.ToString());
            worker.Dispose();
        }
    }

    [Fact]
    public void A_database_that_takes_no_writes_for_a_while_is_said_and_waited_for()
    {
        _pipeline.Scatter(EventLines.Session("A"), new Random(1));
        var worker = _pipeline.Follow();
        _pipeline.WaitUntilCommitted(3);
        var database = _pipeline.Query("SELECT current_database()").Single();
        _pipeline.Execute($"ALTER DATABASE {database} SET default_transaction_read_only = on");
        _pipeline.Query(EndConnections.Replace("AND random() < 0.5", "", StringComparison.Ordinal));
        _pipeline.Scatter(EventLines.Session("B"), new Random(1));
        Thread.Sleep(3000);
        Assert.Equal(3, _pipeline.Committed());
        PostgresDatabases.Execute(postgres.Server.Uri("postgres"), $"ALTER DATABASE {database} RESET default_transaction_read_only");
        _pipeline.WaitUntilCommitted(6);
        Assert.Contains("takes no writes", _pipeline.Terminate(worker).Errors, StringComparison.Ordinal);
        Assert.Equal(["A", "B"], _pipeline.Query("SELECT session_id FROM evbilling.cdrs ORDER BY 1"));
        _pipeline.AssertSound();
    }

    /// <summary>While new tariffs are rolled out, workers with old and new ones are at work together.</summary>
    [Fact]
    public void A_worker_that_began_with_older_tariffs_does_not_take_back_what_newer_ones_billed()
    {
        _pipeline.DefaultTariff = "NEW";
        var lines = EventLines.Session("S");
        kafka.Broker.Produce(_pipeline.Topic, 0, lines);
        var older = _pipeline.Follow();
        _pipeline.WaitUntilCommitted(3);
        Assert.Equal(["held"], _pipeline.Query("SELECT status FROM evbilling.bills"));
        _pipeline.Program.UseTariffs(TariffTexts.List(TariffTexts.Energy("NEW", 1m)));
        // It has nothing to read, but bills anew what was held.
        var newer = CliProcess.Run("run", "--events", _pipeline.Program.Write("empty.jsonl", ""), "--tariffs", _pipeline.Program.Tariffs, "--default-tariff", "NEW", "--store", _pipeline.Store);
        Assert.True(newer.ExitCode == 0, newer.ToString());
        Assert.Equal(["held", "final"], _pipeline.Query("SELECT status FROM evbilling.bills ORDER BY version"));
        // A late event for the older worker, which still has the session in memory.
        kafka.Broker.Produce(_pipeline.Topic, 0, EventLines.Line("updated", "S", 45, 9000));
        _pipeline.WaitUntilCommitted(4);
        output.WriteLine(_pipeline.Terminate(older).Errors);
        Assert.Equal(["S|final"], _pipeline.Query("SELECT DISTINCT ON (session_id) session_id, status FROM evbilling.bills ORDER BY session_id, version DESC"));
        _pipeline.AssertSound();
    }
}
