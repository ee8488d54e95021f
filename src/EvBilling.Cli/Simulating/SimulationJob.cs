using EvBilling.Simulator;

namespace EvBilling.Cli.Simulating;

/// <summary>A fleet's events and what belongs to them, written where they are wanted.</summary>
/// <param name="TariffsTo">A file; null = not wanted. Likewise the others.</param>
internal sealed record SimulationFiles(string? TariffsTo = null, string? LocationsTo = null, string? TruthTo = null);

/// <summary>Simulates a fleet to its end, or until it is stopped.</summary>
internal sealed class SimulationJob(SimulationTarget target, SimulationFiles files, TimeProvider clock, CancellationToken stop)
{
    private long _events;
    private int _perMille;

    /// <summary>Writes all of it.</summary>
    /// <exception cref="UsageException">An option is outside its range, or a file cannot be written; no event was written then.</exception>
    public SimulationSummary Run(SimulationOptions options)
    {
        var start = target.IsLive ? LiveFleet.Begin(options, target.Start, clock) : options;
        var fleet = Fleet(start);
        if (target.Topic is null)
        {
            WriteFacts(fleet);
            return WithTruth(truth => target.IsPlain ? Plain(fleet, truth) : ToLines(fleet, truth));
        }
        // The brokers may be slow to answer or not there; a signal ends the program all the same.
        var prepared = Task.Run(() => LiveFleet.IntoTopic(start, target, clock, stop), CancellationToken.None).WaitAsync(stop).GetAwaiter().GetResult();
        using (prepared.Output)
        {
            fleet = Fleet(prepared.Options);
            WriteFacts(fleet);
            return WithTruth(truth => Timed(fleet, prepared.Output, truth));
        }
    }

    private static FleetSimulation Fleet(SimulationOptions options)
    {
        try
        {
            return new FleetSimulation(options);
        }
        catch (SimulationOptionsException e)
        {
            throw new UsageException("--" + e.Message);
        }
    }

    private void WriteFacts(FleetSimulation fleet)
    {
        if (files.TariffsTo is { } tariffs)
        {
            Write(tariffs, "--tariffs-to", stream => stream.Write(fleet.TariffsJson()));
        }
        if (files.LocationsTo is { } locations)
        {
            Write(locations, "--locations-to", fleet.WriteLocations);
        }
    }

    private SimulationSummary WithTruth(Func<Stream?, SimulationSummary> simulate)
    {
        SimulationSummary? summary = null;
        if (files.TruthTo is { } truth)
        {
            Write(truth, "--truth", stream => summary = simulate(stream));
        }
        else
        {
            summary = simulate(null);
        }
        return summary!;
    }

    private SimulationSummary Plain(FleetSimulation fleet, Stream? truth)
    {
        SimulationSummary? summary = null;
        using (Progress(() => Volatile.Read(ref _events)))
        {
            ToStream(stream => summary = fleet.WriteEvents(stream, Count, truth, stop));
        }
        return summary!;
    }

    private SimulationSummary ToLines(FleetSimulation fleet, Stream? truth)
    {
        SimulationSummary? summary = null;
        ToStream(stream =>
        {
            using var output = new LineOutput(stream);
            summary = Timed(fleet, output, truth);
        });
        return summary!;
    }

    private SimulationSummary Timed(FleetSimulation fleet, IEventOutput output, Stream? truth)
    {
        var sink = new TimedSink(output, target.Rate is { } rate ? new Pace(rate) : null, target.IsLive, clock, stop);
        SimulationSummary summary;
        using (Progress(() => output.Events))
        {
            summary = fleet.Run(sink, Count, truth, stop);
            output.Finish(summary.Cancelled);
        }
        return summary with { Events = output.Events, Bytes = sink.Bytes };
    }

    private IDisposable Progress(Func<long> events) => new ProgressLine("simulate").Show(
        () => target.IsLive ? $"{events():N0} events" : $"{events():N0} events, {Volatile.Read(ref _perMille) / 10.0:N1} % of the time");

    private void Count(long events, int perMille)
    {
        Volatile.Write(ref _events, events);
        Volatile.Write(ref _perMille, perMille);
    }

    private void ToStream(Action<Stream> write)
    {
        if (target.To == "-")
        {
            using var output = Console.OpenStandardOutput();
            write(output);
        }
        else
        {
            Write(target.To, "--to", write);
        }
    }

    private static void Write(string path, string option, Action<Stream> write)
    {
        FileStream file;
        try
        {
            file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, 1 << 16);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{option} {path} cannot be written ({e.Message.TrimEnd('.')}).");
        }
        using (file)
        {
            write(file);
        }
    }
}
