using System.Diagnostics;
using EvBilling.Billing;
using EvBilling.Engine;
using EvBilling.Events;
using EvBilling.Locations;
using EvBilling.Tariffs;
using NodaTime;

namespace EvBilling.Cli;

/// <summary>What a run did and what the store then holds: the members of <c>run --json</c>.</summary>
internal sealed record RunSummary(
    long Events, long NewEvents, long Duplicates, long DeadLetters, long Sessions, long Bills, long BillsOpen, long BillsHeld, long VersionsWritten,
    decimal Seconds, bool Finished);

/// <summary>Runs a log into a store with the tariffs and locations that the store holds.</summary>
internal sealed class BillingJob(IBillStore store, StoredOptions stored, RunOptions options)
{
    public IReadOnlyList<StoredTariff> Tariffs { get; } = store.ReadTariffs();

    /// <param name="progress">Null = none is shown.</param>
    /// <param name="counters">Those of a run that this one goes on with.</param>
    public RunSummary Run(IEventLog log, ProgressLine? progress, CancellationToken cancellation, RunCounters? counters = null)
    {
        var started = Stopwatch.GetTimestamp();
        using var run = new BillingRun(
            log, store, CreateBillers(store, Tariffs, stored), Tariffs.Count == 0 ? 0 : Tariffs[^1].Sequence, options, TimeProvider.System, counters);
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

    /// <summary>The biller of a store: with its tariffs, locations and options.</summary>
    public static Biller CreateBiller(IBillStore store, IReadOnlyList<StoredTariff> tariffs, StoredOptions? options) => CreateBillers(store, tariffs, options)();

    private static Func<Biller> CreateBillers(IBillStore store, IReadOnlyList<StoredTariff> tariffs, StoredOptions? options)
    {
        var book = TariffFiles.Book(tariffs);
        var locations = new LocationBook(store.ReadLocations());
        return () => new(book, locations, BillingOptions(options));
    }

    /// <summary>What bills depend on besides events, tariffs and locations, as the last run had it.</summary>
    public static BillingOptions BillingOptions(StoredOptions? options) => new()
    {
        DefaultTariffId = options?.DefaultTariffId,
        DefaultZone = options?.TimeZoneId is { } id ? TimeZoneChooser.FindZone(id) : null,
        MaxSessionNs = options is null ? new BillingOptions().MaxSessionNs : options.MaxSessionSeconds * Rfc3339.NsPerSecond,
    };

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
