using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace EvBilling.Functions.Http;

/// <summary>Listens on 127.0.0.1 and nowhere else. The server alone, without a web host: that would read addresses and settings of its own from the environment.</summary>
internal sealed class HandlerServer : IHttpApplication<HttpContext>, IDisposable
{
    private const int BodyBytesMax = 64 * 1024;
    private const int ConnectionsMax = 200;
    private static readonly TimeSpan HeadersWithin = TimeSpan.FromSeconds(5);

    private readonly Handler _handler;
    private readonly KestrelServer _server;

    public HandlerServer(int port, Handler handler)
    {
        _handler = handler;
        var options = new KestrelServerOptions { AddServerHeader = false };
        options.Limits.MaxConcurrentConnections = ConnectionsMax;
        options.Limits.MaxRequestBodySize = BodyBytesMax;
        options.Limits.RequestHeadersTimeout = HeadersWithin;
        options.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http1);
        var sockets = new SocketTransportFactory(Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance);
        _server = new KestrelServer(Options.Create(options), sockets, NullLoggerFactory.Instance);
    }

    /// <exception cref="IOException">It cannot listen there.</exception>
    public Task Start() => _server.StartAsync(this, CancellationToken.None);

    /// <summary>Answers what it is at, and nothing more.</summary>
    public async Task Stop(TimeSpan within)
    {
        using var patience = new CancellationTokenSource(within);
        try
        {
            await _server.StopAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            // A call is still waiting for the cluster; the process ends anyway.
        }
    }

    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    public void DisposeContext(HttpContext context, Exception? exception)
    {
        // It holds nothing.
    }

    public Task ProcessRequestAsync(HttpContext context) => _handler.Answer(context);

    public void Dispose() => _server.Dispose();
}
