using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace EvBilling.SystemTests.Processes;

/// <summary>How a start of the program ended.</summary>
internal sealed record CliEnd(int ExitCode, string Output, string Errors, long PeakRssBytes)
{
    /// <summary>The lines of stdout.</summary>
    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>All that a person needs if it is not as it should be.</summary>
    public override string ToString() => $"exit code {ExitCode}\n--- stdout\n{Output}\n--- stderr\n{Errors}";
}

/// <summary>A start of the built program, as a process of its own.</summary>
internal sealed class CliProcess : IDisposable
{
    public const int Interrupt = 2;
    public const int Kill = 9;
    public const int Terminate = 15;
    public const int Continue = 18;
    public const int Stop = 19;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _errors;
    private long _peakRssBytes;

    private CliProcess(ProcessStartInfo start)
    {
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.StandardOutputEncoding = start.StandardErrorEncoding = new UTF8Encoding(false);
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        _process = Process.Start(start)!;
        _output = _process.StandardOutput.ReadToEndAsync();
        _errors = _process.StandardError.ReadToEndAsync();
    }

    /// <summary>The program's assembly, which the build puts beside the tests.</summary>
    public static string Assembly => Path.Combine(AppContext.BaseDirectory, "EvBilling.Cli.dll");

    /// <summary>The program with no arguments: the built one, or the one that EVBILLING_TEST_PROGRAM names, as machine code, say.</summary>
    public static IReadOnlyList<string> Program { get; } =
        Environment.GetEnvironmentVariable("EVBILLING_TEST_PROGRAM") is { Length: > 0 } program ? [program] : ["dotnet", Assembly];

    public Stream Input => _process.StandardInput.BaseStream;

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>
    /// Starts it; <see cref="End"/> closes its standard input. What a shell has started in the background has inherited that Ctrl-C is to be ignored, and
    /// so would the program.
    /// </summary>
    public static CliProcess Start(params string[] arguments) => new(new ProcessStartInfo("env", ["--default-signal=INT", .. Program, .. arguments]));

    /// <summary>Starts it with more in its environment.</summary>
    public static CliProcess Start(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("env", ["--default-signal=INT", .. Program, .. arguments]);
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }
        return new(start);
    }

    /// <summary>Runs it to its end.</summary>
    public static CliEnd Run(params string[] arguments)
    {
        using var process = Start(arguments);
        return process.End();
    }

    /// <summary>Runs a line of bash, in which $evbilling is the program.</summary>
    public static CliEnd Bash(string line, params string[] arguments)
    {
        var start = new ProcessStartInfo("bash", ["-c", "set -o pipefail; " + line, "bash", .. arguments]);
        start.Environment["evbilling"] = string.Join(' ', Program);
        using var process = new CliProcess(start);
        return process.End();
    }

    public void Signal(int number) => Assert.Equal(0, NativeKill(_process.Id, number));

    public CliEnd End()
    {
        var started = Stopwatch.GetTimestamp();
        _process.StandardInput.Close();
        while (!_process.WaitForExit(20))
        {
            Watch();
            Assert.True(Stopwatch.GetElapsedTime(started) < Patience, "the program does not end");
        }
        _process.WaitForExit();
        return new(_process.ExitCode, _output.Result, _errors.Result, _peakRssBytes);
    }

    /// <summary>Waits for its end.</summary>
    /// <returns>False if it has not ended by then.</returns>
    public bool WaitForEnd(TimeSpan patience) => _process.WaitForExit(patience);

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }
        _process.Dispose();
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int NativeKill(int process, int signal);

    // The kernel keeps the peak, so that the last look before the end is near enough.
    private void Watch()
    {
        try
        {
            var line = File.ReadLines($"/proc/{_process.Id}/status").FirstOrDefault(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
            if (line is not null)
            {
                _peakRssBytes = Math.Max(_peakRssBytes, 1024 * long.Parse(line.AsSpan(6, line.Length - 9), CultureInfo.InvariantCulture));
            }
        }
        catch (IOException)
        {
            // It has just ended.
        }
    }
}
