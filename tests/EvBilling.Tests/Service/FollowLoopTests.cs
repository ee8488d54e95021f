using EvBilling.Cli.Service;
using EvBilling.Engine;
using Microsoft.Extensions.Time.Testing;

namespace EvBilling.Tests.Service;

public sealed class FollowLoopTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly JumpingClock _clock = new();
    private readonly ServiceState _state;
    private readonly List<PipelineFailure> _told = [];
    private readonly List<DateTimeOffset> _starts = [];
    private readonly CancellationTokenSource _stop = new();

    public FollowLoopTests() => _state = new ServiceState(_clock);

    public void Dispose() => _stop.Dispose();

    private static BillStoreException Store(string message = "The store is away.", bool isTransient = true) => new(message, isTransient: isTransient);

    /// <summary>Runs the loop over a pipeline that is given how often it was started before.</summary>
    private bool Run(Func<int, bool> pipeline, bool follow = true)
    {
        var loop = new FollowLoop(_state, follow, _told.Add, _clock, new Random(7));
        return loop.Run(
            _ =>
            {
                _starts.Add(_clock.GetUtcNow());
                return pipeline(_starts.Count - 1);
            }, _stop.Token);
    }

    // What a pipeline does for so long.
    private void RunFor(TimeSpan time)
    {
        _state.Running();
        _clock.Advance(time);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void What_the_pipeline_returns_ends_the_loop(bool follow, bool finished)
    {
        Assert.Equal(finished, Run(_ => finished, follow));
        Assert.Empty(_told);
        Assert.Equal(0, _state.Restarts);
    }

    [Fact]
    public void Pauses_grow_to_half_a_minute_and_are_up_to_a_quarter_shorter()
    {
        Run(start => start < 8 ? throw Store() : true);

        double[] nominal = [1, 2, 4, 8, 16, 30, 30, 30];
        Assert.Equal(nominal.Length, _told.Count);
        Assert.All(_told.Zip(nominal), pair => Assert.InRange(pair.First.Pause.TotalSeconds, pair.Second * 0.75, pair.Second));
        Assert.True(_told.Select(failure => failure.Pause).Distinct().Count() > 6, "all of one length, workers come back together");
        Assert.Equal(8, _state.Restarts);
        // The next start comes after the pause.
        Assert.All(_told.Select((failure, i) => (failure.Pause, After: _starts[i + 1] - _starts[i])), pair => Assert.InRange((pair.After - pair.Pause).TotalMilliseconds, -1, 1));
    }

    [Theory]
    [InlineData(59, 4)]
    [InlineData(60, 1)]
    public void A_minute_of_running_well_makes_pauses_short_again(int seconds, int pauseS)
    {
        Run(start =>
        {
            if (start == 2)
            {
                RunFor(TimeSpan.FromSeconds(seconds));
            }
            return start < 3 ? throw Store() : true;
        });

        Assert.InRange(_told[2].Pause.TotalSeconds, pauseS * 0.75, pauseS);
        Assert.Equal(pauseS == 1, _told[2].IsNew);
    }

    [Fact]
    public void Each_failure_is_new_once()
    {
        Run(start => start switch
        {
            0 or 1 or 3 => throw Store("The store is away."),
            2 => throw new EventLogException("The broker is away."),
            _ => true,
        });

        Assert.Equal([true, false, true, false], _told.Select(failure => failure.IsNew));
    }

    [Fact]
    public void While_it_waits_it_says_for_what()
    {
        var seen = new List<(ServicePhase, WaitReason, string)>();
        _state.Changed = _ => seen.Add((_state.Phase, _state.Reason, _state.Readiness));
        Run(start =>
        {
            _state.Running();
            return start switch { 0 => throw Store(), 1 => throw new EventLogException("The broker is away."), _ => true };
        });

        Assert.Equal(
            [
                (ServicePhase.Running, WaitReason.None, "ready"), (ServicePhase.Waiting, WaitReason.Store, "waiting"), (ServicePhase.Starting, WaitReason.None, "starting"),
                (ServicePhase.Running, WaitReason.None, "ready"), (ServicePhase.Waiting, WaitReason.Log, "waiting"), (ServicePhase.Starting, WaitReason.None, "starting"),
                (ServicePhase.Running, WaitReason.None, "ready"),
            ],
            seen);
    }

    [Fact]
    public void A_service_tries_again_whatever_store_or_log_say_from_the_first_start_on()
    {
        Assert.True(Run(start => start switch
        {
            0 => throw new BillStoreException("A newer schema.", isUnusable: true),
            1 => throw new EventLogException("No such topic."),
            _ => true,
        }));
        Assert.Equal(2, _told.Count);
    }

    [Fact]
    public void Another_kind_of_failure_is_thrown() =>
        Assert.Throws<InvalidOperationException>(() => Run(_ => throw new InvalidOperationException("A mistake of ours.")));

    [Fact]
    public async Task A_stop_ends_a_pause_at_once()
    {
        // This clock stands still.
        var loop = new FollowLoop(_state, true, _told.Add, new FakeTimeProvider(), new Random(7));
        var run = Task.Run(() => loop.Run(_ => throw Store(), _stop.Token));
        SpinWait.SpinUntil(() => _state.Phase == ServicePhase.Waiting, Patience);
        await _stop.CancelAsync();

        Assert.False(await run);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_still_being_opened_is_not_waited_for(bool follow)
    {
        using var never = new ManualResetEventSlim();
        using var opening = new ManualResetEventSlim();
        var loop = new FollowLoop(_state, follow, _told.Add, _clock, new Random(7));
        var run = Task.Run(() => loop.Run(
            _ =>
            {
                opening.Set();
                return never.Wait(Patience, CancellationToken.None);
            }, _stop.Token));
        opening.Wait(TestContext.Current.CancellationToken);
        await _stop.CancelAsync();

        Assert.False(await run);
        never.Set();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_commit_in_hand_is_waited_for(bool follow)
    {
        using var running = new ManualResetEventSlim();
        var loop = new FollowLoop(_state, follow, _told.Add, _clock, new Random(7));
        var run = Task.Run(() => loop.Run(
            cancellation =>
            {
                _state.Running();
                running.Set();
                cancellation.WaitHandle.WaitOne(Patience);
                // Longer than what is still being opened is waited for.
                Thread.Sleep(1000);
                return true;
            }, _stop.Token));
        running.Wait(TestContext.Current.CancellationToken);
        _state.Stopping();
        await _stop.CancelAsync();

        Assert.True(await run);
    }

    [Fact]
    public void A_pipeline_that_fails_while_a_service_stops_ends_it()
    {
        Assert.False(Run(_ =>
        {
            _stop.Cancel();
            throw Store();
        }));
        Assert.Single(_told);
    }

    [Fact]
    public void A_pipeline_that_is_cancelled_ends_it() =>
        Assert.False(Run(_ =>
        {
            _stop.Cancel();
            throw new OperationCanceledException(_stop.Token);
        }));

    [Fact]
    public void A_run_that_is_to_end_throws_what_fails_before_it_ever_ran()
    {
        Assert.Throws<BillStoreException>(() => Run(_ => throw Store(), follow: false));
        Assert.Empty(_told);
    }

    [Fact]
    public void A_run_that_is_to_end_throws_what_does_not_pass_by_itself()
    {
        Assert.Throws<BillStoreException>(() => Run(
            _ =>
            {
                _state.Running();
                throw Store(isTransient: false);
            }, follow: false));
        Assert.Single(_starts);
    }

    [Fact]
    public void A_run_that_is_to_end_bears_with_what_may_pass_for_five_minutes()
    {
        Assert.Throws<BillStoreException>(() => Run(
            start =>
            {
                if (start == 0)
                {
                    _state.Running();
                }
                throw Store();
            }, follow: false));

        // The pauses that fit into five minutes, and not one more.
        Assert.InRange(_starts[^1] - _starts[0], TimeSpan.FromMinutes(4.5), TimeSpan.FromMinutes(5));
    }

    [Fact]
    public void A_run_that_is_to_end_begins_the_five_minutes_anew_after_running_well()
    {
        Assert.True(Run(
            start =>
            {
                if (start % 10 == 0)
                {
                    RunFor(TimeSpan.FromMinutes(1));
                }
                return start < 40 ? throw Store() : true;
            }, follow: false));
        Assert.True(_starts[^1] - _starts[0] > TimeSpan.FromMinutes(10), "the pauses are too short to tell");
    }

    /// <summary>Stands still, but jumps over each pause.</summary>
    private sealed class JumpingClock : FakeTimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Advance(dueTime);
            callback(state);
            return base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }
}
