using System.Globalization;
using EvBilling.Engine;

namespace EvBilling.Cli.Service;

/// <summary>
/// What <c>/metrics</c> says: numbers, and labels from fixed lists. No ids, tokens or texts: it is read by more people than the bills. Names are frozen:
/// docs/operations.md lists them.
/// </summary>
internal sealed class ServiceMetrics(ServiceState state, Func<StoreFigures?> store, string version, DateTimeOffset startedAt)
{
    public string Text()
    {
        var text = new MetricsText();
        Service(text);
        Events(text, state.Counters);
        Partitions(text, [.. state.Counters.Partitions]);
        Commits(text, state.Counters);
        if (store() is { } figures)
        {
            Store(text, figures);
        }
        Process(text);
        return text.ToString();
    }

    private void Service(MetricsText text)
    {
        text.Gauge("evbilling_build_info", "1, with the program's version.", "version", [(version, 1)]);
        text.Gauge("evbilling_phase", "1 for the phase that the service is in.", "phase", Enum.GetValues<ServicePhase>().Select(phase => (Label(phase), One(state.Phase == phase))));
        text.Gauge(
            "evbilling_waiting", "1 for what the service waits for, since it does not answer.", "on",
            new[] { WaitReason.Store, WaitReason.Log }.Select(reason => (Label(reason), One(state.Reason == reason))));
        text.Counter("evbilling_pipeline_restarts_total", "How often the pipeline was started again after a failure.", state.Restarts);
    }

    private static void Events(MetricsText text, RunCounters counters)
    {
        text.Counter("evbilling_events_total", "Records read; what is read again after a restart of the pipeline counts again.", counters.Events);
        text.Counter("evbilling_new_events_total", "Events that were new to their session.", counters.NewEvents);
        text.Counter("evbilling_duplicate_events_total", "Events that their session had already.", counters.Duplicates);
        text.Counter(
            "evbilling_dead_letters_total", "Records that were refused and committed as dead letters, by reason.", "reason",
            counters.DeadLettersByReason().Select(reason => (reason.Reason, (double)reason.Letters)));
    }

    // Of several files each is a partition 0; of a topic there is one of each number.
    private static void Partitions(MetricsText text, PartitionFigures[] partitions)
    {
        text.Gauge(
            "evbilling_partition_lag_records", "Records of a partition that is read here that are not committed yet, where that is known.", "partition",
            Sum(partitions.Where(partition => partition.LagRecords >= 0), partition => partition.LagRecords));
        text.Gauge(
            "evbilling_partition_committed_offset", "Where a partition that is read here would be gone on with after a restart.", "partition",
            Sum(partitions.Where(partition => partition.CommittedOffset >= 0), partition => partition.CommittedOffset));
    }

    private static void Commits(MetricsText text, RunCounters counters)
    {
        text.Histogram("evbilling_event_to_bill_seconds", "From when the log had the record that ended a session until its bill was committed.", counters.EventToBill);
        text.Histogram("evbilling_commit_duration_seconds", "How long commits of batches took.", counters.CommitDurations);
        text.Counter("evbilling_batches_total", "Batches committed.", counters.Batches);
        text.Gauge(
            "evbilling_last_commit_timestamp_seconds", "When a batch was last committed, in seconds since 1970; 0 = never.", counters.LastCommitUnixMs / 1000.0);
        text.Counter("evbilling_bill_versions_total", "Versions of bills written.", counters.VersionsWritten);
        text.Counter("evbilling_sessions_merged_total", "Sessions that another worker had changed meanwhile, and that were merged.", counters.SessionsMerged);
        text.Gauge("evbilling_sessions_in_memory", "Sessions of which something is in memory.", counters.SessionsInMemory);
    }

    private static void Store(MetricsText text, StoreFigures figures)
    {
        text.Gauge("evbilling_store_read_timestamp_seconds", "When the store was last asked for the figures below, in seconds since 1970.", figures.At.ToUnixTimeMilliseconds() / 1000.0);
        text.Gauge("evbilling_store_sessions", "Sessions in the store, of all workers.", figures.Counts.Sessions);
        text.Gauge("evbilling_store_open_sessions", "Sessions in the store that have not ended.", figures.Counts.Open);
        text.Gauge(
            "evbilling_store_bills", "Current bills in the store, by status.", "status",
            [("final", figures.Counts.Final), ("held", figures.Counts.Held), ("void", figures.Counts.Void)]);
    }

    private void Process(MetricsText text)
    {
        text.Gauge("evbilling_working_set_bytes", "Memory of the process.", Environment.WorkingSet);
        text.Gauge("evbilling_heap_bytes", "Memory of the runtime's heap, garbage included.", GC.GetTotalMemory(false));
        text.Counter("evbilling_cpu_seconds_total", "Processor time of the process.", Environment.CpuUsage.TotalTime.TotalSeconds);
        text.Gauge("evbilling_start_timestamp_seconds", "When the process was started, in seconds since 1970.", startedAt.ToUnixTimeMilliseconds() / 1000.0);
    }

    private static IEnumerable<(string Label, double Value)> Sum(IEnumerable<PartitionFigures> partitions, Func<PartitionFigures, long> value) =>
        partitions.GroupBy(partition => partition.Partition.Partition).OrderBy(group => group.Key)
            .Select(group => (group.Key.ToString(CultureInfo.InvariantCulture), (double)group.Sum(value)));

    private static string Label<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static double One(bool isSo) => isSo ? 1 : 0;
}
