using EvBilling.Engine;

namespace EvBilling.Cli.Status;

/// <summary>How far a partition is read, and where it ends.</summary>
/// <param name="NextOffset">What is read next; null = nothing was read yet.</param>
/// <param name="EndOffset">Null = not known.</param>
/// <param name="Lag">What waits: records of a topic, bytes of a file; null = not known.</param>
/// <param name="IsLive">The end is as of now, rather than as of when records were last committed.</param>
/// <param name="IsGone">The source was asked, and is another by now: nothing of this one waits any more.</param>
internal sealed record PartitionStatus(
    LogPartition Partition, long? NextOffset, long? EndOffset, long? Lag, bool IsLive, bool IsGone, long ReadAtUnixSeconds, long ClockNs, long GapRecords);

/// <summary>How a store stands: what <c>status</c> shows.</summary>
internal sealed record StatusReport(
    IReadOnlyList<PartitionStatus> Partitions, StoreCounts Counts, IReadOnlyList<(string Reason, long Letters)> DeadLetters, long EventClockNs)
{
    /// <summary>What waits in all partitions of which that is known; null = it is known of none.</summary>
    public long? Lag => Partitions.Any(partition => partition.Lag is not null) ? Partitions.Sum(partition => partition.Lag ?? 0) : null;

    /// <param name="live">Where partitions reach now, of those that were asked for; others are shown as last seen.</param>
    public static StatusReport Of(IBillStore store, IReadOnlyList<PartitionState> states, IReadOnlyList<LiveEnd> live)
    {
        var known = states.ToDictionary(state => state.Position.Partition);
        var ends = live.ToDictionary(end => end.Partition);
        var asked = live.ToLookup(end => end.Partition.Source, end => end.Partition.Incarnation);
        var partitions = states.Select(state => state.Position.Partition).Union(ends.Keys)
            .Select(partition => Partition(
                partition, known.GetValueOrDefault(partition), ends.GetValueOrDefault(partition),
                asked.Contains(partition.Source) && !asked[partition.Source].Contains(partition.Incarnation)))
            .OrderBy(status => status.Partition.Source, StringComparer.Ordinal)
            .ThenBy(status => status.Partition.Incarnation, StringComparer.Ordinal)
            .ThenBy(status => status.Partition.Partition);
        return new([.. partitions], store.ReadCounts(), store.CountDeadLetters(), store.ReadEventClock());
    }

    private static PartitionStatus Partition(LogPartition partition, PartitionState? state, LiveEnd? live, bool isGone)
    {
        var next = state?.Position.NextOffset;
        var end = isGone ? null : live is not null ? live.EndOffset : state is { EndOffset: >= 0 } ? state.EndOffset : null;
        // Of what was never read, or is gone unread, only what is still there can wait.
        var from = live is not null ? Math.Max(next ?? 0, live.BeginOffset) : next;
        var lag = end is { } last && from is { } first ? Math.Max(0, last - first) : (long?)null;
        return new(partition, next, end, lag, live is not null || isGone, isGone, state?.ReadAtUnixSeconds ?? 0, state?.ClockNs ?? 0, state?.GapRecords ?? 0);
    }
}
