using EvBilling.Simulator;

namespace EvBilling.Cli.Simulating;

/// <summary>
/// The names of a fleet and of one of its shards among all that write to a topic: all that its events follow from but its start, which the progress holds. Another
/// option is another fleet, so that no progress is ever gone on with by a fleet that it does not fit.
/// </summary>
/// <param name="FleetPrefix">What the keys of all shards of the fleet begin with.</param>
/// <param name="Shard">The shard's key.</param>
internal sealed record ShardKeys(string FleetPrefix, string Shard)
{
    /// <summary>A fleet that is not cut into shards is one shard.</summary>
    public static ShardKeys Of(string topic, SimulationOptions options)
    {
        var faults = options.Faults == FaultProfile.Field ? "field" : "none";
        var tariffs = options.StateTariffs ? "stated" : "none";
        var shards = options.Shard is null ? 1 : options.Shards;
        // A topic's name holds no slash.
        var prefix = $"{topic}/seed={options.Seed}/stations={options.Stations}/faults={faults}/tariffs={tariffs}/shards={shards}/";
        return new(prefix, $"{prefix}shard={options.Shard ?? 0}");
    }
}
