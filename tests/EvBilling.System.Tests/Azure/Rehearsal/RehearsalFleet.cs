using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using EvBilling.SystemTests.Functions;
using EvBilling.SystemTests.Kafka;
using EvBilling.SystemTests.Kubernetes;
using EvBilling.SystemTests.Postgres;
using EvBilling.SystemTests.Servers;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Azure.Rehearsal;

/// <summary>What a charging day works on: a fleet of its own on the API server, the Function's process in front of it, a topic and a store; and both ends can be cut off.</summary>
internal sealed class RehearsalFleet : IDisposable
{
    /// <summary>The day that the events are of.</summary>
    public const string Day = "2026-01-05";

    public const string ReaderPassword = "p";

    private const string Reader = "rehearsal_factory";
    private const int Partitions = 4;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly SimulatedFleet Simulated = SimulatedFleet.Create(7);
    private static readonly Lock Making = new();
    private static (string Topic, string Database)? _billed;

    private readonly KubeCluster _cluster;
    private readonly FunctionProcess _function;
    private readonly LocalIssuer _issuer = new();
    private readonly FactoryTemplate _template = FactoryTemplate.Instance;

    private RehearsalFleet(KubeCluster cluster, Pipeline billing)
    {
        (_cluster, Billing) = (cluster, billing);
        Billing.Program.UseTariffs(Simulated.Tariffs);
        Space = cluster.NewFleet(replicas: 0);
        ApiServer = new Relay(cluster.Port);
        _function = FunctionProcess.Start(cluster, Space, [("SERVER", $"https://127.0.0.1:{ApiServer.Port}"), .. _issuer.Settings]);
        var store = new Uri(Billing.Store);
        Database = new Relay(store.Port);
        Monitor = new FactoryMonitor(_template);
        Azure = new LocalAzure(_template, _function.Address, _issuer, Services, $"postgres://{Reader}@127.0.0.1:{Database.Port}{store.AbsolutePath}")
        {
            // In the Spark job's place, which reads the same topic into the same store by the same code.
            Job = (_, _) =>
            {
                var end = Processes.CliProcess.Run(Billing.Arguments("--json"));
                return (end.ExitCode, end.Errors);
            },
        };
        Azure.Before["Let the fleet deliver"] = () => ReplicasWhileUp = cluster.Replicas(Space);
    }

    /// <summary>Those of the events.</summary>
    public static string Tariffs => Simulated.Tariffs;

    public string Space { get; }

    /// <summary>Between the Function and the API server.</summary>
    public Relay ApiServer { get; }

    /// <summary>Between Data Factory and PostgreSQL.</summary>
    public Relay Database { get; }

    public Pipeline Billing { get; }

    public LocalServices Services { get; } = new();

    public LocalAzure Azure { get; }

    public FactoryMonitor Monitor { get; }

    /// <summary>How many pods were asked for while the fleet delivered; 0 = it did not come to that.</summary>
    public int ReplicasWhileUp { get; private set; }

    /// <summary>How many times faster the pipeline waits.</summary>
    public double Speed { get; set; } = 100;

    /// <summary>The pipeline as it is to be run.</summary>
    public JsonObject Definition => _template.Pipeline(Billing.Topic);

    /// <summary>With events in the topic, of which nothing is billed.</summary>
    public static RehearsalFleet WithEvents(KubeCluster cluster, SharedKafka kafka, SharedPostgres postgres)
    {
        var store = postgres.CreateDatabase();
        PostgresStores.Open(store).Dispose();
        AllowReading(store);
        var billing = new Pipeline(kafka.Broker, store, Partitions);
        Produce(kafka, billing.Topic);
        return new(cluster, billing);
    }

