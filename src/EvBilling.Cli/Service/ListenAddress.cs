using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace EvBilling.Cli.Service;

/// <summary>Where <c>--http</c> listens: <c>127.0.0.1:8080</c>, <c>[::1]:8080</c>, <c>0.0.0.0:8080</c>, <c>localhost:8080</c>; port 0 = any that is free.</summary>
internal static class ListenAddress
{
    /// <exception cref="UsageException">It is no address and port.</exception>
    public static IPEndPoint Parse(string text)
    {
        var colon = text.LastIndexOf(':');
        if (colon > 0 && ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && Host(text[..colon]) is { } address)
        {
            return new IPEndPoint(address, port);
        }
        throw new UsageException($"--http {text} is no address and port to listen on; give IPv4:PORT or [IPv6]:PORT, such as 127.0.0.1:8080, or 0.0.0.0:8080 for all addresses.");
    }

    private static IPAddress? Host(string host)
    {
        if (host == "localhost")
        {
            return IPAddress.Loopback;
        }
        var isBracketed = host.StartsWith('[') && host.EndsWith(']');
        return IPAddress.TryParse(isBracketed ? host[1..^1] : host, out var address) && isBracketed == (address.AddressFamily == AddressFamily.InterNetworkV6)
            // The library also takes 1 for 0.0.0.1, and octal numbers.
            && (isBracketed || address.ToString() == host)
            ? address
            : null;
    }
}
