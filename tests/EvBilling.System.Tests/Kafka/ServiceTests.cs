using System.Diagnostics;
using System.Text.Json;
using EvBilling.SystemTests.Processes;
using EvBilling.SystemTests.Servers;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Kafka;

/// <summary>The real program as a service over a real topic.</summary>
[Collection(nameof(Processes))]
public sealed class ServiceTests(SharedKafka kafka) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan EndsWithin = TimeSpan.FromSeconds(5);

    private readonly ProgramFixture _program = new();
    private readonly HttpClient _client = new();
    private readonly int _port = FreePorts.Next();

    public void Dispose()
    {
        _client.Dispose();
        _program.Dispose();
    }

    [Fact]
    public async Task It_bills_what_comes_tells_how_it_is_and_ends_when_told()
    {
        var topic = kafka.Broker.CreateTopic(2);
        kafka.Broker.Produce(topic, 0, EventLines.Session("SECRET-1"));
        using var service = Start($"kafka://{kafka.Broker.BootstrapServers}/{topic}", "--log-format", "json", "--log-level", "debug");
        await Until("/ready", text => text == "ready");
        await Until("/metrics", text => text.Contains("\nevbilling_bill_versions_total 1\n", StringComparison.Ordinal));
        kafka.Broker.Produce(topic, 1, [.. EventLines.Session("SECRET-2"), "SECRET-3", EventLines.Line("started", "SECRET-4", 0, 5)]);
        var text = await Until("/metrics", text => text.Contains("\nevbilling_store_open_sessions 1\n", StringComparison.Ordinal));

        Assert.Contains("\nevbilling_bill_versions_total 2\n", text, StringComparison.Ordinal);
        Assert.Contains("\nevbilling_dead_letters_total{reason=\"NotJson\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("\nevbilling_partition_committed_offset{partition=\"0\"} 3\nevbilling_partition_committed_offset{partition=\"1\"} 5\n", text, StringComparison.Ordinal);
        Assert.Contains("\nevbilling_partition_lag_records{partition=\"0\"} 0\nevbilling_partition_lag_records{partition=\"1\"} 0\n", text, StringComparison.Ordinal);
        Assert.Contains("\nevbilling_event_to_bill_seconds_count 2\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", text, StringComparison.Ordinal);
        Assert.DoesNotContain(topic, text, StringComparison.Ordinal);
        Assert.Equal("ok", await Until("/health", text => text == "ok"));

        var end = Stop(service);

        var lines = end.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        var ids = lines.Select(line => line.GetProperty("EventId").GetInt32()).ToList();
        Assert.Equal([1, 2, 3, 4, 5, 10, 11, 20, 21], ids.Distinct().Order());
        Assert.Equal((1, 2, 5), (ids.Count(id => id == 3), ids.Count(id => id is 1 or 2), ids[^1]));
        var claimed = lines.First(line => line.GetProperty("EventId").GetInt32() == 20).GetProperty("State");
        Assert.Equal(("kafka:" + topic, "0 1"), (claimed.GetProperty("Source").GetString(), claimed.GetProperty("Partitions").GetString()));
        Assert.DoesNotContain("SECRET", end.Errors, StringComparison.Ordinal);
        Assert.Equal(3, _program.Bills().Length);
    }

    [Fact]
    public async Task A_broker_that_is_away_is_waited_for_and_said_once()
    {
        using var service = Start($"kafka://127.0.0.1:{FreePorts.Next()}/charging-events");
        var text = await Until("/metrics", text => text.Contains("\nevbilling_waiting{on=\"log\"} 1\n", StringComparison.Ordinal));
        Assert.Contains("\nevbilling_phase{phase=\"waiting\"} 1\n", text, StringComparison.Ordinal);
        await Until("/ready", text => text == "waiting");
        Assert.Equal("ok", await Until("/health", text => text == "ok"));
        await Until("/metrics", text => text.Contains("\nevbilling_pipeline_restarts_total 1\n", StringComparison.Ordinal));

        var end = Stop(service);

        Assert.Single(end.Errors.Split('\n'), line => line.Contains("warn: evbilling[30]", StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", end.Errors, StringComparison.Ordinal);
    }

    private CliProcess Start(string events, params string[] more) => CliProcess.Start(
        ["run", "--events", events, "--tariffs", _program.Tariffs, "--default-tariff", "T", "--store", $"sqlite:{_program.Store}", "--follow", "--http", $"127.0.0.1:{_port}", .. more]);

    private static CliEnd Stop(CliProcess service)
    {
        service.Signal(CliProcess.Terminate);
        var told = Stopwatch.GetTimestamp();
        var end = service.End();
        Assert.True(end is { ExitCode: 0, Output: "" }, end.ToString());
        Assert.True(Stopwatch.GetElapsedTime(told) < EndsWithin, $"it took {Stopwatch.GetElapsedTime(told)} to end\n{end}");
        return end;
    }

    private async Task<string> Until(string path, Func<string, bool> isThere)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            var text = "";
            try
            {
                using var response = await _client.GetAsync($"http://127.0.0.1:{_port}{path}", TestContext.Current.CancellationToken);
                text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }
            if (isThere(text))
            {
                return text;
            }
            Assert.True(Stopwatch.GetElapsedTime(started) < Patience, $"{path} stays\n{text}");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }
}
