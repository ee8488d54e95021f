using System.Diagnostics;
using System.Globalization;
using System.Text;
using EvBilling.SystemTests.Support;
using Npgsql;

namespace EvBilling.SystemTests.Servers;

/// <summary>How a server is asked to end: PostgreSQL's words.</summary>
internal enum PostgresStop
{
    /// <summary>Transactions are rolled back, clients are told, all is written.</summary>
    Fast,

    /// <summary>As a crash: it recovers at the next start.</summary>
    Immediate,
}

/// <summary>
/// A real PostgreSQL on 127.0.0.1, with data in a folder of its own; gone with its test. The user postgres needs no password, any other does.
/// </summary>
internal sealed class PostgresServer : IPostgres, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();
    private readonly StringBuilder _output = new();
    private readonly string _programs;
    private readonly IReadOnlyList<string> _settings;
    private Process? _process;
    private Process? _watchdog;

    private PostgresServer(string programs, IReadOnlyList<string> settings)
    {
        _programs = programs;
        _settings = settings;
        Port = FreePorts.Next();
        PostgresPrograms.MakeFolder(Data);
        PostgresPrograms.Run(PostgresPrograms.StartInfo(
            Path.Combine(programs, "initdb"), "-D", Data, "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync", "--auth=scram-sha-256", "--auth-local=trust"));
        File.WriteAllText(Path.Combine(Data, "pg_hba.conf"), "host all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n");
    }

    public int Port { get; }

    public string Data => _folder.File("data");

    /// <summary>What the server has printed, to look at when a test fails.</summary>
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

    /// <summary>Makes one, starts it and waits until it answers; skips the test on a machine without PostgreSQL.</summary>
    /// <param name="settings">NAME=VALUE of postgresql.conf.</param>
    public static PostgresServer StartNew(params IReadOnlyList<string> settings)
    {
        var server = new PostgresServer(PostgresPrograms.SkipOrFail(), settings);
        try
        {
            server.Start();
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    public string Uri(string database, string user = "postgres") => $"postgres://{user}@127.0.0.1:{Port}/{database}";

    /// <summary>Starts it, again on the same data and port if it was stopped or killed, and waits until it answers.</summary>
    public void Start()
    {
        // A server that was killed leaves its number behind, which may be another process's by now.
        File.Delete(Path.Combine(Data, "postmaster.pid"));
        string[] settings =
        [
            "listen_addresses=127.0.0.1", $"port={Port}", "unix_socket_directories=", "max_connections=200", "shared_buffers=128MB", "log_checkpoints=off",
            .. _settings,
        ];
        _process = Process.Start(PostgresPrograms.StartInfo(
            Path.Combine(_programs, "postgres"), [.. new[] { "-D", Data }, .. settings.SelectMany(setting => new[] { "-c", setting })]))!;
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        // Its input ends with this process, however that ends; a server that is left behind would keep its port and memory.
        _watchdog = Process.Start(new ProcessStartInfo("bash", ["-c", "read; kill -INT \"$1\" 2>/dev/null", "watchdog", Number(_process)]) { RedirectStandardInput = true })!;
        WaitUntilItAnswers();
    }

    /// <summary>As an administrator would, and waits for the end.</summary>
    public void Stop(PostgresStop how = PostgresStop.Fast) =>
        End(process => Process.Start("kill", [how == PostgresStop.Fast ? "-INT" : "-QUIT", Number(process)])!.WaitForExit());

    /// <summary>As the machine's end would: no leave-taking, nothing flushed.</summary>
    public void Kill() => End(process => process.Kill(entireProcessTree: true));

    public void Restart(PostgresStop how = PostgresStop.Fast)
    {
        Stop(how);
        Start();
    }

    public void Dispose()
    {
        Kill();
        _folder.Dispose();
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
        // Before its input ends: the server's number may be another process's by now.
        _watchdog!.Kill();
        _watchdog.WaitForExit();
        _watchdog.Dispose();
        _watchdog = null;
    }

    private void WaitUntilItAnswers()
    {
        var waiting = Stopwatch.StartNew();
        while (true)
        {
            Assert.False(_process!.HasExited, $"PostgreSQL has ended:\n{Output}");
            Assert.True(waiting.Elapsed < Patience, $"PostgreSQL does not answer:\n{Output}");
            try
            {
                using var connection = new NpgsqlConnection($"Host=127.0.0.1;Port={Port};Username=postgres;Database=postgres;Pooling=false;Timeout=5");
                connection.Open();
                return;
            }
            catch (NpgsqlException)
            {
                Thread.Sleep(20);
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

    private static string Number(Process process) => process.Id.ToString(CultureInfo.InvariantCulture);
}
