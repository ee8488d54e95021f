using EvBilling.Simulator;
using NodaTime;

namespace EvBilling.Tests.Simulator;

public sealed class SimulationOptionsTests
{
    public static TheoryData<string, SimulationOptions> Refused => new()
    {
        { "stations is 0; give a number from 1 to 1000000.", new() { Stations = 0 } },
        { "stations is 1000001; give a number from 1 to 1000000.", new() { Stations = 1_000_001 } },
        { "hours is 0; give a number from 1 to 87600 (ten years).", new() { Hours = 0 } },
        { "hours is 87601; give a number from 1 to 87600 (ten years).", new() { Hours = 87_601 } },
        { "shards is 0; give a number from 1 to 10000.", new() { Shards = 0 } },
        { "shard is 3 of 3 shards; give a number from 0 to 2.", new() { Shards = 3, Shard = 3 } },
        { "shard is -1 of 3 shards; give a number from 0 to 2.", new() { Shards = 3, Shard = -1 } },
        { "faults is 9; give none or field.", new() { Faults = (FaultProfile)9 } },
    };

    [Theory]
    [MemberData(nameof(Refused), DisableDiscoveryEnumeration = true)]
    public void A_refused_option_is_named_with_its_value_and_the_remedy(string message, SimulationOptions options) =>
        Assert.Equal(message, Assert.Throws<SimulationOptionsException>(() => new FleetSimulation(options)).Message);

    [Fact]
    public void A_start_must_be_in_whole_seconds_of_this_age()
    {
        Assert.Throws<SimulationOptionsException>(() => new FleetSimulation(new() { Start = Instant.FromUnixTimeMilliseconds(1_767_571_200_001) }));
        Assert.Throws<SimulationOptionsException>(() => new FleetSimulation(new() { Start = Instant.FromUtc(1999, 12, 31, 23, 59) }));
        Assert.Throws<SimulationOptionsException>(() => new FleetSimulation(new() { Away = new Interval(null, Instant.FromUtc(2026, 1, 6, 0, 0)) }));
    }

    [Fact]
    public void The_limits_themselves_are_allowed()
    {
        new SimulationOptions { Stations = 1, Hours = 1 }.Validate();
        new SimulationOptions { Stations = 1_000_000, Hours = 87_600, Shards = 10_000, Shard = 9_999 }.Validate();
    }

    [Fact]
    public void Ten_years_of_one_station_can_be_simulated()
    {
        var fleet = new SimulationOptions { Stations = 1, Hours = SimulationOptions.HoursMax, Faults = FaultProfile.Field };
        Assert.True(new FleetSimulation(fleet).WriteEvents(Stream.Null, cancellation: TestContext.Current.CancellationToken).SessionsEnded > 3_000);
    }
}
