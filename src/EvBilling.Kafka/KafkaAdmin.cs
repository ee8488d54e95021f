using Confluent.Kafka;
using Confluent.Kafka.Admin;
using EvBilling.Engine;
using EvBilling.Kafka.Tokens;

namespace EvBilling.Kafka;

/// <summary>What is asked of brokers beside events.</summary>
public static class KafkaAdmin
{
    /// <summary>How long brokers get to answer, unless the caller knows better.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>Describes a topic; it is not made if it is not there.</summary>
    /// <param name="timeout">How long brokers may take for each of three answers.</param>
    /// <param name="log">Gets the library's lines; null = nobody asks.</param>
    /// <exception cref="EventLogException">It cannot be described: no broker, no right, no topic.</exception>
    /// <exception cref="KafkaSettingsException">The scope of tokens cannot be told.</exception>
    public static TopicFacts Describe(KafkaTarget target, KafkaSettings settings, TimeSpan timeout, Action<KafkaLogLine>? log = null) =>
        With(target, settings, log, async admin =>
        {
            var topic = await Topic(admin, target, timeout);
            // Its brokers refuse the question for the cluster to who has rights to the topic alone; and a namespace is told by its host.
            var cluster = EntraTokens.IsEventHubs(target.BootstrapServers)
                ? target.BootstrapServers.Split(',')[0].Split(':')[0]
                : (await admin.DescribeClusterAsync(new DescribeClusterOptions { RequestTimeout = timeout })).ClusterId;
            var partitions = topic.Partitions.Select(partition => new TopicPartition(target.Topic, partition.Partition)).OrderBy(partition => partition.Partition.Value).ToList();
            var low = await Offsets(admin, partitions, OffsetSpec.Earliest(), timeout);
            var end = await Offsets(admin, partitions, OffsetSpec.Latest(), timeout);
            return new TopicFacts(
                cluster ?? target.BootstrapServers,
                HasId(topic) ? topic.TopicId.ToString() : target.Topic,
                [.. partitions.Select(partition => new PartitionFacts(partition.Partition.Value, low[partition], end[partition]))]);
        });

    /// <summary>Makes a topic where it is not there.</summary>
    /// <param name="partitions">How many a new one gets; one that is there keeps its own number.</param>
    /// <param name="compacted">Whether a new one keeps only the last record of each key.</param>
    /// <param name="timeout">How long brokers may take for each of two answers.</param>
    /// <param name="log">Gets the library's lines; null = nobody asks.</param>
    /// <returns>Whether it was made now.</returns>
    /// <exception cref="EventLogException">It is not there and cannot be made.</exception>
    /// <exception cref="KafkaSettingsException">The scope of tokens cannot be told.</exception>
    public static bool CreateTopic(KafkaTarget target, KafkaSettings settings, int partitions, bool compacted, TimeSpan timeout, Action<KafkaLogLine>? log = null) =>
        With(target, settings, log, async admin =>
        {
            // First: who may write a topic need not have the right to make one.
            if (await Exists(admin, target, timeout))
            {
                return false;
            }
            var topic = new TopicSpecification
            {
                Name = target.Topic,
                NumPartitions = partitions,
                ReplicationFactor = -1, // As the broker has it.
                Configs = compacted ? Compacted() : [],
            };
            try
            {
                await admin.CreateTopicsAsync([topic], new CreateTopicsOptions { RequestTimeout = timeout, OperationTimeout = timeout });
                return true;
            }
            catch (CreateTopicsException e) when (e.Results.Single().Error.Code == ErrorCode.TopicAlreadyExists)
            {
                return false; // Another process was quicker.
            }
            catch (CreateTopicsException e)
            {
                throw new KafkaException(e.Results.Single().Error);
            }
        });

    // Only what is no longer written to is compacted: with the broker's default of a week such a topic would be long to read.
    private static Dictionary<string, string> Compacted() =>
        new() { ["cleanup.policy"] = "compact", ["segment.ms"] = "600000", ["segment.bytes"] = "16777216", ["min.cleanable.dirty.ratio"] = "0.1" };

