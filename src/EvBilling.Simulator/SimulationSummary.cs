namespace EvBilling.Simulator;

/// <summary>What a run delivered and which faults it met; counts, unless a unit is named.</summary>
public sealed record SimulationSummary
{
    /// <summary>Events delivered, copies included.</summary>
    public long Events { get; init; }

    /// <summary>Bytes delivered, line ends included.</summary>
    public long Bytes { get; init; }

    /// <summary>Sessions that began.</summary>
    public long Sessions { get; init; }

    /// <summary>Sessions that ended within the simulated time; the others were still running.</summary>
    public long SessionsEnded { get; init; }

    /// <summary>Second copies of an event.</summary>
    public long Duplicates { get; init; }

    /// <summary>Events held back by an outage, hours late.</summary>
    public long Late { get; init; }

    /// <summary>Events delayed by up to some minutes, so that later ones may overtake them.</summary>
    public long Reordered { get; init; }

    /// <summary>`ended` events never sent.</summary>
    public long LostStops { get; init; }

    /// <summary>`started` events never sent.</summary>
    public long LostStarts { get; init; }

    /// <summary>`updated` events never sent.</summary>
    public long LostUpdates { get; init; }

    /// <summary>Registers that restarted at 0 within a session.</summary>
    public long MeterResets { get; init; }

    /// <summary>The most entries the merge held at once, stations and delayed events together: it grows with stations, not with events.</summary>
    public long QueuedMax { get; init; }

    /// <summary>Whether the run was cancelled before its end.</summary>
    public bool Cancelled { get; init; }
}
