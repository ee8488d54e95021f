using EvBilling.Engine;
using EvBilling.Storage.Postgres;
using EvBilling.SystemTests.Processes;
using EvBilling.SystemTests.Servers;
using Npgsql;

namespace EvBilling.SystemTests.Kafka;

/// <summary>The whole way on real servers: a topic, worker processes, a database; and what must hold in the database whatever happened on the way.</summary>
internal sealed class Pipeline(KafkaBroker broker, string store, int partitions) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly List<CliProcess> _workers = [];

    public ProgramFixture Program { get; } = new();

    public string Store { get; } = store;

    public string DefaultTariff { get; set; } = "T";

    public string Topic { get; set; } = broker.CreateTopic(partitions);

    public IReadOnlyList<CliProcess> Workers => _workers;

    public void Dispose()
    {
        _workers.ForEach(worker => worker.Dispose());
        Program.Dispose();
    }

    /// <summary>The words of a run from the topic into the database.</summary>
    public string[] Arguments(params string[] more) =>
    [
        "run", "--events", $"kafka://{broker.BootstrapServers}/{Topic}", "--tariffs", Program.Tariffs, "--default-tariff", DefaultTariff, "--store", Store, .. more,
    ];

    /// <summary>A run to the end of what is there.</summary>
    public CliEnd Run(params string[] more)
    {
        var end = CliProcess.Run(Arguments(["--json", .. more]));
        Assert.True(end.ExitCode == 0, end.ToString());
        return end;
    }

    public CliProcess Start(params string[] more)
    {
        _workers.Add(CliProcess.Start(Arguments(more)));
        return _workers[^1];
    }

    public CliProcess Follow(params string[] more) => Start(["--follow", "--log-level", "debug", .. more]);

    /// <summary>Ends a worker as an orchestrator does; it must end well.</summary>
    public CliEnd Terminate(CliProcess worker)
    {
        worker.Signal(CliProcess.Terminate);
        var end = End(worker);
        Assert.True(end.ExitCode == 0, end.ToString());
        return end;
    }

    public void Kill(CliProcess worker)
    {
        worker.Signal(CliProcess.Kill);
        End(worker);
    }

    public CliEnd End(CliProcess worker)
    {
        var end = worker.End();
        _workers.Remove(worker);
        worker.Dispose();
        return end;
    }

    /// <summary>Writes lines to partitions by lot, without regard to sessions.</summary>
    public void Scatter(IEnumerable<string> lines, Random random) =>
        broker.Produce(Topic, lines.Select(line => new KafkaDraft(line, $"\u0001{random.Next()}", random.Next(partitions))));

    /// <summary>The bills of a run of the same lines as a file into a file: what every other way must come to.</summary>
    public string[] ExpectedBills(IEnumerable<string> lines, params string[] more)
    {
        var file = Program.Write($"{Guid.NewGuid():N}.jsonl", string.Join('\n', lines) + "\n");
        var expected = Program.Path($"{Guid.NewGuid():N}.db");
        var end = CliProcess.Run(Program.RunInto(expected, file, more));
        Assert.True(end.ExitCode == 0, end.ToString());
        return Program.Bills(expected);
    }

    public string[] Bills() => ProgramFixture.Bills(CliProcess.Run("bills", "--store", Store));

    public List<string> Query(string sql) => PostgresDatabases.Query(Store, sql);

    public void Execute(string sql) => PostgresDatabases.Execute(Store, sql);

    public long Committed()
    {
        try
        {
            using var opened = PostgresBillStore.OpenToRead(PostgresTarget.Parse(Store, new Dictionary<string, string>()), TimeProvider.System);
            return opened.ReadPositions().Sum(position => position.NextOffset);
        }
        catch (BillStoreException)
        {
            // Just being made, or started.
            return -1;
        }
    }

    /// <summary>How many workers have partitions.</summary>
    public int Owners()
    {
        try
        {
            return int.Parse(Query("SELECT count(DISTINCT owner) FROM evbilling.positions").Single());
        }
        catch (PostgresException)
        {
            // Just being made.
            return 0;
        }
    }

    public void WaitUntilCommitted(long records) => WaitUntil(() => Committed() >= records, () => $"{Committed()} of {records} records are committed");

    public void WaitUntil(Func<bool> condition, Func<string> told)
    {
        var until = DateTime.UtcNow + Patience;
        while (!condition())
        {
            var ended = _workers.FirstOrDefault(worker => worker.HasExited);
            Assert.True(ended is null, ended?.HasExited == true ? ended.End().ToString() : "");
            Assert.True(DateTime.UtcNow < until, told());
            Thread.Sleep(100);
        }
    }

    /// <summary>What holds of tables at any time: counters, versions without gaps, rows that name their newest version, no record refused twice.</summary>
    public void AssertSound()
    {
        Assert.Equal(
            Query("SELECT count(*), count(*) FILTER (WHERE bill_status = 1), count(*) FILTER (WHERE bill_status = 2), count(*) FILTER (WHERE bill_status = 3) FROM evbilling.sessions"),
            Query("SELECT coalesce(sum(sessions), 0), coalesce(sum(final), 0), coalesce(sum(held), 0), coalesce(sum(void), 0) FROM evbilling.counters"));
        Assert.Equal([], Query(
            "SELECT s.session_id, s.version, count(b.version), max(b.version) FROM evbilling.sessions AS s LEFT JOIN evbilling.bills AS b USING (session_id) "
            + "GROUP BY s.session_id, s.version HAVING s.version <> count(b.version) OR s.version <> coalesce(max(b.version), 0)"));
        Assert.Equal([], Query("SELECT session_id FROM evbilling.bills EXCEPT SELECT session_id FROM evbilling.sessions"));
        Assert.Equal([], Query("SELECT source, partition, position, count(*) FROM evbilling.dead_letters GROUP BY 1, 2, 3 HAVING count(*) > 1"));
        Assert.Equal([], Query("SELECT b.session_id, b.version FROM evbilling.bills AS b WHERE b.supersedes IS DISTINCT FROM nullif(b.version - 1, 0)"));
    }
}
