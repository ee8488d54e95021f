using System.Globalization;
using NodaTime;

namespace EvBilling.Simulator;

/// <summary>Which fleet is simulated and for how long. Equal options give equal bytes on every machine.</summary>
public sealed record SimulationOptions
{
    /// <summary>The most stations of a fleet.</summary>
    public const int StationsMax = 1_000_000;

    /// <summary>The longest simulation: ten years, in hours.</summary>
    public const int HoursMax = 87_600;

    /// <summary>The most shards a fleet is cut into.</summary>
    public const int ShardsMax = 10_000;

    private static readonly Instant StartMin = Instant.FromUtc(2000, 1, 1, 0, 0);
    private static readonly Instant StartMax = Instant.FromUtc(2200, 1, 1, 0, 0);

    /// <summary>Stations of the whole fleet, over all shards.</summary>
    public int Stations { get; init; } = 25;

    /// <summary>Hours simulated: events happen from <see cref="Start"/> to before Start + Hours.</summary>
    public int Hours { get; init; } = 24;

    /// <summary>The fleet goes on without an end; <see cref="Hours"/> is not looked at. What happens up to any moment is the same as with one.</summary>
    public bool NoEnd { get; init; }

    /// <summary>What the fleet and its sessions are drawn from.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>The first moment simulated, in whole seconds; every connector is free then.</summary>
    public Instant Start { get; init; } = Instant.FromUtc(2026, 1, 5, 0, 0);

    /// <summary>What happens to events on their way.</summary>
    public FaultProfile Faults { get; init; }

    /// <summary>Whether a `started` event states the tariff_id of its connector.</summary>
    public bool StateTariffs { get; init; }

    /// <summary>Into how many shards the fleet is cut: station number n belongs to shard (n - 1) % Shards.</summary>
    public int Shards { get; init; } = 1;

    /// <summary>The shard whose events are written, from 0; null = the events of all shards.</summary>
    public int? Shard { get; init; }

    /// <summary>
    /// Events that arrive before this moment are worked out but not delivered: a run that stopped goes on from here. Null = all are delivered.
    /// </summary>
    public Instant? DeliverFrom { get; init; }

    /// <summary>
    /// Events that arrive within this interval state `offline: true`, for they are delivered after it, when the simulator is back. Null = none.
    /// </summary>
    public Interval? Away { get; init; }

    /// <summary>Throws <see cref="SimulationOptionsException"/> for the first option that is outside its range.</summary>
    public void Validate()
    {
        if (Stations is < 1 or > StationsMax)
        {
            throw Outside("stations", Stations, "1", "1000000");
        }

        if (!NoEnd && Hours is (< 1 or > HoursMax))
        {
            throw Outside("hours", Hours, "1", "87600 (ten years)");
        }

        if (Start < StartMin || Start > StartMax || Start != Instant.FromUnixTimeSeconds(Start.ToUnixTimeSeconds()))
        {
            throw new SimulationOptionsException($"start is {Start}; give a time in whole seconds between {StartMin} and {StartMax}.");
        }

        if (Faults is not (FaultProfile.None or FaultProfile.Field))
        {
            throw new SimulationOptionsException($"faults is {Faults}; give none or field.");
        }

        if (Shards is < 1 or > ShardsMax)
        {
            throw Outside("shards", Shards, "1", "10000");
        }

        if (Shard is { } shard && (shard < 0 || shard >= Shards))
        {
            throw new SimulationOptionsException(string.Create(
                CultureInfo.InvariantCulture, $"shard is {shard} of {Shards} shards; give a number from 0 to {Shards - 1}."));
        }

        if (Away is { } away && !(away.HasStart && away.HasEnd))
        {
            throw new SimulationOptionsException($"away is {away}; give an interval with a start and an end.");
        }
    }

    private static SimulationOptionsException Outside(string option, long value, string least, string most) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{option} is {value}; give a number from {least} to {most}."));
}
