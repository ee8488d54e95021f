using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace EvBilling.Cli.Service;

/// <summary>
/// Serves /health, /ready and /metrics. The server alone, without a web host: that would read settings of its own from the environment and handle signals.
/// </summary>
internal sealed class ServiceEndpoint : IHttpApplication<HttpContext>, IDisposable
{
    private const int ConnectionsMax = 100;
    private static readonly TimeSpan HeadersWithin = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan EndsWithin = TimeSpan.FromSeconds(1);

    private readonly ServiceState _state;
    private readonly ServiceMetrics _metrics;
    private readonly KestrelServer _server;

    private ServiceEndpoint(IPEndPoint address, ServiceState state, ServiceMetrics metrics)
    {
        (_state, _metrics) = (state, metrics);
        var options = new KestrelServerOptions { AddServerHeader = false };
        options.Limits.MaxConcurrentConnections = ConnectionsMax;
        options.Limits.MaxRequestBodySize = 0;
        options.Limits.RequestHeadersTimeout = HeadersWithin;
        options.Listen(address, listen => listen.Protocols = HttpProtocols.Http1);
        var sockets = new SocketTransportFactory(Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance);
        _server = new KestrelServer(Options.Create(options), sockets, NullLoggerFactory.Instance);
    }

    /// <summary>Where it listens, with the port that was free where any would do: <c>http://127.0.0.1:8080</c>.</summary>
    public string Address => _server.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First();

    /// <exception cref="IOException">It cannot listen there; the message says why and how to mend it.</exception>
    public static ServiceEndpoint Start(IPEndPoint address, ServiceState state, ServiceMetrics metrics)
    {
        var endpoint = new ServiceEndpoint(address, state, metrics);
        try
        {
            endpoint._server.StartAsync(endpoint, CancellationToken.None).GetAwaiter().GetResult();
            return endpoint;
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            endpoint.Dispose();
            throw new IOException(Explain(address, e), e);
        }
    }

    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    public void DisposeContext(HttpContext context, Exception? exception)
    {
        // It holds nothing.
    }

    public Task ProcessRequestAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        var path = context.Request.Path.Value;
        if (path is not ("/health" or "/ready" or "/metrics"))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }
        if (context.Request.Method is not ("GET" or "HEAD"))
        {
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            context.Response.Headers.Allow = "GET, HEAD";
            return Task.CompletedTask;
        }
        return path switch
        {
            "/health" => Word(context, _state.Health, "ok"),
            "/ready" => Word(context, _state.Readiness, "ready"),
            _ => Write(context, StatusCodes.Status200OK, MetricsText.ContentType, _metrics.Text()),
        };
    }

    public void Dispose()
    {
        using var patience = new CancellationTokenSource(EndsWithin);
        try
        {
            _server.StopAsync(patience.Token).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            // A connection is still open; the process ends anyway.
        }
        _server.Dispose();
    }

    private static Task Word(HttpContext context, string word, string good) =>
        Write(context, word == good ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, "text/plain; charset=utf-8", word);

    private static Task Write(HttpContext context, int status, string type, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        context.Response.ContentLength = bytes.Length;
        return context.Request.Method == "HEAD" ? Task.CompletedTask : context.Response.Body.WriteAsync(bytes).AsTask();
    }

    private static string Explain(IPEndPoint address, Exception e)
    {
        var error = (e as SocketException ?? e.InnerException as SocketException ?? e.InnerException?.InnerException as SocketException)?.SocketErrorCode;
        return $"--http {address}: " + error switch
        {
            SocketError.AddressAlreadyInUse => "another program listens there; give another port, or 0 for any that is free.",
            SocketError.AddressNotAvailable => "this machine does not have that address; give one of its own, 127.0.0.1 or 0.0.0.0.",
            SocketError.AccessDenied => "this user may not listen on that port; give one from 1024 on.",
            _ => $"it is not possible to listen there ({e.Message.TrimEnd('.')}).",
        };
    }
}
