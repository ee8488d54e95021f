using System.Net;
using System.Net.Sockets;

namespace EvBilling.SystemTests.Servers;

/// <summary>Ports of 127.0.0.1 that nobody listens on, none given twice in this process.</summary>
/// <remarks>They lie below the ports that Linux gives to outgoing connections (32768 and above by default): one of those may be taken between its choice and its use.</remarks>
internal static class FreePorts
{
    private const int First = 20_000;
    private const int End = 32_768;

    private static readonly Lock Gate = new();

    // Two processes at the same time begin at places of their own.
    private static int _next = Random.Shared.Next(First, End);

    public static int Next() => NextRange(1);

    /// <summary>So many ports, one after the other.</summary>
    /// <returns>The first of them.</returns>
    public static int NextRange(int count)
    {
        lock (Gate)
        {
            for (var tried = 0; tried < End - First; tried++)
            {
                var port = _next + count <= End ? _next : First;
                _next = port + 1;
                if (Enumerable.Range(port, count).All(IsFree))
                {
                    _next = port + count;
                    return port;
                }
            }
        }

        throw new InvalidOperationException($"Of the ports {First} to {End - 1} there are not {count} free ones in a row.");
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
