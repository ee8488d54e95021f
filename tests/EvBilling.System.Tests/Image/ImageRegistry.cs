using System.Diagnostics;
using System.Net.Http.Headers;
using EvBilling.SystemTests.Servers;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Image;

/// <summary>A registry on 127.0.0.1 that keeps what is pushed in a folder.</summary>
internal sealed class ImageRegistry : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly string[] Manifests = ["application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json"];

    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _client = new();
    private readonly int _port = FreePorts.Next();
    private readonly Process _process;
    private readonly Process _watchdog;

    public ImageRegistry(string content)
    {
        var configuration = _folder.Write("registry.yml", $$$"""
            version: 0.1
            log: {level: error, accesslog: {disabled: true}}
            storage: { filesystem: { rootdirectory: "{{{content}}}" } }
            http: {addr: "127.0.0.1:{{{_port}}}"}
            """);
        _process = Process.Start(new ProcessStartInfo("bash", ["-c", "exec docker-registry serve \"$0\" >\"$0.log\" 2>&1", configuration]))!;
        // Its input ends with this process, however that ends.
        _watchdog = Process.Start(new ProcessStartInfo("bash", ["-c", "read; kill -9 \"$1\" 2>/dev/null", "watchdog", $"{_process.Id}"]) { RedirectStandardInput = true })!;
        var waiting = Stopwatch.StartNew();
        while (!Answers())
        {
            if (_process.HasExited || waiting.Elapsed >= Patience)
            {
                Assert.Fail($"The registry does not answer:\n{File.ReadAllText(configuration + ".log")}");
            }
            Thread.Sleep(50);
        }
    }

    /// <summary>By this name tools know that it has no certificate.</summary>
    public string Address => $"localhost:{_port}";

    /// <summary>A manifest by its tag.</summary>
    public byte[] Manifest(string repository, string tag) => Get($"{repository}/manifests/{tag}", Manifests);

    public byte[] Blob(string repository, string digest) => Get($"{repository}/blobs/{digest}", ["*/*"]);

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _watchdog.Kill();
        _watchdog.WaitForExit();
        _process.Dispose();
        _watchdog.Dispose();
        _client.Dispose();
        _folder.Dispose();
    }

    private bool Answers()
    {
        try
        {
            Get("", ["*/*"]);
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private byte[] Get(string path, string[] types)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{_port}/v2/{path}");
        foreach (var type in types)
        {
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(type));
        }
        using var response = _client.Send(request);
        response.EnsureSuccessStatusCode();
        using var content = new MemoryStream();
        response.Content.ReadAsStream().CopyTo(content);
        return content.ToArray();
    }
}
