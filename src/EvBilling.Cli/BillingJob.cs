using System.Diagnostics;
using EvBilling.Engine;

namespace EvBilling.Cli;

/// <summary>What a run did and what the store then holds: the members of <c>run --json</c>.</summary>
internal sealed record RunSummary(
    long Events, long NewEvents, long Duplicates, long DeadLetters, long Sessions, long Bills, long BillsOpen, long BillsHeld, long VersionsWritten,
    decimal Seconds, bool Finished);

/// <summary>Runs a log into a store with the tariffs and locations that the store holds.</summary>
internal sealed class BillingJob(IBillStore store, StoredOptions stored, RunOptions options)
{
    private readonly StoredBilling _billing = new(store, stored);

    public IReadOnlyList<StoredTariff> Tariffs => _billing.Tariffs;

    /// <param name="progress">Null = none is shown.</param>
    /// <param name="counters">Those of a run that this one goes on with.</param>
    public RunSummary Run(IEventLog log, ProgressLine? progress, CancellationToken cancellation, RunCounters? counters = null)
    {
        var started = Stopwatch.GetTimestamp();
        using var run = new BillingRun(
            log, store, _billing.CreateBiller, _billing.TariffsUntil, options, TimeProvider.System, counters);
        bool finished;
        using (progress?.Show(() => Describe(run.Counters, log, started)))
        {
            finished = run.Run(cancellation);
        }
        return Summary(run.Counters, store.ReadCounts(), started, finished);
    }

    /// <param name="started">A timestamp of <see cref="Stopwatch"/>.</param>
    public static RunSummary Summary(RunCounters counters, StoreCounts counts, long started, bool finished) => new(
        counters.Events, counters.NewEvents, counters.Duplicates, counters.DeadLetters, counts.Sessions, counts.Final, counts.Open, counts.Held,
        counters.VersionsWritten, decimal.Round((decimal)Stopwatch.GetElapsedTime(started).TotalSeconds, 3), finished);

    private static string Describe(RunCounters counters, IEventLog log, long started)
    {
        var elapsed = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var text = $"{counters.Events:N0} events, {counters.Events / Math.Max(elapsed, 0.001):N0}/s";
        if (log.TotalBytes is > 0 and var total && log.ReadBytes is > 0 and var read)
        {
            var share = Math.Min(1.0, (double)read / total);
            text += $", {share:P0} read, {TimeSpan.FromSeconds(elapsed * (1 - share) / share):m\\:ss} left";
        }
        return text + $", {counters.VersionsWritten:N0} bills written, {counters.DeadLetters:N0} refused";
    }
}
