using System.Net;
using System.Net.Sockets;

namespace EvBilling.SystemTests.Functions;

/// <summary>Passes connections on to a port, until it is told to refuse them or to say nothing.</summary>
internal sealed class Relay : IDisposable
{
    private readonly int _target;
    private readonly List<TcpClient> _open = [];
    private TcpListener? _listener;
    private volatile bool _isSilent;

    public Relay(int target)
    {
        _target = target;
        Listen(0);
        Port = ((IPEndPoint)_listener!.LocalEndpoint).Port;
    }

    public int Port { get; }

    /// <summary>Connections are refused, and those that there are end.</summary>
    public void GoAway()
    {
        _listener?.Dispose();
        _listener = null;
        EndAll();
    }

    public void ComeBack()
    {
        _isSilent = false;
        Listen(Port);
    }

    /// <summary>Connections are taken, and nothing is answered.</summary>
    public void FallSilent()
    {
        _isSilent = true;
        EndAll();
    }

    public void Dispose() => GoAway();

    private void Listen(int port)
    {
        _listener = new TcpListener(IPAddress.Loopback, port);
        _listener.Server.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        _listener.Start();
        _ = Serve(_listener);
    }

    private async Task Serve(TcpListener listener)
    {
        try
        {
            while (true)
            {
                _ = Pass(await listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It has gone away.
        }
    }

    private async Task Pass(TcpClient client)
    {
        Keep(client);
        if (_isSilent)
        {
            return;
        }
        try
        {
            var server = new TcpClient();
            Keep(server);
            await server.ConnectAsync(IPAddress.Loopback, _target);
            await Task.WhenAny(client.GetStream().CopyToAsync(server.GetStream()), server.GetStream().CopyToAsync(client.GetStream()));
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // One side has ended.
        }
    }

    private void Keep(TcpClient connection)
    {
        lock (_open)
        {
            _open.Add(connection);
        }
    }

    private void EndAll()
    {
        lock (_open)
        {
            _open.ForEach(connection => connection.Dispose());
            _open.Clear();
        }
    }
}
