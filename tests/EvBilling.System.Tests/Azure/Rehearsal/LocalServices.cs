using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using EvBilling.SystemTests.Servers;

namespace EvBilling.SystemTests.Azure.Rehearsal;

/// <summary>The two services behind the pipeline's web activities, on this machine: takes blobs as the storage does and cancels a job's runs as Databricks does. Both look at the token's audience.</summary>
internal sealed class LocalServices : IDisposable
{
    public const string StorageAudience = "https://storage.azure.com/";
    public const string DatabricksAudience = "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d";

    private readonly HttpListener _listener = new();

    public LocalServices()
    {
        Address = $"http://127.0.0.1:{FreePorts.Next()}";
        _listener.Prefixes.Add(Address + "/");
        _listener.Start();
        _ = Serve();
    }

    public string Address { get; }

    /// <summary>By path; what is put again replaces what was there.</summary>
    public ConcurrentDictionary<string, string> Blobs { get; } = new();

    /// <summary>Jobs whose runs were cancelled.</summary>
    public ConcurrentQueue<long> Cancelled { get; } = new();

    /// <summary>What else happens where runs are cancelled.</summary>
    public Action? OnCancel { get; set; }

    /// <summary>The storage refuses.</summary>
    public bool IsStorageDown { get; set; }

    public void Dispose() => _listener.Close();

    private async Task Serve()
    {
        try
        {
            while (true)
            {
                var context = await _listener.GetContextAsync();
                var (status, body) = await Answer(context.Request);
                context.Response.StatusCode = status;
                context.Response.ContentType = "application/json";
                await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(body));
                context.Response.Close();
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
        {
            // The test is over.
        }
    }

    private async Task<(int Status, string Body)> Answer(HttpListenerRequest request)
    {
        using var reader = new StreamReader(request.InputStream, Encoding.UTF8);
        var body = await reader.ReadToEndAsync();
        switch (request.HttpMethod, request.Url!.AbsolutePath)
        {
            case ("PUT", var path) when path.StartsWith("/reports/", StringComparison.Ordinal):
                if (IsStorageDown)
                {
                    return (503, """{"error":"ServerBusy"}""");
                }
                if (Audience(request) != StorageAudience || request.Headers["x-ms-blob-type"] != "BlockBlob" || string.CompareOrdinal(request.Headers["x-ms-version"], "2017-11-09") < 0)
                {
                    return (403, """{"error":"AuthenticationFailed"}""");
                }
                Blobs[path] = body;
                return (201, "");
            case ("POST", "/api/2.1/jobs/runs/cancel-all"):
                if (Audience(request) != DatabricksAudience)
                {
                    return (403, """{"error_code":"PERMISSION_DENIED"}""");
                }
                Cancelled.Enqueue(JsonDocument.Parse(body).RootElement.GetProperty("job_id").GetInt64());
                OnCancel?.Invoke();
                return (200, "{}");
            default:
                return (404, """{"error":"NotFound"}""");
        }
    }

    private static string? Audience(HttpListenerRequest request)
    {
        var parts = (request.Headers["Authorization"] ?? "").Replace("Bearer ", "", StringComparison.Ordinal).Split('.');
        return parts.Length == 3 ? JsonDocument.Parse(Base64Url.DecodeFromChars(parts[1])).RootElement.GetProperty("aud").GetString() : null;
    }
}
