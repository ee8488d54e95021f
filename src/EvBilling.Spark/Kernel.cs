using System.Collections.Concurrent;
using System.Globalization;
using EvBilling.Engine;
using EvBilling.Entra;
using EvBilling.Storage.Postgres;

namespace EvBilling.Spark;

/// <summary>
/// Bills what Spark reads, in one process of Spark's: a run for each of the topic's partitions that come here, on the store's rows and positions as the
/// worker's are. Threads may share it.
/// </summary>
internal sealed class Kernel(KernelConfiguration configuration, TimeProvider time)
{
    private const string FilePrefix = "file:";

    private static readonly Lazy<EntraIdentity> OwnIdentity = new(() => EntraIdentity.Of(ProcessEnvironment.Read()));

    // A micro-batch has few commits a partition, then: in large sorted batches neighbours fall on one page of an index, and an executor has the memory.
    private const int BatchEndedMax = 16_000;

    // Beside what partitions keep, of which an executor has many, their bills of some batches.
    private const long HeapBytesTarget = 512 << 20;
    private const long GarbageBytesMin = 256 << 20;

    private readonly ConcurrentDictionary<string, PartitionSlot> _slots = new(StringComparer.Ordinal);
    private readonly SharedBilling _billing = new(configuration, time);
    private readonly MemoryKeeper _memory = new(HeapBytesTarget, GarbageBytesMin);
    private readonly PostgresKnownIds _known = new(time);
    private readonly Lock _reviewing = new();

    /// <summary>Who this process is to Microsoft Entra ID, by its environment.</summary>
    public static EntraIdentity Identity => OwnIdentity.Value;

    /// <summary>A task begins with a partition, and takes it from whoever had it.</summary>
    /// <param name="part">The number of one of the topic's partitions; or a file, as file:///folder/name and the like, which is read from its start.</param>
    /// <returns>Which attempt this is, and what is read next according to the store; 0 = nothing was read yet.</returns>
    /// <exception cref="BillStoreException">The store cannot be used.</exception>
    public PartitionBegin Begin(string part) => SlotOf(part).Begin();

    /// <summary>Takes records of a task.</summary>
    /// <param name="records">As <see cref="RecordReader"/> reads them.</param>
    /// <inheritdoc cref="Commit" path="/exception"/>
    public void Take(string part, long attempt, ReadOnlySpan<byte> records) => SlotOf(part).Take(attempt, records);

    /// <summary>A task ends: all that it brought is in the store, with the bills of it.</summary>
    /// <exception cref="BillStoreException">It is not.</exception>
    /// <exception cref="KernelException">Another attempt has taken the partition over.</exception>
    public TaskFigures Commit(string part, long attempt) => SlotOf(part).Commit(attempt);

    /// <summary>Looks at sessions that no event came for. For one process of all.</summary>
    /// <returns>How many versions of bills were written.</returns>
    /// <inheritdoc cref="Begin" path="/exception"/>
    public long Review(ReviewKind kind)
    {
        lock (_reviewing)
        {
            using var store = OpenStore(configuration, _known, time);
            return PartitionReview.Run(kind, store, new StoredBilling(store, store.ReadOptions()), OptionsOf(configuration), time, _memory);
        }
    }

    public static PostgresBillStore OpenStore(KernelConfiguration configuration, PostgresKnownIds known, TimeProvider time)
    {
        var target = PostgresTarget.Parse(configuration.Store, ProcessEnvironment.Read());
        var store = PostgresBillStore.Open(target, time, target.UsesEntra ? Identity.TokensFor(PostgresTarget.EntraScope) : null);
        store.BeginWriting(known);
        return store;
    }

    public static RunOptions OptionsOf(KernelConfiguration configuration) => new RunOptions
    {
        CloseAfter = TimeSpan.FromSeconds(configuration.CloseAfterSeconds),
        KeepSessions = TimeSpan.FromSeconds(configuration.KeepSessionsSeconds),
    }.ForServer() with
    {
        CacheBytesMax = configuration.CacheBytesMax,
        BatchEndedMax = BatchEndedMax,
    };

    private PartitionSlot SlotOf(string part) => _slots.GetOrAdd(part, name => new PartitionSlot(PartitionOf(name), configuration, _billing, _memory, _known, time) { IsFromStart = IsFile(name) });

    private static bool IsFile(string part) => part.Contains(':', StringComparison.Ordinal);

    // A file's records have no offsets but their rows' numbers, so that it is another source than the same file to a worker.
    private LogPartition PartitionOf(string part) => IsFile(part)
        ? new LogPartition($"spark:{(part.StartsWith(FilePrefix, StringComparison.Ordinal) ? part[FilePrefix.Length..] : part)}", "rows", 0)
        : new LogPartition(configuration.Source, configuration.Incarnation, int.Parse(part, CultureInfo.InvariantCulture));
}

/// <param name="Attempt">What the task names itself by from now on.</param>
/// <param name="NextOffset">Records before it are in the store.</param>
internal readonly record struct PartitionBegin(long Attempt, long NextOffset);

/// <summary>What a task has done, or all of them: numbers under <see cref="Names"/>.</summary>
internal readonly record struct TaskFigures(long[] Numbers)
{
    public static IReadOnlyList<string> Names { get; } =
        ["events", "new_events", "duplicates", "versions_written", .. new RunCounters().DeadLettersByReason().Select(reason => KernelFigures.DeadLetterPrefix + reason.Reason)];

    public static TaskFigures Of(RunCounters counters) =>
        new([counters.Events, counters.NewEvents, counters.Duplicates, counters.VersionsWritten, .. counters.DeadLettersByReason().Select(reason => reason.Letters)]);

    public TaskFigures Since(TaskFigures before) => new([.. Numbers.Zip(before.Numbers, (now, then) => now - then)]);
}
