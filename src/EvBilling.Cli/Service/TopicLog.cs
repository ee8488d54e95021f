using System.Collections.Concurrent;
using Confluent.Kafka;
using EvBilling.Engine;
using EvBilling.Kafka;
using EvBilling.Kafka.Reading;
using Microsoft.Extensions.Logging;

namespace EvBilling.Cli.Service;

/// <summary>Logs what becomes of a topic's partitions; a run that does not log says aloud only what bills may miss.</summary>
internal sealed class TopicLog(ServiceRun service, TimeProvider time) : ITopicListener
{
    // Of a broker that is away the library reports every attempt, many a second.
    private static readonly TimeSpan ReportEvery = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, long> _reported = new();
    private readonly ILogger _logger = service.Logger;

    public void Claimed(IReadOnlyList<LogPartition> partitions)
    {
        if (partitions.Count > 0)
        {
            Log.PartitionsClaimed(_logger, partitions[0].Source, Numbers(partitions));
        }
    }

    public void GivenUp(IReadOnlyList<LogPartition> partitions)
    {
        if (partitions.Count > 0)
        {
            Log.PartitionsGivenUp(_logger, partitions[0].Source, Numbers(partitions));
        }
    }

    public void Skipped(RetentionGap gap)
    {
        if (service.IsLogging)
        {
            Log.Gap(_logger, gap.Partition.Source, gap.Partition.Partition, gap.From, gap.Records);
        }
        else
        {
            service.Say($"{gap} --accept-gap is given, so that reading goes on behind them.");
        }
    }

    public void Stalled(IReadOnlyList<LogPartition> partitions) => service.Say(
        $"{partitions[0].Source}: what is left lies in partitions {Numbers(partitions)}, of which another member of the group commits nothing to this store; it is waited for. "
        + "If it fills another store, end it, and give each store a --group of its own.");

    public void Reported(KafkaLogLine line)
    {
        // On threads of the library.
        var isKnown = _reported.TryGetValue(line.Facility, out var at);
        if (line.Level <= SyslogLevel.Warning && (!isKnown || time.GetElapsedTime(at) >= ReportEvery))
        {
            _reported[line.Facility] = time.GetTimestamp();
            Log.KafkaReported(_logger, line.Text);
        }
    }

    private static string Numbers(IReadOnlyList<LogPartition> partitions) => string.Join(' ', partitions.Select(partition => partition.Partition).Order());
}
