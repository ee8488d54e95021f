using System.Text;
using EvBilling.Engine;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Engine;

/// <summary>What a run tells of itself, as a service serves it.</summary>
public sealed class RunCountersTests : IDisposable
{
    private readonly TestClock _clock = new();
    private readonly RunCounters _counters = new();
    private readonly BillingStore _store;

    public RunCountersTests()
    {
        _store = BillingStore.WithTariff(_clock);
        _store.Counters = _counters;
    }

    public void Dispose() => _store.Dispose();

    [Fact]
    public void Partitions_tell_how_far_they_are_committed_and_what_waits()
    {
        using var log = new EndedLog();
        log.Add(0, 3, 0, EventLines.Session("S"));
        log.Add(1, 10, 0, EventLines.Session("T")[..2]);
        log.Add(2, -1, 0, EventLines.Line("started", "U", 0, 0));
        _store.Run(log);

        Assert.Equal(
            [(0, 3, 0), (1, 2, 8), (2, 1, -1)],
            _counters.Partitions.OrderBy(figures => figures.Partition.Partition).Select(figures => (figures.Partition.Partition, (int)figures.CommittedOffset, (int)figures.LagRecords)));
        Assert.Equal(8, _counters.LagRecords);
        Assert.True(_counters.AliveTimestamp > 0);
    }

    [Fact]
    public void What_is_not_committed_yet_waits()
    {
        using var log = new EndedLog();
        log.Add(0, 10, 0, EventLines.Session("S"));
        log.Add(0, 10, 0, EventLines.Line("started", "T", 0, 0));
        var waiting = new List<long>();
        _counters.BatchCommitted = _ => waiting.Add(_counters.LagRecords);
        _store.Options = _store.Options with { BatchEventsMax = 3 };
        _store.Run(log);

        Assert.Equal([7, 6], waiting);
    }

    [Fact]
    public void A_partition_that_is_given_up_is_told_no_more()
    {
        using var log = new EndedLog();
        log.Add(0, 3, 0, EventLines.Session("S"));
        log.Add(1, 3, 0, EventLines.Session("T"));
        log.BeforeEnd = () => log.GivingUp!([EndedLog.Of(0)]);
        _store.Run(log);

        Assert.Equal([1], _counters.Partitions.Select(figures => figures.Partition.Partition));
    }

    [Fact]
    public void Dead_letters_are_counted_by_the_name_of_their_reason()
    {
        _store.Run("{}", """{"type":"ended"}""", "no JSON", "", "[]", EventLines.Line("started", "S", 0, -1));

        Assert.Equal(
            [("Empty", 1), ("NotJson", 1), ("NotAnObject", 1), ("MissingMember", 2), ("OutOfRange", 1)],
            _counters.DeadLettersByReason().Where(reason => reason.Letters > 0).Select(reason => (reason.Reason, (int)reason.Letters)));
        Assert.Equal(6, _counters.DeadLetters);
        Assert.DoesNotContain("None", _counters.DeadLettersByReason().Select(reason => reason.Reason));
    }

    [Fact]
    public void The_time_from_event_to_bill_is_that_from_the_log_to_the_commit_of_ends_alone()
    {
        using var log = new EndedLog();
        log.Add(0, -1, _clock.Now.AddSeconds(-4).ToUnixTimeMilliseconds(), EventLines.Session("S"));
        log.Add(0, -1, _clock.Now.AddSeconds(5).ToUnixTimeMilliseconds(), EventLines.Session("T"));
        _store.Run(log);

        Assert.Equal(TimeSpan.FromSeconds(4), _counters.EventToBill.Sum);
        var counts = _counters.EventToBill.Counts();
        // A producer whose clock is ahead has waited for nothing; four seconds lie below the bound of five.
        Assert.Equal((1, 1, 2L), (counts[0], counts[DurationHistogram.UpperBoundsS.ToList().IndexOf(5)], counts.Sum()));
    }

    [Fact]
    public void They_go_on_over_runs_and_tell_each_batch()
    {
        var told = new List<CommittedBatch>();
        _counters.BatchCommitted = told.Add;
        _store.Run([.. EventLines.Session("S"), "bad"]);
        _clock.Now = _clock.Now.AddHours(1);
        _store.Run([.. EventLines.Session("T"), .. EventLines.Session("S")]);

        Assert.Equal((10, 6, 3, 1), (_counters.Events, _counters.NewEvents, _counters.Duplicates, _counters.DeadLetters));
        Assert.Equal((2, told.Count), (_counters.VersionsWritten, (int)_counters.Batches));
        Assert.Equal((2, 1), (told.Sum(batch => batch.Bills), told.Sum(batch => batch.DeadLetters)));
        Assert.Equal(told.Count, _counters.CommitDurations.Counts().Sum());
        Assert.Equal(_clock.Now.ToUnixTimeMilliseconds(), _counters.LastCommitUnixMs);
    }

    /// <summary>Partitions of which it is known where they end and when their records were written.</summary>
    private sealed class EndedLog : IEventLog
    {
        private readonly Queue<(int Partition, long EndOffset, long WrittenAtUnixMs, string[] Lines)> _blocks = new();
        private readonly Dictionary<int, long> _next = [];

        public Action? BeforeEnd { get; set; }

        public long? TotalBytes => null;

        public long ReadBytes => 0;

        public IReadOnlyList<LogPartition> Partitions => [Of(0), Of(1), Of(2)];

        public Action<IReadOnlyList<LogPartition>>? GivingUp { get; set; }

        public static LogPartition Of(int partition) => new("topic", "1", partition);

        public void Add(int partition, long endOffset, long writtenAtUnixMs, params string[] lines) => _blocks.Enqueue((partition, endOffset, writtenAtUnixMs, lines));

        public bool Poll(RecordBlock block, CancellationToken cancellation)
        {
            block.Clear();
            if (!_blocks.TryDequeue(out var next))
            {
                BeforeEnd?.Invoke();
                return false;
            }
            block.Partition = Of(next.Partition);
            var offset = _next.GetValueOrDefault(next.Partition);
            foreach (var line in next.Lines)
            {
                var text = Encoding.UTF8.GetBytes(line);
                block.Records.Add(new LogRecord(block.Buffer.Append(text), offset++, text.Length, next.WrittenAtUnixMs));
            }
            _next[next.Partition] = block.NextOffset = offset;
            block.EndOffset = next.EndOffset;
            return true;
        }

        public void Dispose()
        {
        }
    }
}
