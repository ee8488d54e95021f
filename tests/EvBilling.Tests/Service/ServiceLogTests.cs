using System.Reflection;
using EvBilling.Cli.Service;
using EvBilling.Engine;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace EvBilling.Tests.Service;

public sealed class ServiceLogTests
{
    /// <summary>Alerts hang on them: they only grow.</summary>
    private static readonly (int Id, string Name, LogLevel Level)[] Frozen =
    [
        (1, "Started", LogLevel.Information),
        (2, "Listening", LogLevel.Information),
        (3, "Ready", LogLevel.Information),
        (4, "Stopping", LogLevel.Information),
        (5, "Stopped", LogLevel.Information),
        (6, "Said", LogLevel.Information),
        (10, "BatchCommitted", LogLevel.Debug),
        (11, "DeadLettersSeen", LogLevel.Warning),
        (20, "PartitionsClaimed", LogLevel.Information),
        (21, "PartitionsGivenUp", LogLevel.Information),
        (22, "Gap", LogLevel.Warning),
        (23, "TopicChanged", LogLevel.Warning),
        (24, "LogClient", LogLevel.Warning),
        (30, "Restarting", LogLevel.Warning),
        (31, "RestartingAgain", LogLevel.Debug),
        (32, "StoreUnreachable", LogLevel.Warning),
        (33, "StoreReachable", LogLevel.Information),
    ];

    [Fact]
    public void Event_ids_names_and_levels_stay_what_they_are() => Assert.Equal(Frozen, Events());

    [Fact]
    public void Every_event_stands_in_the_docs_and_no_other_does()
    {
        var told = File.ReadLines(Path.Combine(House.RepositoryRoot.Find(), "docs", "operations.md"))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Where(cells => cells.Length > 4 && int.TryParse(cells[1], out _))
            .Select(cells => (int.Parse(cells[1], null), cells[2].Trim('`'), Enum.Parse<LogLevel>(cells[3], ignoreCase: true)));

        Assert.Equal(Events(), told);
    }

    [Fact]
    public void A_flood_of_refused_events_is_no_flood_of_lines_and_none_is_left_out()
    {
        var clock = new FakeTimeProvider();
        var logger = new Lines();
        var log = new BatchLog(logger, clock);
        for (var i = 0; i < 25; i++)
        {
            log.Committed(new(1, 1, i == 20 ? 0 : 2, 1, TimeSpan.Zero));
            clock.Advance(TimeSpan.FromSeconds(1));
        }
        log.Flush();
        log.Flush();

        Assert.Equal([2, 20, 18, 8], logger.DeadLetters);
        Assert.Equal(25, logger.Batches);
    }

    private static (int, string, LogLevel)[] Events() =>
    [
        .. from method in typeof(Log).GetMethods(BindingFlags.Public | BindingFlags.Static)
           let message = method.GetCustomAttribute<LoggerMessageAttribute>()
           where message is not null
           orderby message.EventId
           select (message.EventId, method.Name, message.Level),
    ];

    private sealed class Lines : ILogger
    {
        public List<long> DeadLetters { get; } = [];

        public int Batches { get; private set; }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var values = (IReadOnlyList<KeyValuePair<string, object?>>)state!;
            if (eventId.Id == 11)
            {
                DeadLetters.Add((long)values.First(value => value.Key == "DeadLetters").Value!);
            }
            else
            {
                Batches += eventId.Id == 10 ? 1 : 0;
            }
        }
    }
}
