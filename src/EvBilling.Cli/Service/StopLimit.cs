using System.Runtime.ExceptionServices;

namespace EvBilling.Cli.Service;

/// <summary>
/// Bounds how long the end of a run may take once it is told to stop: a server that does not answer, or a lock that another program holds, would keep it for minutes.
/// What is left behind was not committed, so that the next start reads it again.
/// </summary>
/// <param name="limit">Shorter than what orchestrators wait before they kill.</param>
internal sealed class StopLimit(TimeSpan limit)
{
    /// <summary>4 s: a run ends within 5 s of the signal.</summary>
    public static StopLimit Default { get; } = new(TimeSpan.FromSeconds(4));

    /// <param name="act">Runs on a thread of its own.</param>
    /// <param name="hasEnded">False = it was left behind, and may still be at work.</param>
    /// <returns>What it returned; what it throws is thrown.</returns>
    public T? Run<T>(Func<T> act, CancellationToken stop, out bool hasEnded)
    {
        T? result = default;
        ExceptionDispatchInfo? failure = null;
        using var stopped = new ManualResetEventSlim();
        using var registration = stop.Register(stopped.Set);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                result = act();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
            ended.SetResult();
        })
        {
            Name = "run",
            IsBackground = true,
        };
        thread.Start();
        WaitHandle.WaitAny([((IAsyncResult)ended.Task).AsyncWaitHandle, stopped.WaitHandle]);
        hasEnded = ended.Task.Wait(limit, CancellationToken.None);
        if (!hasEnded)
        {
            return default;
        }
        failure?.Throw();
        return result;
    }
}
