using EvBilling.Cli.Service;
using Microsoft.Extensions.Time.Testing;

namespace EvBilling.Tests.Service;

public sealed class ServiceStateTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly ServiceState _state;

    public ServiceStateTests() => _state = new ServiceState(_clock);

    [Fact]
    public void It_is_ready_only_while_it_runs()
    {
        Assert.Equal("starting", _state.Readiness);
        _state.Running();
        Assert.Equal("ready", _state.Readiness);
        _state.Waiting(WaitReason.Log);
        Assert.Equal(("waiting", WaitReason.Log), (_state.Readiness, _state.Reason));
        _state.Starting();
        Assert.Equal(("starting", WaitReason.None), (_state.Readiness, _state.Reason));
        _state.Stopping();
        Assert.Equal("stopping", _state.Readiness);
    }

    [Theory]
    [InlineData(true, true, "ready", WaitReason.None)]
    [InlineData(false, true, "waiting", WaitReason.Store)]
    [InlineData(true, false, "waiting", WaitReason.Log)]
    [InlineData(false, false, "waiting", WaitReason.Store)]
    public void Running_it_is_ready_only_while_store_and_log_can_be_reached(bool store, bool log, string readiness, object reason)
    {
        _state.IsStoreReachable = () => store;
        _state.IsLogReachable = () => log;
        _state.Running();

        Assert.Equal((readiness, reason), (_state.Readiness, _state.Reason));
    }

    [Fact]
    public void No_phase_follows_the_stop()
    {
        _state.Stopping();
        _state.Running();
        _state.Waiting(WaitReason.Store);
        Assert.Equal(ServicePhase.Stopping, _state.Phase);
    }

    [Fact]
    public void Only_a_pipeline_that_runs_and_shows_no_sign_of_life_for_minutes_fails()
    {
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal("ok", _state.Health);
        _state.Waiting(WaitReason.Store);
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal("ok", _state.Health);
        _state.Running();
        _clock.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromTicks(1));
        Assert.Equal("ok", _state.Health);
        _clock.Advance(TimeSpan.FromTicks(1));
        Assert.Equal("failing", _state.Health);
        _state.Waiting(WaitReason.Store);
        Assert.Equal("ok", _state.Health);
    }
}
