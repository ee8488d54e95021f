using System.Diagnostics;
using System.Text;

namespace EvBilling.SystemTests.Launcher;

/// <summary>A start of ./evbilling, in a process group of its own.</summary>
internal sealed class LauncherRun : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _errors;
    private readonly TaskCompletionSource _firstLine = new();

    public LauncherRun(string launcher, string[] arguments, Action<ProcessStartInfo> change)
    {
        // setsid becomes the launcher by exec: the same process id, which is then the group's too.
        var start = new ProcessStartInfo("setsid", [launcher, .. arguments])
        {
            WorkingDirectory = Path.GetTempPath(),
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        change(start);
        _process = Process.Start(start)!;
        _output = Read(_process.StandardOutput);
        _errors = _process.StandardError.ReadToEndAsync();
    }

    public LauncherRun Type(string input)
    {
        _process.StandardInput.Write(input);
        return this;
    }

    /// <summary>Its end: exit code, stdout, stderr.</summary>
    public async Task<(int ExitCode, string Output, string Errors)> End()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return (_process.ExitCode, await _output, await _errors);
    }

    /// <summary>Waits until the program has printed something.</summary>
    public Task FirstOutput() => _firstLine.Task.WaitAsync(Patience);

    public void Signal(string signal) => Kill(signal, $"{_process.Id}");

    public void KillGroup() => Kill("KILL", $"-{_process.Id}");

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            KillGroup();
        }
        _process.Dispose();
    }

    private static void Kill(string signal, string whom)
    {
        using var kill = Process.Start("bash", ["-c", "kill -s $0 -- $1", signal, whom]);
        kill.WaitForExit();
    }

    private async Task<string> Read(StreamReader reader)
    {
        var text = new StringBuilder();
        var buffer = new char[4096];
        for (int length; (length = await reader.ReadAsync(buffer)) > 0;)
        {
            text.Append(buffer, 0, length);
            _firstLine.TrySetResult();
        }
        return text.ToString();
    }
}
