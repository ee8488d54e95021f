using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using EvBilling.Cli.Service;
using EvBilling.Engine;

namespace EvBilling.Tests.Service;

/// <summary>Asked over HTTP as a cluster and Prometheus ask.</summary>
public sealed partial class ServiceEndpointTests : IDisposable
{
    private readonly ServiceState _state = new(TimeProvider.System);
    private readonly ServiceEndpoint _endpoint;
    private readonly HttpClient _client;
    private StoreFigures? _figures;

    public ServiceEndpointTests()
    {
        _endpoint = ServiceEndpoint.Start(
            new IPEndPoint(IPAddress.Loopback, 0), _state, new ServiceMetrics(_state, () => _figures, "1.2.3", DateTimeOffset.FromUnixTimeMilliseconds(1_500)));
        _client = new HttpClient { BaseAddress = new Uri(_endpoint.Address) };
    }

    public void Dispose()
    {
        _client.Dispose();
        _endpoint.Dispose();
    }

    [Fact]
    public async Task Health_and_readiness_are_one_word()
    {
        Assert.Equal((HttpStatusCode.OK, "ok"), await Get("/health"));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "starting"), await Get("/ready"));
        _state.Running();
        Assert.Equal((HttpStatusCode.OK, "ready"), await Get("/ready"));
        _state.Waiting(WaitReason.Store);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "waiting"), await Get("/ready"));
        Assert.Equal((HttpStatusCode.OK, "ok"), await Get("/health"));
    }

    [Theory]
    [InlineData("GET", "/", 404)]
    [InlineData("GET", "/health/", 404)]
    [InlineData("GET", "/Health", 404)]
    [InlineData("GET", "/metrics/../x", 404)]
    [InlineData("POST", "/x", 404)]
    [InlineData("GET", "/health?x=1", 200)]
    [InlineData("HEAD", "/health", 200)]
    [InlineData("HEAD", "/ready", 503)]
    [InlineData("HEAD", "/metrics", 200)]
    [InlineData("POST", "/metrics", 405)]
    [InlineData("DELETE", "/health", 405)]
    public async Task Only_three_paths_are_there_and_are_only_read(string method, string path, int status)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var response = await _client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.False(response.Headers.Contains("Server"));
        if (method != "GET" || status == 404)
        {
            Assert.Equal("", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }
        Assert.Equal(status == 405 ? ["GET", "HEAD"] : [], response.Content.Headers.Allow);
    }

    [Fact]
    public async Task Metrics_are_lines_as_Prometheus_reads_them_and_nothing_else()
    {
        _figures = new(new StoreCounts(10, 5, 2, 1), DateTimeOffset.FromUnixTimeMilliseconds(2_500));
        using var response = await _client.GetAsync("/metrics", TestContext.Current.CancellationToken);
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        string? name = null;
        string? type = null;
        foreach (var line in text.TrimEnd('\n').Split('\n'))
        {
            if (Help().Match(line) is { Success: true } help)
            {
                name = help.Groups["name"].Value;
            }
            else if (Type().Match(line) is { Success: true } stated)
            {
                Assert.Equal(name, stated.Groups["name"].Value);
                type = stated.Groups["type"].Value;
                Assert.Equal(type == "counter", name!.EndsWith("_total", StringComparison.Ordinal));
            }
            else
            {
                var sample = Sample().Match(line);
                Assert.True(sample.Success, line);
                Assert.Equal(name, type == "histogram" ? Suffix().Replace(sample.Groups["name"].Value, "") : sample.Groups["name"].Value);
            }
        }
        Assert.Contains("\nevbilling_store_open_sessions 2\n", text, StringComparison.Ordinal);
        Assert.Contains("\nevbilling_store_bills{status=\"held\"} 2\n", text, StringComparison.Ordinal);
        Assert.Contains("\nevbilling_store_read_timestamp_seconds 2.5\n", text, StringComparison.Ordinal);
        Assert.Contains("\nevbilling_dead_letters_total{reason=\"SessionArchived\"} 0\n", text, StringComparison.Ordinal);
        Assert.Contains("\nevbilling_phase{phase=\"starting\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("evbilling_build_info{version=\"1.2.3\"} 1\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Figures_of_a_store_that_was_not_asked_yet_are_left_out() =>
        Assert.DoesNotContain("evbilling_store_", (await Get("/metrics")).Text, StringComparison.Ordinal);

    [Fact]
    public async Task Every_metric_stands_in_the_docs_and_no_other_does()
    {
        _figures = new(default, DateTimeOffset.UnixEpoch);
        var served = Help().Matches((await Get("/metrics")).Text).Select(match => match.Groups["name"].Value);
        var told = File.ReadLines(Path.Combine(House.RepositoryRoot.Find(), "docs", "operations.md"))
            .Where(line => line.StartsWith("| `evbilling_", StringComparison.Ordinal)).Select(line => line.Split('`')[1].Split('{')[0]);

        Assert.Equal(served.Order(StringComparer.Ordinal), told.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Buckets_of_a_histogram_are_summed_up_and_the_last_holds_all()
    {
        var text = new MetricsText();
        text.Histogram("x_seconds", "Help.", new DurationHistogram());
        var lines = text.ToString().TrimEnd('\n').Split('\n');
        Assert.Equal("x_seconds_bucket{le=\"0.005\"} 0", lines[2]);
        Assert.Equal(["x_seconds_bucket{le=\"+Inf\"} 0", "x_seconds_sum 0", "x_seconds_count 0"], lines[^3..]);
        Assert.Equal(DurationHistogram.UpperBoundsS, lines[2..^3].Select(line => double.Parse(line.Split('"')[1], CultureInfo.InvariantCulture)));
    }

    private async Task<(HttpStatusCode Status, string Text)> Get(string path)
    {
        using var response = await _client.GetAsync(path, TestContext.Current.CancellationToken);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [GeneratedRegex(@"^# HELP (?<name>evbilling_[a-z_]+) [A-Z0-9][^\n]*\.$", RegexOptions.Multiline)]
    private static partial Regex Help();

    [GeneratedRegex("^# TYPE (?<name>evbilling_[a-z_]+) (?<type>counter|gauge|histogram)$")]
    private static partial Regex Type();

    // Labels hold numbers and words of ours, versions and bounds.
    [GeneratedRegex(@"^(?<name>evbilling_[a-z_]+)(\{(partition=""\d+""|(reason|phase|on|status)=""[A-Za-z]+""|version=""[0-9.]+""|le=""([0-9.]+|\+Inf)"")\})? -?[0-9.]+(E[+-]\d+)?$")]
    private static partial Regex Sample();

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex Suffix();
}