    /// <summary>With events in the topic that are billed, all of them.</summary>
    public static RehearsalFleet WithBills(KubeCluster cluster, SharedKafka kafka, SharedPostgres postgres)
    {
        lock (Making)
        {
            if (_billed is null)
            {
                using var first = new Pipeline(kafka.Broker, postgres.CreateDatabase(), Partitions);
                first.Program.UseTariffs(Simulated.Tariffs);
                Produce(kafka, first.Topic);
                first.Run();
                AllowReading(first.Store);
                _billed = (first.Topic, new Uri(first.Store).AbsolutePath[1..]);
            }
        }
        var name = $"rehearsal_{Guid.NewGuid():N}";
        PostgresDatabases.Execute(postgres.Server.Uri("postgres"), $"CREATE DATABASE {name} TEMPLATE {_billed.Value.Database}");
        return new(cluster, new Pipeline(kafka.Broker, postgres.Server.Uri(name), Partitions) { Topic = _billed.Value.Topic });
    }

    public string[] ExpectedBills() => Billing.ExpectedBills(Simulated.Lines);

    /// <summary>Runs the pipeline as by hand.</summary>
    public (ActivityEnd End, FactoryPipeline Pipeline) Run(JsonObject? definition = null, params (string Name, JsonNode Value)[] parameters)
    {
        var values = new JsonObject { ["day"] = Day, ["deliverySeconds"] = 5, ["reports"] = FactoryTemplate.Reports };
        foreach (var (name, value) in parameters)
        {
            values[name] = value;
        }
        definition ??= Definition;
        var pipeline = new FactoryPipeline(definition, values, Azure, Speed);
        return (Monitor.Run(definition, pipeline), pipeline);
    }

    /// <summary>The report that a run has left.</summary>
    public JsonElement Report(FactoryPipeline pipeline, string day = Day) =>
        JsonDocument.Parse(Services.Blobs[$"/reports/charging-day/{day}/{pipeline.Pipeline!["RunId"]}.json"]).RootElement;

    /// <summary>The run has failed by that name: who must know is told, the report says so, and no pod is left.</summary>
    public JsonElement AssertFailed(string error, (ActivityEnd End, FactoryPipeline Pipeline) run, string day = Day)
    {
        Assert.Equal((ActivityStatus.Failed, error), (run.End.Status, run.End.Code));
        Assert.Equal([("factory-charging-day-failed", FactoryTemplate.ActionGroup)], Monitor.Alerts);
        var report = Report(run.Pipeline, day);
        Assert.Equal((error, "down"), (report.GetProperty("outcome").GetString(), report.GetProperty("fleet").GetString()));
        AssertNoPods();
        return report;
    }

    public void AssertNoPods()
    {
        Assert.Equal(0, _cluster.Replicas(Space));
        var waiting = Stopwatch.StartNew();
        while (_cluster.ReadyOrdinals(Space).Length > 0)
        {
            Assert.True(waiting.Elapsed < Patience, "pods are left");
            Thread.Sleep(200);
        }
    }

    public void Dispose()
    {
        Azure.Dispose();
        Services.Dispose();
        Billing.Dispose();
        _function.Dispose();
        _issuer.Dispose();
        ApiServer.Dispose();
        Database.Dispose();
    }

    private static void Produce(SharedKafka kafka, string topic)
    {
        var drafts = Simulated.Lines.Select((line, i) => new KafkaDraft(line, null, i % Partitions)).ToList();
        // Records that are refused, and an event that comes twice.
        drafts.AddRange([new("{", null, 0), new("[]", null, 1), new(null, null, 2), new(Simulated.Lines[0], null, 3)]);
        kafka.Broker.Produce(topic, drafts);
    }

    // As docs/postgresql.md says, and a user of the factory's.
    private static void AllowReading(string store)
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "postgresql.md"));
        var start = page.IndexOf("```sql\n", StringComparison.Ordinal) + 7;
        PostgresDatabases.Execute(store, page[start..page.IndexOf("```", start, StringComparison.Ordinal)]);
        PostgresDatabases.Execute(store, $"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{Reader}') THEN CREATE ROLE {Reader} LOGIN PASSWORD '{ReaderPassword}' IN ROLE evbilling_reader; END IF; END $$");
    }
}
