using System.Security.Cryptography;
using CsCheck;
using EvBilling.Simulator;
using NodaTime;

namespace EvBilling.Tests.Simulator;

public sealed class DeterminismTests
{
    private static readonly SimulationOptions Small = new() { Stations = 25, Hours = 24, Seed = 1, Faults = FaultProfile.Field };

    private static readonly Gen<SimulationOptions> AnyOptions =
        Gen.Select(Gen.Int[1, 40], Gen.Int[1, 60], Gen.Long, Gen.Bool, Gen.Bool, Gen.Int[1, 6], (stations, hours, seed, field, tariffs, shards) =>
            new SimulationOptions
            {
                Stations = stations,
                Hours = hours,
                Seed = seed,
                Faults = field ? FaultProfile.Field : FaultProfile.None,
                StateTariffs = tariffs,
                Shards = shards,
            });

    [Fact]
    public void The_same_seed_gives_the_same_bytes() =>
        AnyOptions.Sample(options => SeenFleet.Run(options).Bytes.AsSpan().SequenceEqual(SeenFleet.Run(options).Bytes), iter: 20);

    [Fact]
    public void Another_seed_gives_other_bytes() =>
        Assert.NotEqual(SeenFleet.Run(Small).Bytes, SeenFleet.Run(Small with { Seed = 2 }).Bytes);

    /// <summary>Frozen: a change here breaks everyone who wrote down a seed.</summary>
    [Fact]
    public void A_seed_gives_the_same_bytes_in_every_version()
    {
        var fleet = SeenFleet.Run(Small with { StateTariffs = true });
        var simulation = new FleetSimulation(Small);
        Assert.Equal("419f5ab02417d0c65ad5ef9b42fd1727c66284bbf674e27c631ead5e6813acea", Hash(fleet.Bytes));
        Assert.Equal("057d2be09475072226ee5d95a8be775c97e1ccb4448b14e9249eba385bd17ae9", Hash(fleet.TruthBytes));
        Assert.Equal("c7df40b9545f61f521ff8a0a10b12400d46b9dd50ae07fc7a68d16b52574be7d", Hash(simulation.LocationsJson()));
        Assert.Equal("fafdf597bf5671eed1eb47db0fb50c31f6dd881cadecc9c54f4e8e7828202507", Hash(simulation.TariffsJson()));
    }

    [Fact]
    public void The_union_of_all_shards_is_the_whole_fleet() => AnyOptions.Sample(
        options =>
        {
            var whole = SeenFleet.Run(options).Events.Select(e => e.Line).Order(StringComparer.Ordinal);
            var union = Enumerable.Range(0, options.Shards)
                .SelectMany(shard => SeenFleet.Run(options with { Shard = shard }).Events)
                .Select(e => e.Line)
                .Order(StringComparer.Ordinal);
            return whole.SequenceEqual(union);
        },
        iter: 20);

    [Fact]
    public void A_shard_keeps_the_order_of_the_whole_fleet()
    {
        var shard = SeenFleet.Run(Small with { Shards = 3, Shard = 2 }).Events;
        var stations = shard.Select(e => e.Station).ToHashSet();
        Assert.Equal(SeenFleet.Run(Small).Events.Where(e => stations.Contains(e.Station)).Select(e => e.Line), shard.Select(e => e.Line));
    }

    [Fact]
    public void A_shard_without_stations_is_empty() => Assert.Empty(SeenFleet.Run(new SimulationOptions { Stations = 2, Shards = 5, Shard = 4 }).Events);

    [Fact]
    public void A_longer_simulation_begins_with_the_events_of_a_shorter_one()
    {
        var faultless = Small with { Faults = FaultProfile.None };
        byte[] day = SeenFleet.Run(faultless).Bytes;
        byte[] week = SeenFleet.Run(faultless with { Hours = 168 }).Bytes;
        Assert.Equal(day, week[..day.Length]);
    }

    [Fact]
    public void A_run_that_goes_on_from_a_moment_delivers_the_rest_in_the_same_bytes()
    {
        byte[] whole = SeenFleet.Run(Small).Bytes;
        byte[] rest = SeenFleet.Run(Small with { DeliverFrom = Small.Start + Duration.FromHours(13) }).Bytes;
        Assert.InRange(rest.Length, 1, whole.Length - 1);
        Assert.Equal(whole[^rest.Length..], rest);
    }

    [Fact]
    public void What_arrives_while_the_simulator_is_away_is_marked_offline_and_otherwise_the_same()
    {
        var faultless = Small with { Faults = FaultProfile.None };
        var away = new Interval(Small.Start + Duration.FromHours(9), Small.Start + Duration.FromHours(12));
        var events = SeenFleet.Run(faultless with { Away = away }).Events;
        Assert.All(events, e => Assert.Equal(away.Contains(e.At), e.Offline));
        Assert.Contains(events, e => e.Offline);
        Assert.Equal(
            SeenFleet.Run(faultless).Events.Select(e => e.Line),
            events.Select(e => e.Line.Replace(",\"offline\":true", "", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_generator_gives_the_sequence_of_its_published_algorithm()
    {
        var random = new SplitMix64(1234567);
        Assert.Equal([6457827717110365317UL, 3203168211198807973UL, 9817491932198370423UL], new[] { random.Next(), random.Next(), random.Next() });
    }

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
