using Confluent.Kafka;
using EvBilling.Engine;

namespace EvBilling.Kafka.Reading;

/// <summary>
/// Asks now and then whether the topic is still the same and can be reached: a topic that is deleted and made anew may look to a consumer like one that goes on, and
/// one whose brokers are all away like one without news.
/// </summary>
internal sealed class TopicWatch(KafkaTarget target, KafkaSettings settings, TopicIdentity topic, TimeProvider time, Action<KafkaLogLine>? log) : IDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AwayMax = TimeSpan.FromSeconds(60);

    private readonly KafkaErrorWatch _errors = new();
    private readonly CancellationTokenSource _stop = new();
    private long _looked = time.GetTimestamp();
    private Task? _look;
    private long? _awaySince;
    private volatile bool _isAway;
    private volatile EventLogException? _found;

    /// <summary>What the library reports as an error: only what it cannot get over by itself ends the run.</summary>
    public void Take(Error error)
    {
        _errors.Note(error);
        // A refused token is not for ever: the library renews it and connects again.
        if (error.IsFatal)
        {
            _found ??= new EventLogException(KafkaErrors.Explain(error, target, settings), isTransient: true);
        }
    }

    /// <summary>Whether it answered when it was last asked.</summary>
    public bool IsReachable => !_isAway;

    public Error MostTelling(Error ofCall) => _errors.MostTelling(ofCall);

    /// <exception cref="EventLogException">The topic is another by now, or cannot be reached any more.</exception>
    public void Check()
    {
        if (_found is { } found)
        {
            throw found;
        }
        if (_look is null or { IsCompleted: true } && time.GetElapsedTime(_looked) >= LookEvery)
        {
            _looked = time.GetTimestamp();
            _look = Task.Run(Look, _stop.Token);
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    private void Look()
    {
        try
        {
            var facts = KafkaAdmin.Describe(target, settings, KafkaAdmin.Patience, log);
            _awaySince = null;
            _isAway = false;
            _errors.Forget();
            if (topic != TopicIdentity.Of(target, facts))
            {
                _found = new EventLogException($"The topic {target.Topic} was deleted and made anew while it was read.", isTransient: true);
            }
        }
        catch (EventLogException e)
        {
            _awaySince ??= time.GetTimestamp();
            _isAway = true;
            if (time.GetElapsedTime(_awaySince.Value) >= AwayMax)
            {
                _found = new EventLogException(e.Message, e, isTransient: true);
            }
        }
    }
}
