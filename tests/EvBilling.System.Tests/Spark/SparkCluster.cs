using System.Diagnostics;
using System.Net.Sockets;
using EvBilling.SystemTests.Servers;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Spark;

/// <summary>A standalone cluster of Spark's: a master and two workers of one core each, processes of their own.</summary>
internal sealed class SparkCluster : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();
    private readonly List<Process> _processes = [];
    private readonly int _port = FreePorts.Next();

    public SparkCluster()
    {
        Start("spark-master", "--port", $"{_port}", "--webui-port", $"{FreePorts.Next()}");
        WaitUntilOpen();
        for (var i = 0; i < 2; i++)
        {
            Start("spark-worker", Master, "--cores", "1", "--memory", "700m", "--work-dir", _folder.File($"work{i}"));
        }
    }

    public string Master => $"spark://127.0.0.1:{_port}";

    public void Dispose()
    {
        foreach (var process in _processes)
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            process.Dispose();
        }
        _folder.Dispose();
    }

    /// <summary>The executors that run now.</summary>
    public IReadOnlyList<int> Executors() =>
    [
        .. _processes.Skip(1).SelectMany(worker => SparkPipeline.ChildrenOf(worker.Id).Prepend(worker.Id)).Where(process => CommandLine(process).Contains("CoarseGrainedExecutorBackend", StringComparison.Ordinal)),
    ];

    private static string CommandLine(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/cmdline");
        }
        catch (IOException)
        {
            return "";
        }
    }

    private void Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(SparkBundle.SkipOrFail(), "bin", program), arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _processes.Add(process);
    }

    private void WaitUntilOpen()
    {
        var until = DateTime.UtcNow + Patience;
        while (true)
        {
            try
            {
                using var client = new TcpClient("127.0.0.1", _port);
                return;
            }
            catch (SocketException) when (DateTime.UtcNow < until)
            {
                Thread.Sleep(100);
            }
        }
    }
}
