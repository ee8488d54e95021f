using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Servers;

/// <summary>What a broker is started with.</summary>
internal sealed record KafkaBrokerOptions
{
    /// <summary>Lines of server.properties, which win over the bundle's own.</summary>
    public IReadOnlyList<string> Properties { get; init; } = [];

    /// <summary>Words for the storage formatter, such as <c>--add-scram</c>.</summary>
    public IReadOnlyList<string> FormatArguments { get; init; } = [];

    /// <summary>Options of the Java machine.</summary>
    public string JavaOptions { get; init; } = "";

    /// <summary>Listeners beside PLAINTEXT: their names, which are their security protocols too; <see cref="KafkaBroker.PortOf"/> tells their ports.</summary>
    public IReadOnlyList<string> Listeners { get; init; } = [];
}

/// <summary>A real Kafka broker on 127.0.0.1, with data in a folder of its own; gone with its test.</summary>
internal sealed class KafkaBroker : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly TemporaryFolder _folder = new();
    private readonly StringBuilder _output = new();
    private readonly string _home;
    private readonly KafkaBrokerOptions _options;
    private readonly Dictionary<string, int> _ports = [];
    private readonly int _controllerPort = FreePorts.Next();
    private Process? _process;
    private Process? _watchdog;

    private KafkaBroker(string home, KafkaBrokerOptions options)
    {
        _home = home;
        _options = options;
        foreach (var listener in options.Listeners.Prepend("PLAINTEXT"))
        {
            _ports.Add(listener, FreePorts.Next());
        }
        _folder.Write("extra.properties", string.Join('\n', [.. ListenerLines(), .. options.Properties]) + "\n");
    }

    /// <summary>Of the listener without any security, whose users may do all.</summary>
    public string BootstrapServers => $"127.0.0.1:{PortOf("PLAINTEXT")}";

    /// <summary>What the broker has printed, to look at when a test fails.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>Starts one and waits until it answers; skips the test on a machine without Kafka.</summary>
    public static KafkaBroker StartNew(KafkaBrokerOptions? options = null)
    {
        var broker = new KafkaBroker(KafkaBundle.SkipOrFail(), options ?? new());
        try
        {
            broker.Start();
            return broker;
        }
        catch
        {
            broker.Dispose();
            throw;
        }
    }

    public int PortOf(string listener) => _ports[listener];

    /// <summary>Starts it, again on the same data and ports if it was stopped or killed, and waits until it answers.</summary>
    public void Start()
    {
        var start = new ProcessStartInfo(Path.Combine(_home, "bin", "kafka-broker"))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["KAFKA_OPTS"] = _options.JavaOptions },
        };
        string[] arguments =
        [
            "start", "--dir", _folder.File("data"), "--port", $"{PortOf("PLAINTEXT")}", "--controller-port", $"{_controllerPort}", "--heap", "384m",
            "--config", _folder.File("extra.properties"), .. _options.FormatArguments.SelectMany(argument => new[] { "--format-arg", argument }),
        ];
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        // Its input ends with this process, however that ends; a broker that is left behind would take the machine's memory.
        _watchdog = Process.Start(new ProcessStartInfo("bash", ["-c", "read; kill -9 \"$1\" 2>/dev/null", "watchdog", $"{_process.Id}"]) { RedirectStandardInput = true })!;
        WaitUntilItAnswers();
    }

    /// <summary>As the machine's end would: no leave-taking, nothing flushed.</summary>
    public void Kill() => End(process => process.Kill());

    /// <summary>As an administrator would: SIGTERM, and waits for the end.</summary>
    public void Stop() => End(process => Process.Start("kill", ["-TERM", $"{process.Id}"])!.WaitForExit());

    public void Dispose()
    {
        Kill();
        _folder.Dispose();
    }

    private IEnumerable<string> ListenerLines()
    {
        var own = _ports.Select(port => $"{port.Key}://127.0.0.1:{port.Value}").ToList();
        yield return $"listeners={string.Join(',', own)},CONTROLLER://127.0.0.1:{_controllerPort}";
        yield return $"advertised.listeners={string.Join(',', own)}";
        yield return $"listener.security.protocol.map=CONTROLLER:PLAINTEXT,{string.Join(',', _ports.Keys.Select(name => $"{name}:{name}"))}";
    }

    private void End(Action<Process> end)
    {
        if (_process is null)
        {
            return;
        }
        end(_process);
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
        // Before its input ends: the broker's number may be another process's by now.
        _watchdog!.Kill();
        _watchdog.WaitForExit();
        _watchdog.Dispose();
        _watchdog = null;
    }

    private void WaitUntilItAnswers()
    {
        var waiting = Stopwatch.StartNew();
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = BootstrapServers, ReconnectBackoffMaxMs = 200 })
            .SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        while (true)
        {
            Assert.False(_process!.HasExited, $"The broker has ended:\n{Output}");
            Assert.True(waiting.Elapsed < Patience, $"The broker does not answer:\n{Output}");
            try
            {
                if (admin.GetMetadata(TimeSpan.FromMilliseconds(500)).Brokers.Count > 0)
                {
                    return;
                }
            }
            catch (KafkaException)
            {
                // Not yet.
            }
        }
    }

    private void Keep(string? line)
    {
        lock (_output)
        {
            _output.AppendLine(line);
        }
    }
}
