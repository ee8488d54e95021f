using Confluent.Kafka;

namespace EvBilling.Kafka;

/// <summary>
/// Remembers the most telling error of a client. A call that fails says "timed out" only; why, the error handler was told before. Its <see cref="Note"/> is that handler.
/// While a token of a short life is renewed a client may report a failed authentication and go on a moment later; so a client that lives long gives up only when its calls fail.
/// </summary>
public sealed class KafkaErrorWatch
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource<Error> _hopeless = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Error? _cause;

    /// <summary>The most telling error since the start or <see cref="Forget"/>; null = none.</summary>
    public Error? Cause
    {
        get
        {
            lock (_lock)
            {
                return _cause;
            }
        }
    }

    /// <summary>Done at the first error that no further attempt can mend.</summary>
    internal Task<Error> Hopeless => _hopeless.Task;

    /// <summary>Is told of each error, from any thread.</summary>
    public void Note(Error error)
    {
        if (KafkaErrors.IsHopeless(error))
        {
            _hopeless.TrySetResult(error);
        }
        lock (_lock)
        {
            if (_cause is null || Rank(error) >= Rank(_cause))
            {
                _cause = error;
            }
        }
    }

    /// <summary>Of the error of a call and those noted, the one that says most.</summary>
    public Error MostTelling(Error ofCall) => Cause is { } cause && Rank(cause) > Rank(ofCall) ? cause : ofCall;

    /// <summary>After the brokers answered: what was before says nothing about what comes.</summary>
    public void Forget()
    {
        lock (_lock)
        {
            _cause = null;
        }
    }

    private static int Rank(Error error) => error.Code switch
    {
        ErrorCode.Local_AllBrokersDown => 1,
        ErrorCode.Local_TimedOut or ErrorCode.Local_MsgTimedOut or ErrorCode.Local_TimedOutQueue => 0,
        _ when KafkaErrors.IsTls(error) => 4,
        ErrorCode.Local_Transport => 2,
        ErrorCode.Local_Resolve => 3,
        // Without a token the broker refuses the old one, again and again; why there is none says more.
        ErrorCode.Local_Authentication when error.Reason.StartsWith("Failed to acquire", StringComparison.Ordinal) => 6,
        ErrorCode.Local_Authentication or ErrorCode.SaslAuthenticationFailed or ErrorCode.UnsupportedSaslMechanism => 5,
        _ => 3,
    };
}
