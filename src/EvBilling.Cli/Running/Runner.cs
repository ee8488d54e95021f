using System.Diagnostics;
using EvBilling.Cli.Service;
using EvBilling.Engine;
using EvBilling.Locations;

namespace EvBilling.Cli.Running;

/// <summary>Runs a plan: checks everything that can be wrong before anything is written, then runs the pipeline, again after failures that may pass.</summary>
internal static class Runner
{
    public static RunSummary Run(RunPlan plan, CancellationToken stop)
    {
        CheckTimeZone(plan.Stored);
        StoreTarget.Check(plan.Store);
        var tariffs = TariffFiles.ReadTariffs(plan.TariffsPath);
        var locations = TariffFiles.ReadLocations(plan.LocationsPath);
        using var service = ServiceRun.Start(plan.Service, () => StoreTarget.OpenToRead(plan.Store), TimeProvider.System, stop);
        Log.Started(service.Logger, ServiceRun.Version, plan.Events.Name, StoreTarget.NameOf(plan.Store));
        var (rewind, started) = (plan.FromStart, Stopwatch.GetTimestamp());
        var (stated, say) = (plan.Stored, (Action<string>)service.Say);
        RunSummary? summary = null;
        var finished = service.Run(cancellation =>
        {
            plan.Events.Ask(service);
            using var store = StoreTarget.Open(plan.Store);
            store.BeginWriting();
            var stored = StoredReadings.Register(store, tariffs, locations, stated, say);
            // When the pipeline starts anew, another run may have set other readings for all.
            (stated, say) = (stated with { Readings = null }, static _ => { });
            if (rewind)
            {
                plan.Events.Rewind(store);
                rewind = false;
            }
            var job = new BillingJob(store, stored, StoreTarget.IsShared(plan.Store) ? plan.Options.ForServer() : plan.Options);
            if (plan.Stored.DefaultTariffId is { } id && job.Tariffs.All(tariff => tariff.Entry.Id != id))
            {
                service.Say($"--default-tariff {id} is in no tariff file, so sessions without another tariff are held (UnknownTariff).");
            }
            using var log = plan.Events.Open(store, service);
            store.Claim(log.Partitions);
            service.State.IsLogReachable = () => log.IsReachable;
            service.State.Running();
            summary = job.Run(log, plan.Service.Follow ? null : new ProgressLine("run"), cancellation, service.Counters);
            return summary.Finished;
        });
        var whole = BillingJob.Summary(service.Counters, default, started, finished);
        // The counters go on over new starts of the pipeline, its time does not.
        return summary is null ? whole : summary with { Seconds = whole.Seconds };
    }

    /// <exception cref="UsageException">There is no such zone.</exception>
    public static void CheckTimeZone(StoredOptions stored)
    {
        if (stored.TimeZoneId is { } zone && TimeZoneChooser.FindZone(zone) is null)
        {
            throw new UsageException($"--timezone {zone} is no IANA time zone; give one such as Europe/Amsterdam.");
        }
    }
}
