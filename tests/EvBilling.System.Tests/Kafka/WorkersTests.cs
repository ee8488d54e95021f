using EvBilling.Engine;
using EvBilling.Storage.Postgres;
using EvBilling.SystemTests.Processes;
using EvBilling.SystemTests.Servers;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Kafka;

/// <summary>Two workers of a group on a real broker and a real PostgreSQL, while processes are killed and servers started anew: every bill is exact.</summary>
[Collection(nameof(Processes))]
public sealed class WorkersTests(ITestOutputHelper output) : IDisposable
{
    private static readonly bool IsLong = Environment.GetEnvironmentVariable("EVBILLING_LONG") == "1";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly ProgramFixture _program = new();
    private readonly List<CliProcess> _workers = [];
    private KafkaBroker? _broker;
    private PostgresServer? _postgres;
    private string _store = "";
    private string _topic = "";

    public void Dispose()
    {
        _workers.ForEach(worker => worker.Dispose());
        _broker?.Dispose();
        _postgres?.Dispose();
        _program.Dispose();
    }

    [Fact]
    public void Kills_of_workers_and_restarts_of_broker_and_database_change_no_bill()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        StartServers();
        var lines = WriteFleet(seed % 1000, IsLong ? 400 : 60);
        var expected = ExpectedBills();
        StartWorker();
        StartWorker();
        var kills = IsLong ? 6 : 1;
        var steps = kills + 2;
        for (var step = 0; step < steps; step++)
        {
            Produce(lines, step, steps, random);
            if (step == steps / 2)
            {
                output.WriteLine($"{DateTime.UtcNow:HH:mm:ss.fff} the database is restarted");
                _postgres!.Restart(PostgresStop.Immediate);
            }
            else if (step == (steps / 2) + 1)
            {
                output.WriteLine($"{DateTime.UtcNow:HH:mm:ss.fff} the broker is restarted");
                _broker!.Stop();
                _broker.Start();
            }
            else
            {
                Thread.Sleep(random.Next(100, 2500));
                var victim = random.Next(_workers.Count);
                output.WriteLine($"{DateTime.UtcNow:HH:mm:ss.fff} worker {victim} is killed");
                _workers[victim].Signal(CliProcess.Kill);
                output.WriteLine(_workers[victim].End().Errors);
                _workers.RemoveAt(victim);
                StartWorker();
            }
        }
        WaitUntilRead(lines.Length);
        EndWorkers();
        // Nothing is left to read; the close policy is looked at.
        var last = CliProcess.Run(Arguments());
        Assert.True(last.ExitCode == 0, last.ToString());
        Assert.Equal(expected, Bills());
    }

    /// <summary>One that is stopped for so long that another takes its partitions over cannot commit what it had read; it starts again and goes on.</summary>
    [Fact]
    public void A_worker_that_was_thought_dead_commits_nothing_over_its_successor()
    {
        StartServers();
        var lines = WriteFleet(7, 40);
        var expected = ExpectedBills();
        StartWorker();
        Produce(lines, 0, 20, new Random(1));
        WaitUntilRead(lines.Length / 20);
        var sleeper = _workers[0];
        // It is stopped while records flow to it: some are read, and not committed.
        var flow = new Thread(() =>
        {
            for (var part = 1; part < 20; part++)
            {
                Produce(lines, part, 20, new Random(part));
                Thread.Sleep(30);
            }
        });
        flow.Start();
        Thread.Sleep(200);
        sleeper.Signal(CliProcess.Stop);
        StartWorker();
        flow.Join();
        WaitUntilRead(lines.Length);
        sleeper.Signal(CliProcess.Continue);
        // Time to find out, and to start again.
        Thread.Sleep(3000);
        var ends = EndWorkers();
        Assert.True(ends[0].Errors.Contains("evbilling[30]", StringComparison.Ordinal), "it was not taken for dead");
        var last = CliProcess.Run(Arguments());
        Assert.True(last.ExitCode == 0, last.ToString());
        Assert.Equal(expected, Bills());
    }

    private List<CliEnd> EndWorkers()
    {
        var ends = new List<CliEnd>();
        foreach (var worker in _workers)
        {
            worker.Signal(CliProcess.Terminate);
            ends.Add(worker.End());
            output.WriteLine(ends[^1].Errors);
            Assert.True(ends[^1].ExitCode == 0, ends[^1].ToString());
        }
        _workers.Clear();
        return ends;
    }

    private void StartServers()
    {
        _broker = KafkaBroker.StartNew();
        _postgres = PostgresServer.StartNew();
        _store = _postgres.CreateDatabase();
        _topic = _broker.CreateTopic(4);
    }

    private string[] WriteFleet(long seed, int stations)
    {
        var fleet = SimulatedFleet.Create(seed, stations, 48);
        _program.UseTariffs(fleet.Tariffs);
        _program.Write("locations.json", fleet.Locations);
        _program.Write("events.jsonl", string.Join('\n', fleet.Lines) + "\n");
        output.WriteLine($"{fleet.Lines.Length} events");
        return fleet.Lines;
    }

    private string[] ExpectedBills()
    {
        var end = _program.Run(_program.Path("events.jsonl"), "--locations", _program.Path("locations.json"));
        Assert.True(end.ExitCode == 0, end.ToString());
        return _program.Bills();
    }

    private string[] Arguments(params string[] more) =>
    [
        "run", "--events", $"kafka://{_broker!.BootstrapServers}/{_topic}", "--tariffs", _program.Tariffs, "--default-tariff", "T", "--locations", _program.Path("locations.json"),
        "--store", _store, .. more,
    ];

    private void StartWorker() => _workers.Add(CliProcess.Start(Arguments("--follow", "--log-level", "debug")));

    // A part of the events. Every third session comes from two producers that disagree about its partition.
    private void Produce(string[] lines, int part, int parts, Random random)
    {
        var from = (int)((long)lines.Length * part / parts);
        var to = (int)((long)lines.Length * (part + 1) / parts);
        _broker!.Produce(_topic, lines[from..to].Select(line =>
        {
            var key = line.Split("\"session_id\":\"")[1].Split('"')[0];
            return new KafkaDraft(line, key, key.GetHashCode(StringComparison.Ordinal) % 3 == 0 ? random.Next(4) : null);
        }));
    }

    private void WaitUntilRead(long records)
    {
        var until = DateTime.UtcNow + Patience;
        var read = -1L;
        while (read < records)
        {
            Assert.True(DateTime.UtcNow < until, $"{read} of {records} records are committed\n{string.Join('\n', _workers.Select(worker => worker.HasExited))}");
            Assert.All(_workers, worker => Assert.False(worker.HasExited, worker.HasExited ? worker.End().ToString() : ""));
            Thread.Sleep(200);
            try
            {
                using var store = PostgresBillStore.OpenToRead(PostgresTarget.Parse(_store, new Dictionary<string, string>()), TimeProvider.System);
                read = store.ReadPositions().Sum(position => position.NextOffset);
            }
            catch (BillStoreException)
            {
                // Just being started.
            }
        }
    }

    private string[] Bills() => ProgramFixture.Bills(CliProcess.Run("bills", "--store", _store));
}
