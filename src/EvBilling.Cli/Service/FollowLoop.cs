using EvBilling.Engine;

namespace EvBilling.Cli.Service;

/// <summary>A failure of the pipeline that it is started again after.</summary>
/// <param name="Message">A sentence for a person.</param>
/// <param name="IsNew">Not told before, since the pipeline last ran well.</param>
internal sealed record PipelineFailure(string Message, TimeSpan Pause, bool IsNew);

/// <summary>
/// Runs the pipeline, and starts it again from what is committed when store or log fail. A service (<c>--follow</c>) goes on for ever; a run that is to end
/// starts, and then bears with what may pass by itself, but only for some minutes.
/// </summary>
/// <param name="whenFailed">Is told of each failure that is not thrown.</param>
internal sealed class FollowLoop(ServiceState state, bool isFollowing, Action<PipelineFailure> whenFailed, TimeProvider time, Random random)
{
    private static readonly TimeSpan RunsWellAfter = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan FailingMax = TimeSpan.FromMinutes(5);

    private readonly RetryPauses _pauses = new(random);
    private readonly HashSet<string> _told = [];
    private bool _hasRun;
    private long? _failingSince;

    /// <param name="pipeline">Opens store and log, calls <see cref="ServiceState.Running"/>, and runs; false if it was cancelled. It is called again after a failure.</param>
    /// <returns>What the pipeline returned; false if it was cancelled in between.</returns>
    /// <exception cref="BillStoreException">Not to be tried again, or for too long already.</exception>
    /// <exception cref="EventLogException">Likewise.</exception>
    public bool Run(Func<CancellationToken, bool> pipeline, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            state.Starting();
            var batches = state.Counters.Batches;
            TimeSpan pause;
            try
            {
                return pipeline(cancellation);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return false;
            }
            catch (Exception e) when (e is BillStoreException or EventLogException)
            {
                LookBack(state.Counters.Batches > batches);
                if (cancellation.IsCancellationRequested && isFollowing)
                {
                    // What could not be committed any more is read again by the next start.
                    Tell(e.Message, TimeSpan.Zero);
                    return false;
                }
                pause = _pauses.Next();
                if (!isFollowing && !MayPass(e, pause))
                {
                    throw;
                }
                state.Waiting(e is BillStoreException ? WaitReason.Store : WaitReason.Log);
                Tell(e.Message, pause);
            }
            if (!Wait(pause, cancellation))
            {
                return false;
            }
            state.CountRestart();
        }
        return false;
    }

    // What went well before this failure makes it the first of its kind.
    private void LookBack(bool hasCommitted)
    {
        var ran = state.Phase == ServicePhase.Running;
        _hasRun |= ran;
        if (ran && state.InPhase >= RunsWellAfter)
        {
            _pauses.Reset();
            _told.Clear();
            _failingSince = null;
        }
        else if (hasCommitted)
        {
            _pauses.Reset();
            _failingSince = null;
        }
        _failingSince ??= time.GetTimestamp();
    }

    private bool MayPass(Exception e, TimeSpan pause)
    {
        var isTransient = e is BillStoreException { IsTransient: true } or EventLogException { IsTransient: true };
        return isTransient && _hasRun && time.GetElapsedTime(_failingSince!.Value) + pause <= FailingMax;
    }

    private void Tell(string message, TimeSpan pause) => whenFailed(new(message, pause, _told.Add(message)));

    private bool Wait(TimeSpan pause, CancellationToken cancellation)
    {
        try
        {
            Task.Delay(pause, time, cancellation).GetAwaiter().GetResult();
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
