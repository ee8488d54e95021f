using EvBilling.Functions.Scaling;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace EvBilling.Functions.Timer;

/// <summary>A tick of the timer: schedule and lag, and what follows from them.</summary>
internal sealed class ScaleTimer(FunctionSettings settings, Scaler scaler, LagReader lag, TimeProvider time, ILogger logger)
{
    // The host moves on after a tick that failed. Until one succeeds the schedule's change is owed; the host's own retries bridge a restart of this process.
    private readonly Lock _lock = new();
    private Instant? _owedSince;

    /// <exception cref="RefusalException">The cluster refuses, or does not answer; a later tick tries again.</exception>
    public async Task Tick(TimerPayload payload, CancellationToken cancellation)
    {
        if (settings.Schedule is not { } schedule)
        {
            return;
        }
        var last = Last(payload);
        try
        {
            var (lagRecords, whyNot) = settings.Brake is null ? (null, "") : await lag.Read(cancellation);
            if (whyNot.Length > 0)
            {
                Log.LagUnknown(logger, whyNot);
            }
            var decision = new TimerDecision(schedule, settings.Brake, last, Instant.FromDateTimeOffset(time.GetUtcNow()), lagRecords);
            if (!decision.HasNothingToSay)
            {
                await Scale(decision, cancellation);
            }
            Settle(null);
        }
        catch (Exception)
        {
            Settle(last);
            throw;
        }
    }

    private async Task Scale(TimerDecision decision, CancellationToken cancellation)
    {
        var why = "";
        var result = await scaler.Scale(
            desired =>
            {
                (var replicas, why) = decision.For(desired);
                return replicas;
            },
            settings.IsDryRun, cancellation);
        Log.Decided(logger, "timer", settings.Cluster.Set, result.From, result.To, result.Outcome, why);
    }

    private Instant? Last(TimerPayload payload)
    {
        lock (_lock)
        {
            return payload.Last is { } last && _owedSince is { } owed ? Instant.Min(last, owed) : payload.Last;
        }
    }

    private void Settle(Instant? owedSince)
    {
        lock (_lock)
        {
            _owedSince = owedSince;
        }
    }
}
