namespace EvBilling.Simulator;

/// <summary>
/// A fleet of charging stations: what it reports, which tariffs fit it and where it stands. Everything follows from the options alone. Memory grows with
/// the stations, not with the time simulated. Each call works the fleet out anew; one instance may be used by several threads.
/// </summary>
public sealed class FleetSimulation
{
    private readonly SimulationOptions _options;

    /// <summary>Prepares a fleet.</summary>
    /// <exception cref="SimulationOptionsException">An option is outside its range.</exception>
    public FleetSimulation(SimulationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
    }

    /// <summary>Writes the fleet's events as JSON Lines, in order of arrival.</summary>
    /// <param name="to">Takes the events; it is flushed, not closed.</param>
    /// <param name="progress">Called now and then, and at the end, with the events written so far and the share of the time that is done, per mille.</param>
    /// <param name="truth">Takes what really happened, a JSON line for each session that ended; null = not wanted.</param>
    /// <param name="cancellation">Ends the run early: what is in hand is written, and the summary says so.</param>
    public SimulationSummary WriteEvents(Stream to, Action<long, int>? progress = null, Stream? truth = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(to);
        var lines = new LineWriter(to);
        var summary = Run(lines, progress, truth, cancellation);
        lines.Flush();
        return summary;
    }

    /// <summary>Hands the fleet's events to a sink, in order of arrival: for a topic, a fixed rate or the wall clock.</summary>
    /// <param name="to">Takes the events, on the thread of the caller.</param>
    /// <param name="progress">As for <see cref="WriteEvents"/>.</param>
    /// <param name="truth">As for <see cref="WriteEvents"/>.</param>
    /// <param name="cancellation">As for <see cref="WriteEvents"/>; looked at before each event.</param>
    public SimulationSummary Run(IEventSink to, Action<long, int>? progress = null, Stream? truth = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(to);
        return new SimulationRun(_options, to, truth).Run(progress, cancellation);
    }

    /// <summary>The tariffs of the fleet's connectors: a JSON array of OCPI 2.2.1 tariffs.</summary>
    public byte[] TariffsJson() => FleetTariffs.ToJson(_options.Start);

    /// <summary>The sites of the whole fleet, whatever the shard: a JSON array of OCPI 2.2.1 locations, whose EVSEs also name their `station_id`.</summary>
    public byte[] LocationsJson()
    {
        using var bytes = new MemoryStream();
        WriteLocations(bytes);
        return bytes.ToArray();
    }

    /// <summary>Writes what <see cref="LocationsJson"/> returns, without holding it.</summary>
    public void WriteLocations(Stream to)
    {
        ArgumentNullException.ThrowIfNull(to);
        FleetLocations.Write(SitePlan.Deal(_options.Stations, _options.Seed), _options.Start, to);
    }
}
