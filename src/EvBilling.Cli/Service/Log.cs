using Microsoft.Extensions.Logging;

namespace EvBilling.Cli.Service;

/// <summary>What the service logs. Ids, names and levels are frozen: docs/operations.md lists them, alerts may hang on them. Nothing personal, no secret.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "EvBilling {Version} starts: from {Events} into {Store}.")]
    public static partial void Started(ILogger logger, string version, string events, string store);

    [LoggerMessage(2, LogLevel.Information, "/health, /ready and /metrics are served on {Address}.")]
    public static partial void Listening(ILogger logger, string address);

    [LoggerMessage(3, LogLevel.Information, "Ready: events are read and billed.")]
    public static partial void Ready(ILogger logger);

    [LoggerMessage(4, LogLevel.Information, "Told to stop: what was read is committed first.")]
    public static partial void Stopping(ILogger logger);

    [LoggerMessage(5, LogLevel.Information, "Stopped after {Seconds} s: {Events} events, {Versions} versions of bills, {DeadLetters} refused.")]
    public static partial void Stopped(ILogger logger, long seconds, long events, long versions, long deadLetters);

    [LoggerMessage(6, LogLevel.Information, "{Sentence}")]
    public static partial void Said(ILogger logger, string sentence);

    [LoggerMessage(
        10, LogLevel.Debug, "Committed in {Milliseconds} ms: {Sessions} sessions, {Bills} versions of bills, {DeadLetters} refused, {Partitions} partitions.")]
    public static partial void BatchCommitted(ILogger logger, long milliseconds, int sessions, int bills, int deadLetters, int partitions);

    [LoggerMessage(11, LogLevel.Warning, "{DeadLetters} events were refused since this was last said; `evbilling dead-letter` lists them.")]
    public static partial void DeadLettersSeen(ILogger logger, long deadLetters);

    [LoggerMessage(20, LogLevel.Information, "Partitions {Partitions} of {Source} are read here now.")]
    public static partial void PartitionsClaimed(ILogger logger, string source, string partitions);

    [LoggerMessage(21, LogLevel.Information, "Partitions {Partitions} of {Source} are given up: what was read of them is committed.")]
    public static partial void PartitionsGivenUp(ILogger logger, string source, string partitions);

    [LoggerMessage(22, LogLevel.Warning, "Partition {Partition} of {Source}: {Records} records from offset {Offset} on were gone before they could be read.")]
    public static partial void Gap(ILogger logger, string source, int partition, long offset, long records);

    [LoggerMessage(23, LogLevel.Warning, "{Source} is not the topic that was read before, and is read from its start.")]
    public static partial void TopicChanged(ILogger logger, string source);

    [LoggerMessage(24, LogLevel.Warning, "From the log's client: {Message}")]
    public static partial void LogClient(ILogger logger, string message);

    [LoggerMessage(30, LogLevel.Warning, "{Failure} The pipeline starts again in {Seconds} s, from what is committed.")]
    public static partial void Restarting(ILogger logger, string failure, double seconds);

    [LoggerMessage(31, LogLevel.Debug, "As before: {Failure} The pipeline starts again in {Seconds} s.")]
    public static partial void RestartingAgain(ILogger logger, string failure, double seconds);

    [LoggerMessage(32, LogLevel.Warning, "The store does not answer: {Failure}")]
    public static partial void StoreUnreachable(ILogger logger, string failure);

    [LoggerMessage(33, LogLevel.Information, "The store answers again.")]
    public static partial void StoreReachable(ILogger logger);
}
