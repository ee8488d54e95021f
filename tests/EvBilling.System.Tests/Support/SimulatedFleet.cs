using System.Text;
using EvBilling.Simulator;

namespace EvBilling.SystemTests.Support;

/// <summary>A simulated fleet's events with field faults, and the tariffs and locations that belong to them.</summary>
internal sealed class SimulatedFleet
{
    private SimulatedFleet(string[] lines, string tariffs, string locations) => (Lines, Tariffs, Locations) = (lines, tariffs, locations);

    public string[] Lines { get; }

    public string Tariffs { get; }

    public string Locations { get; }

    /// <summary>About 60 sessions and 1,250 events a day of 20 stations.</summary>
    public static SimulatedFleet Create(long seed, int stations = 20, int hours = 24)
    {
        var fleet = new FleetSimulation(new SimulationOptions { Stations = stations, Hours = hours, Seed = seed, Faults = FaultProfile.Field, StateTariffs = true });
        using var events = new MemoryStream();
        fleet.WriteEvents(events);
        return new(
            Encoding.UTF8.GetString(events.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries),
            Encoding.UTF8.GetString(fleet.TariffsJson()), Encoding.UTF8.GetString(fleet.LocationsJson()));
    }

    /// <summary>Without some of the lines: then many sessions lack a start, an end or readings, more than field faults bring about in a small fleet.</summary>
    public string[] Thinned(Random random, int percent) => [.. Lines.Where(_ => random.Next(100) >= percent)];
}
