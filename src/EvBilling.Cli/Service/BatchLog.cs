using EvBilling.Engine;
using Microsoft.Extensions.Logging;

namespace EvBilling.Cli.Service;

/// <summary>Logs batches, and refused events: at most every ten seconds, since a flood of them must not become a flood of lines.</summary>
internal sealed class BatchLog(ILogger logger, TimeProvider time)
{
    private static readonly TimeSpan DeadLettersEvery = TimeSpan.FromSeconds(10);

    private long _deadLetters;
    private long? _said;

    /// <summary>On the thread that commits.</summary>
    public void Committed(CommittedBatch batch)
    {
        Log.BatchCommitted(logger, (long)batch.Took.TotalMilliseconds, batch.Sessions, batch.Bills, batch.DeadLetters, batch.Partitions);
        _deadLetters += batch.DeadLetters;
        if (_said is null || time.GetElapsedTime(_said.Value) >= DeadLettersEvery)
        {
            Flush();
        }
    }

    /// <summary>Says what was not said yet; after the last batch.</summary>
    public void Flush()
    {
        if (_deadLetters > 0)
        {
            Log.DeadLettersSeen(logger, _deadLetters);
            (_deadLetters, _said) = (0, time.GetTimestamp());
        }
    }
}
