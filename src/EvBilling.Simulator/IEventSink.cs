using NodaTime;

namespace EvBilling.Simulator;

/// <summary>Takes a fleet's events, one after the other, in order of arrival.</summary>
public interface IEventSink
{
    /// <summary>Takes one event; its spans hold only until the call returns. A sink may wait here to keep a rate or the wall clock.</summary>
    void Accept(in SimulatedEvent simulated);
}

/// <summary>One event as it arrives.</summary>
public readonly ref struct SimulatedEvent
{
    internal SimulatedEvent(ReadOnlySpan<byte> json, ReadOnlySpan<byte> sessionId, long arrivesAtUnixS)
    {
        Json = json;
        SessionId = sessionId;
        ArrivesAtUnixS = arrivesAtUnixS;
    }

    /// <summary>The event, one JSON object in UTF-8 without a line end.</summary>
    public ReadOnlySpan<byte> Json { get; }

    /// <summary>Its session_id in UTF-8: the key of its message.</summary>
    public ReadOnlySpan<byte> SessionId { get; }

    /// <summary>When it arrives, in seconds since 1970; never less than that of the event before.</summary>
    public long ArrivesAtUnixS { get; }

    /// <summary>When it arrives.</summary>
    public Instant ArrivesAt => Instant.FromUnixTimeSeconds(ArrivesAtUnixS);
}
