using EvBilling.Simulator;
using NodaTime;

namespace EvBilling.Cli.Simulating;

/// <summary>Where a fleet's events go, one after the other in order of arrival.</summary>
internal interface IEventOutput : IDisposable
{
    /// <summary>Events that are there to stay: written to the file, acknowledged by the broker.</summary>
    long Events { get; }

    /// <summary>Takes an event; its spans hold only until the call returns. It may wait for room, but not beyond a cancellation: the event is then not taken.</summary>
    void Write(in SimulatedEvent simulated);

    /// <summary>Nothing is written for a while, about a second at most: what was written goes out.</summary>
    /// <param name="reached">All events that arrive before this moment have been written.</param>
    void Idle(Instant reached);

    /// <summary>The end, of the fleet or by a signal: what was written goes out.</summary>
    /// <param name="isStopped">By a signal: it takes 4 s at most.</param>
    void Finish(bool isStopped);
}