    private static async Task<bool> Exists(IAdminClient admin, KafkaTarget target, TimeSpan timeout)
    {
        try
        {
            await Topic(admin, target, timeout);
            return true;
        }
        catch (KafkaException e) when (e.Error.Code is ErrorCode.UnknownTopicOrPart or ErrorCode.TopicAuthorizationFailed)
        {
            return false;
        }
    }

    private static async Task<TopicDescription> Topic(IAdminClient admin, KafkaTarget target, TimeSpan timeout)
    {
        try
        {
            var options = new DescribeTopicsOptions { RequestTimeout = timeout };
            return (await admin.DescribeTopicsAsync(TopicCollection.OfTopicNames([target.Topic]), options)).TopicDescriptions.Single();
        }
        catch (DescribeTopicsException e)
        {
            throw new KafkaException(e.Results.TopicDescriptions.Single().Error);
        }
    }

    // Brokers that know no ids answer with zeros.
    private static bool HasId(TopicDescription topic) => topic.TopicId is { } id && (id.MostSignificantBits != 0 || id.LeastSignificantBits != 0);

    private static async Task<Dictionary<TopicPartition, long>> Offsets(IAdminClient admin, List<TopicPartition> partitions, OffsetSpec which, TimeSpan timeout)
    {
        try
        {
            var options = new ListOffsetsOptions { RequestTimeout = timeout, IsolationLevel = IsolationLevel.ReadCommitted };
            var asked = partitions.Select(partition => new TopicPartitionOffsetSpec { TopicPartition = partition, OffsetSpec = which });
            return (await admin.ListOffsetsAsync(asked, options)).ResultInfos
                .ToDictionary(info => info.TopicPartitionOffsetError.TopicPartition, info => info.TopicPartitionOffsetError.Offset.Value);
        }
        catch (ListOffsetsException e)
        {
            throw new KafkaException(e.Result.ResultInfos.Select(info => info.TopicPartitionOffsetError.Error).First(error => error.IsError));
        }
    }

    /// <summary>Runs it with an administrator, and turns what fails into a sentence.</summary>
    private static T With<T>(KafkaTarget target, KafkaSettings settings, Action<KafkaLogLine>? log, Func<IAdminClient, Task<T>> ask)
    {
        var watch = new KafkaErrorWatch();
        var builder = new AdminClientBuilder(settings.Admin(target.BootstrapServers));
        settings.Attach(
            builder,
            line =>
            {
                NoteDisconnection(watch, line);
                log?.Invoke(line);
            },
            watch.Note);
        try
        {
            using var admin = builder.Build();
            var answer = ask(admin);
            // A wrong password stays wrong: no need to wait until the library has tried again and again.
            if (Task.WhenAny(answer, watch.Hopeless).GetAwaiter().GetResult() == watch.Hopeless && !answer.IsCompleted)
            {
                _ = answer.ContinueWith(late => late.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
                throw new KafkaException(watch.Hopeless.Result);
            }
            return answer.GetAwaiter().GetResult();
        }
        catch (KafkaException e)
        {
            var cause = watch.MostTelling(e.Error);
            throw new EventLogException(KafkaErrors.Explain(cause, target, settings), e, KafkaErrors.IsUnreachable(cause.Code));
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // Found only when a client is made, as a security mechanism that this build of the library lacks.
            throw new KafkaSettingsException($"The Kafka library refuses its settings ({settings.Scrub(e.Message).TrimEnd('.')}); mend or leave out what it names.");
        }
    }

    // Which the library takes for no error, though it may be all that there is.
    private static void NoteDisconnection(KafkaErrorWatch watch, KafkaLogLine line)
    {
        var text = line.Text.StartsWith("[thrd:", StringComparison.Ordinal) ? line.Text[(line.Text.IndexOf("]: ", StringComparison.Ordinal) + 3)..] : line.Text;
        var error = new Error(ErrorCode.Local_Transport, text);
        if (KafkaErrors.IsClosedByBroker(error))
        {
            watch.Note(error);
        }
    }
}
