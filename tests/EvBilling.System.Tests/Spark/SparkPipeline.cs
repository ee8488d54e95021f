using System.Globalization;
using System.Runtime.InteropServices;
using EvBilling.SystemTests.Kafka;
using EvBilling.SystemTests.Processes;
using EvBilling.SystemTests.Servers;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Spark;

/// <summary>The whole way through the real Spark: a topic, the job, a database.</summary>
internal sealed class SparkPipeline : IDisposable
{
    private readonly TemporaryFolder _checkpoints = new();
    public SparkPipeline(KafkaBroker broker, string store, int partitions)
    {
        Environment = new() { ["SPARK_HOME"] = SparkBundle.SkipOrFail(), ["EVBILLING_SPARK_JAR"] = SparkBundle.Jar };
        Worker = new Pipeline(broker, store, partitions);
        Broker = broker;
        (Brokers, Store) = (broker.BootstrapServers, store);
        Checkpoint = _checkpoints.File("checkpoint");
    }

    /// <summary>The worker's way on the same topic, database and tariffs.</summary>
    public Pipeline Worker { get; }

    public KafkaBroker Broker { get; }

    /// <summary>What the program is started with in its environment.</summary>
    public Dictionary<string, string> Environment { get; }

    /// <summary>The brokers as the job is told them.</summary>
    public string Brokers { get; set; }

    /// <summary>The database as the job is told it.</summary>
    public string Store { get; set; }

    public string Master { get; set; } = "local[2]";

    public string Checkpoint { get; set; }

    public void Dispose()
    {
        Worker.Dispose();
        _checkpoints.Dispose();
    }

    public string NewCheckpoint(string name) => Checkpoint = _checkpoints.File(name);

    public CliProcess Start(params string[] more) => CliProcess.Start(Environment, Arguments(more));

    /// <summary>The batch form over files.</summary>
    public CliProcess StartReprocess(params string[] files) => CliProcess.Start(
        Environment,
        ["spark", "--master", Master, "--events", .. files, "--reprocess", "--tariffs", Worker.Program.Tariffs, "--default-tariff", Worker.DefaultTariff, "--store", Store, "--json"]);

    /// <summary>Runs it to the end of what there is.</summary>
    public CliEnd Run(params string[] more)
    {
        using var process = Start(["--available-now", "--json", .. more]);
        var end = process.End();
        Assert.True(end.ExitCode == 0, end.ToString());
        return end;
    }

    public static string Get(string address, string path)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"http://{address}{path}"));
        using var response = http.Send(request);
        using var reader = new StreamReader(response.Content.ReadAsStream());
        return reader.ReadToEnd();
    }

    /// <summary>Kills the JVM that a start of the program has started.</summary>
    public static void KillDriver(CliProcess program)
    {
        foreach (var child in ChildrenOf(program.Id))
        {
            _ = Kill(child, CliProcess.Kill);
        }
    }

    /// <summary>The processes below one, the deepest first.</summary>
    public static IEnumerable<int> ChildrenOf(int parent)
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var process) && ParentOf(folder) == parent)
            {
                foreach (var below in ChildrenOf(process))
                {
                    yield return below;
                }
                yield return process;
            }
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int Kill(int process, int signal);

    private string[] Arguments(string[] more) =>
    [
        "spark", "--master", Master, "--events", $"kafka://{Brokers}/{Worker.Topic}", "--tariffs", Worker.Program.Tariffs, "--default-tariff", Worker.DefaultTariff,
        "--store", Store, "--checkpoint", Checkpoint, .. more,
    ];

    private static int ParentOf(string folder)
    {
        try
        {
            // "PID (NAME) STATE PPID ...", and a name may hold anything.
            var stat = File.ReadAllText(Path.Combine(folder, "stat"));
            return int.Parse(stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has just ended.
            return -1;
        }
    }
}
