using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using EvBilling.SystemTests.Kubernetes;
using EvBilling.SystemTests.Servers;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Functions;

/// <summary>What the function answered.</summary>
internal sealed record FunctionAnswer(HttpStatusCode Status, string Text)
{
    public JsonElement Json => JsonDocument.Parse(Text).RootElement;

    public string Error => Json.GetProperty("error").GetString()!;

    public int To => Json.GetProperty("to").GetInt32();
}

/// <summary>The function as a process, started and called as the Azure Functions host does it.</summary>
internal sealed class FunctionProcess : IDisposable
{
    public const string Key = "a-key-of-the-tests-0123456789abcdef";

    private const string Prefix = "EVBILLING_SCALE_";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TemporaryFolder _folder = new();
    private readonly StringBuilder _log = new();
    private readonly Process _process;
    private readonly HttpClient _client;

    private FunctionProcess(IReadOnlyDictionary<string, string> settings)
    {
        var port = FreePorts.Next();
        _client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromSeconds(60) };
        var start = new ProcessStartInfo("dotnet", [Assembly]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["FUNCTIONS_CUSTOMHANDLER_PORT"] = $"{port}";
        TokenFile = _folder.File("token");
        foreach (var (name, value) in settings)
        {
            start.Environment[Prefix + name] = value;
        }
        if (!settings.ContainsKey("TOKEN_FILE"))
        {
            start.Environment[Prefix + "TOKEN_FILE"] = TokenFile;
        }
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public static string Assembly => Path.Combine(AppContext.BaseDirectory, "EvBilling.Functions.dll");

    /// <summary>Where it answers.</summary>
    public Uri Address => _client.BaseAddress!;

    /// <summary>The token for the cluster.</summary>
    public string TokenFile { get; }

    public string Log
    {
        get
        {
            lock (_log)
            {
                return _log.ToString();
            }
        }
    }

    /// <summary>The lines of the log with that id.</summary>
    public JsonElement[] Events(int id) =>
        [.. Log.Split('\n').Where(line => line.StartsWith('{')).Select(line => JsonDocument.Parse(line).RootElement).Where(line => line.GetProperty("EventId").GetInt32() == id)];

    /// <summary>Starts it for a fleet, and waits until it answers the host's ping.</summary>
    public static FunctionProcess Start(KubeCluster cluster, string space, params (string Name, string Value)[] more)
    {
        var settings = new Dictionary<string, string>
        {
            ["SERVER"] = $"https://127.0.0.1:{cluster.Port}",
            ["CA_FILE"] = cluster.AuthorityFile,
            ["NAMESPACE"] = space,
            ["KEY"] = Key,
        };
        return StartWith(settings, cluster.Token(space), more);
    }

    /// <summary>Starts it without a cluster: a call that is let through ends with ServerUnreachable.</summary>
    public static FunctionProcess StartAlone(params (string Name, string Value)[] more) =>
        StartWith(new() { ["SERVER"] = $"https://127.0.0.1:{FreePorts.Next()}" }, "a-token", more);

    /// <summary>Starts it with wrong settings.</summary>
    /// <returns>Its exit code and what it said.</returns>
    public static (int ExitCode, string Said) StartWrongly(params (string Name, string Value)[] settings)
    {
        using var function = new FunctionProcess(Merge(new() { ["SERVER"] = "https://127.0.0.1:1", ["KEY"] = Key }, settings));
        Assert.True(function._process.WaitForExit(Patience));
        function._process.WaitForExit();
        return (function._process.ExitCode, function.Log);
    }

    public Task<FunctionAnswer> Scale(int replicas) => Post($"{{\"replicas\":{replicas}}}");

    public Task<FunctionAnswer> Post(string body, string query = "", string type = "application/json", string? key = Key) =>
        Send(HttpMethod.Post, "/api/scale" + query, Headers(key), new StringContent(body) { Headers = { ContentType = MediaTypeHeaderValue.Parse(type) } });

    public Task<FunctionAnswer> Get(string? key = Key) => Send(HttpMethod.Get, "/api/scale", Headers(key), null);

    /// <summary>As the host does when the timer fires.</summary>
    public Task<FunctionAnswer> Tick(string payload) => Send(HttpMethod.Post, "/scale-timer", [], new StringContent(payload) { Headers = { ContentType = new("application/json") } });

    public async Task<FunctionAnswer> Send(HttpMethod method, string path, (string Name, string Value)[] headers, HttpContent? content)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
        // As the host adds them.
        request.Headers.Add("X-Azure-Functions-HostVersion", "4.1047.100.26071");
        request.Headers.Add("X-Azure-Functions-InvocationId", $"{Guid.NewGuid()}");
        using var response = await _client.SendAsync(request);
        return new(response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>SIGTERM.</summary>
    /// <returns>The exit code.</returns>
    public int Stop()
    {
        Process.Start("kill", ["-TERM", $"{_process.Id}"])!.WaitForExit();
        Assert.True(_process.WaitForExit(TimeSpan.FromSeconds(5)), "it does not end within 5 s");
        _process.WaitForExit();
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }
        _process.Dispose();
        _client.Dispose();
        _folder.Dispose();
    }

    private static (string, string)[] Headers(string? key) => key is null ? [] : [("x-evbilling-key", key)];

    private static Dictionary<string, string> Merge(Dictionary<string, string> settings, (string Name, string Value)[] more)
    {
        foreach (var (name, value) in more)
        {
            settings[name] = value;
        }
        return settings;
    }

    private static FunctionProcess StartWith(Dictionary<string, string> settings, string token, (string Name, string Value)[] more)
    {
        var function = new FunctionProcess(Merge(settings, more));
        File.WriteAllText(function.TokenFile, token);
        var waiting = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                using var ping = function._client.GetAsync("/").GetAwaiter().GetResult();
                Assert.Equal(HttpStatusCode.OK, ping.StatusCode);
                return function;
            }
            catch (HttpRequestException)
            {
                Assert.True(!function._process.HasExited && waiting.Elapsed < Patience, function.Log);
                Thread.Sleep(20);
            }
        }
    }

    private void Keep(string? line)
    {
        lock (_log)
        {
            _log.Append(line).Append('\n');
        }
    }
}
