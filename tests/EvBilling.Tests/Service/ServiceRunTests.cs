using System.Globalization;
using System.Net;
using EvBilling.Billing;
using EvBilling.Cli;
using EvBilling.Cli.Service;
using EvBilling.Engine;
using EvBilling.Storage.Files;
using EvBilling.Storage.Sqlite;
using Microsoft.Extensions.Logging;

namespace EvBilling.Tests.Service;

/// <summary>A whole service over a real pipeline into a real store, asked over HTTP.</summary>
public sealed class ServiceRunTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("evbilling-tests-").FullName;
    private readonly CancellationTokenSource _stop = new();
    private readonly ServiceRun _service;
    private readonly HttpClient _client;
    private bool _isStoreAway;

    public ServiceRunTests()
    {
        _service = ServiceRun.Start(
            new ServiceOptions(new IPEndPoint(IPAddress.Loopback, 0), Follow: false, LogFormat.Text, LogLevel.Information),
            () => _isStoreAway ? throw new BillStoreException("The store is away.") : SqliteBillStore.OpenToRead(Store, TimeProvider.System),
            TimeProvider.System, _stop.Token);
        _client = new HttpClient { BaseAddress = new Uri(_service.Address!) };
    }

    private string Store => Path.Combine(_folder, "bills.db");

    public void Dispose()
    {
        _client.Dispose();
        _service.Dispose();
        _stop.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Metrics_tell_what_the_pipeline_did_over_its_restarts_and_what_the_store_holds()
    {
        const string Started = """{"type":"started","session_id":"SECRET-1","timestamp":"2026-01-05T10:00:00Z","meter_wh":1,"token_id":"SECRET-2"}""";
        const string Ended = """{"type":"ended","session_id":"SECRET-1","timestamp":"2026-01-05T11:00:00Z","meter_wh":5000}""";
        const string Open = """{"type":"started","session_id":"SECRET-3","timestamp":"2026-01-05T11:30:00Z","meter_wh":1}""";
        Assert.Equal("503 starting", await Get("/ready"));
        var starts = 0;
        Assert.True(_service.Run(stop =>
        {
            // The second attempt reads on where the first had committed.
            var first = starts++ == 0;
            var path = Write("SECRET.jsonl", first ? $"{Started}\n{{\n" : $"{Started}\n{{\n{Ended}\n{Started}\n{Open}\n\n{{}}\n[]\n");
            RunOnce(path, stop);
            return first ? throw new BillStoreException("The server was started anew.", isTransient: true) : true;
        }));

        // The store is asked aside.
        var text = await Until("/metrics", text => text.Contains("evbilling_store_sessions 2", StringComparison.Ordinal));
        Assert.Equal("200 ready", await Get("/ready"));
        Assert.Equal(1, Value(text, "evbilling_pipeline_restarts_total"));
        Assert.Equal([8, 3, 1], Values(text, "evbilling_events_total", "evbilling_new_events_total", "evbilling_duplicate_events_total"));
        Assert.Equal(
            [1, 1, 1, 1, 0],
            Values(text, new[] { "NotJson", "Empty", "NotAnObject", "MissingMember", "TooLarge" }.Select(reason => $"evbilling_dead_letters_total{{reason=\"{reason}\"}}").ToArray()));
        Assert.Equal(new FileInfo(Path.Combine(_folder, "SECRET.jsonl")).Length, Value(text, "evbilling_partition_committed_offset{partition=\"0\"}"));
        Assert.Equal([2, 1, 0, 1, 0], Values(
            text, "evbilling_store_sessions", "evbilling_store_open_sessions", "evbilling_store_bills{status=\"final\"}", "evbilling_store_bills{status=\"held\"}", "evbilling_store_bills{status=\"void\"}"));
        Assert.Equal(1, Value(text, "evbilling_bill_versions_total"));
        Assert.True(Value(text, "evbilling_batches_total") >= 2);
        Assert.Equal(Value(text, "evbilling_batches_total"), Value(text, "evbilling_commit_duration_seconds_count"));
        Assert.InRange(Value(text, "evbilling_last_commit_timestamp_seconds"), DateTimeOffset.UtcNow.AddMinutes(-5).ToUnixTimeSeconds(), DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 1);
        Assert.DoesNotContain("SECRET", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_stops_to_answer_makes_it_not_ready_until_it_answers_again()
    {
        SqliteBillStore.Open(Store, TimeProvider.System).Dispose();
        using var hold = new ManualResetEventSlim();
        _isStoreAway = true;
        var run = Task.Run(() => _service.Run(_ =>
        {
            _service.State.Running();
            hold.Wait(TestContext.Current.CancellationToken);
            return true;
        }), TestContext.Current.CancellationToken);

        await Until("/ready", text => text == "503 waiting");
        Assert.Contains("\nevbilling_waiting{on=\"store\"} 1\n", await Get("/metrics"), StringComparison.Ordinal);
        Assert.Equal("200 ok", await Get("/health"));
        _isStoreAway = false;
        await Until("/ready", text => text == "200 ready");
        await _stop.CancelAsync();
        Assert.Equal("503 stopping", await Get("/ready"));
        hold.Set();
        Assert.True(await run);
    }

    private void RunOnce(string path, CancellationToken stop)
    {
        using var store = SqliteBillStore.Open(Store, TimeProvider.System);
        store.BeginWriting();
        store.Register([], [], new StoredOptions(null, null, 86_400, 86_400));
        using var log = FileEventLog.Open([path], store.ReadPositions(), _ => { });
        store.Claim(log.Partitions);
        _service.State.Running();
        Func<Biller> billers = () => new StoredBilling(store, store.ReadOptions()).CreateBiller();
        using var run = new BillingRun(log, store, billers, 0, new RunOptions(), TimeProvider.System, _service.Counters);
        Assert.True(run.Run(stop));
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    private async Task<string> Get(string path)
    {
        using var response = await _client.GetAsync(path, TestContext.Current.CancellationToken);
        return $"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}";
    }

    private async Task<string> Until(string path, Func<string, bool> isThere)
    {
        var deadline = DateTime.UtcNow + Patience;
        while (true)
        {
            var text = await Get(path);
            if (isThere(text))
            {
                return text;
            }
            Assert.True(DateTime.UtcNow < deadline, text);
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    private static double[] Values(string text, params string[] names) => [.. names.Select(name => Value(text, name))];

    private static double Value(string text, string name)
    {
        var line = Assert.Single(text.Split('\n'), line => line.StartsWith(name + " ", StringComparison.Ordinal));
        return double.Parse(line.AsSpan(name.Length + 1), CultureInfo.InvariantCulture);
    }
}
