namespace EvBilling.Cli;

/// <summary>Progress of long work on stderr: on a terminal one line that changes, else a line every few seconds.</summary>
internal sealed class ProgressLine(string what)
{
    private static readonly TimeSpan TerminalEvery = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan PlainEvery = TimeSpan.FromSeconds(5);

    /// <summary>Shows what <paramref name="describe"/> says until disposed.</summary>
    public IDisposable Show(Func<string> describe)
    {
        var isTerminal = !Console.IsErrorRedirected;
        var every = isTerminal ? TerminalEvery : PlainEvery;
        var timer = new Timer(_ => Write(isTerminal, describe()), null, every, every);
        return new Showing(timer, isTerminal);
    }

    private void Write(bool isTerminal, string text) => Console.Error.Write(isTerminal ? $"\r\x1b[K{what}: {text}" : $"{what}: {text}\n");

    private sealed class Showing(Timer timer, bool isTerminal) : IDisposable
    {
        public void Dispose()
        {
            using var ended = new ManualResetEvent(false);
            timer.Dispose(ended);
            ended.WaitOne();
            if (isTerminal)
            {
                Console.Error.Write("\r\x1b[K");
            }
        }
    }
}
