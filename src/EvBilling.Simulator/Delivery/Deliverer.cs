using NodaTime;

namespace EvBilling.Simulator;

/// <summary>Writes events that arrive and hands them on, and counts them.</summary>
internal sealed class Deliverer
{
    private readonly IEventSink _sink;
    private readonly EventFormatter _formatter;
    private readonly long _fromUnixS;
    private readonly long _awayFromUnixS;
    private readonly long _awayUntilUnixS;

    public Deliverer(SimulationOptions options, IEventSink sink)
    {
        _sink = sink;
        _formatter = new EventFormatter(options.StateTariffs);
        _fromUnixS = options.DeliverFrom?.ToUnixTimeSeconds() ?? long.MinValue;
        var away = options.Away ?? new Interval(Instant.MinValue, Instant.MinValue);
        _awayFromUnixS = away.Start.ToUnixTimeSeconds();
        _awayUntilUnixS = away.End.ToUnixTimeSeconds();
    }

    public long Events { get; private set; }

    public long Bytes { get; private set; }

    public void Deliver(ref ReportedEvent reported, long arrivesUnixS)
    {
        if (arrivesUnixS < _fromUnixS)
        {
            return;
        }

        reported.Offline |= arrivesUnixS >= _awayFromUnixS && arrivesUnixS < _awayUntilUnixS;
        _formatter.Format(reported);
        Events++;
        Bytes += _formatter.Line.Length + 1;
        _sink.Accept(new SimulatedEvent(_formatter.Line, _formatter.SessionId, arrivesUnixS));
    }
}
