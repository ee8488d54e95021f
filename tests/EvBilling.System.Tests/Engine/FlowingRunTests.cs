using System.Diagnostics;
using System.Text;
using EvBilling.Engine;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Engine;

/// <summary>Runs of a log that goes on: when batches end, and how open sessions are looked at meanwhile.</summary>
public sealed class FlowingRunTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly RunCounters _counters = new();
    private readonly BillingStore _store;

    public FlowingRunTests()
    {
        _store = BillingStore.WithTariff();
        _store.Counters = _counters;
    }

    public void Dispose() => _store.Dispose();

    /// <summary>Else a session that changes meanwhile would be written twice.</summary>
    [Fact]
    public void While_a_batch_is_being_written_the_next_one_takes_all_that_comes_however_long_its_time_is_up()
    {
        string[] lines = [.. Enumerable.Range(0, 40).SelectMany(n => EventLines.Session($"S{n:00}"))];
        var batches = new List<int>();
        _store.Options = _store.Options with { BatchTimeMax = TimeSpan.Zero, BatchTimeCaughtUp = TimeSpan.Zero, BlocksAhead = 50 };
        _counters.BatchCommitted = batch =>
        {
            batches.Add(batch.Sessions);
            Assert.True(SpinWait.SpinUntil(() => _counters.Events == lines.Length, Patience), "The worker waited for the commit.");
        };
        _store.Run(new ChoppedLog(lines, EventLines.Session("S").Length));

        Assert.Equal([1, 39], batches);
    }

    /// <summary>More of them than are looked at in one question.</summary>
    [Fact]
    public void All_old_sessions_are_closed_while_events_go_on()
    {
        const int Sessions = 1_100;
        string[] lines = [
            .. Enumerable.Range(0, Sessions).Select(n => EventLines.Line("started", $"S{n:0000}", 0, 1000)),
            .. Enumerable.Range(0, Sessions).Select(n => EventLines.Line("updated", $"S{n:0000}", 60, 2000)),
            EventLines.Line("started", "T", 25 * 3600, 0),
        ];
        _store.Options = _store.Options with { CloseEvery = TimeSpan.FromMilliseconds(20), BatchTimeMax = TimeSpan.FromMilliseconds(20) };
        using var log = new EndlessLog(lines, () => _counters.VersionsWritten >= Sessions);
        _store.Run(log);

        Assert.True(log.WasEndedInTime, $"{_counters.VersionsWritten} of {Sessions} sessions were closed.");
        Assert.Equal(["T"], _store.Open());
    }

    /// <summary>One partition that is caught up once its lines are read, and ends when it is told to.</summary>
    private sealed class EndlessLog(string[] lines, Func<bool> isToEnd) : IEventLog
    {
        private readonly Stopwatch _reading = Stopwatch.StartNew();
        private int _next;

        public bool WasEndedInTime { get; private set; }

        public long? TotalBytes => null;

        public long ReadBytes => 0;

        public IReadOnlyList<LogPartition> Partitions => [new("topic", "1", 0)];

        public Action<IReadOnlyList<LogPartition>>? GivingUp { get; set; }

        public bool Poll(RecordBlock block, CancellationToken cancellation)
        {
            block.Clear();
            if (_next == lines.Length)
            {
                Thread.Sleep(1);
                WasEndedInTime = isToEnd();
                return !WasEndedInTime && _reading.Elapsed < Patience;
            }
            block.Partition = Partitions[0];
            for (; block.Records.Count < 100 && _next < lines.Length; _next++)
            {
                var text = Encoding.UTF8.GetBytes(lines[_next]);
                block.Records.Add(new LogRecord(block.Buffer.Append(text), _next, text.Length));
            }
            block.NextOffset = _next;
            block.EndOffset = lines.Length;
            return true;
        }

        public void Dispose()
        {
        }
    }
}
