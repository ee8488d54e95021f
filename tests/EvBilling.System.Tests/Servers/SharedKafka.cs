using EvBilling.SystemTests.Servers;

[assembly: AssemblyFixture(typeof(SharedKafka))]

namespace EvBilling.SystemTests.Servers;

/// <summary>
/// One broker for all tests that do not stop it or ask for a special one; started by the first of them. A test class takes it in its constructor and makes topics of
/// its own.
/// </summary>
public sealed class SharedKafka : IDisposable
{
    private readonly Lazy<KafkaBroker> _broker = new(() => KafkaBroker.StartNew());

    internal KafkaBroker Broker
    {
        get
        {
            KafkaBundle.SkipOrFail();
            return _broker.Value;
        }
    }

    public void Dispose()
    {
        if (_broker.IsValueCreated)
        {
            _broker.Value.Dispose();
        }
    }
}
