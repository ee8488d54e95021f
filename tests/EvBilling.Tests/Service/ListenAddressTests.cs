using System.Net;
using System.Net.Sockets;
using EvBilling.Cli;
using EvBilling.Cli.Service;

namespace EvBilling.Tests.Service;

public sealed class ListenAddressTests
{
    [Theory]
    [InlineData("127.0.0.1:8080", "127.0.0.1", 8080)]
    [InlineData("0.0.0.0:0", "0.0.0.0", 0)]
    [InlineData("localhost:65535", "127.0.0.1", 65535)]
    [InlineData("[::1]:9000", "::1", 9000)]
    [InlineData("[::]:1", "::", 1)]
    public void An_address_and_a_port_are_read(string text, string address, int port) =>
        Assert.Equal(new IPEndPoint(IPAddress.Parse(address), port), ListenAddress.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("8080")]
    [InlineData(":8080")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:")]
    [InlineData("127.0.0.1:65536")]
    [InlineData("127.0.0.1:-1")]
    [InlineData("127.0.0.1:+1")]
    [InlineData("127.0.0.1: 1")]
    [InlineData("127.1:80")]
    [InlineData("010.0.0.1:80")]
    [InlineData("1:80")]
    [InlineData("::1:8080")]
    [InlineData("[::1]")]
    [InlineData("[127.0.0.1]:80")]
    [InlineData("example.org:80")]
    [InlineData("http://127.0.0.1:80")]
    public void What_is_none_is_told_with_a_remedy(string text)
    {
        var e = Assert.Throws<UsageException>(() => ListenAddress.Parse(text));
        Assert.StartsWith($"--http {text} is no address", e.Message, StringComparison.Ordinal);
        Assert.Contains("127.0.0.1:8080", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_port_that_is_in_use_is_told_in_a_sentence()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var address = (IPEndPoint)other.LocalEndpoint;
        var state = new ServiceState(TimeProvider.System);

        var e = Assert.Throws<IOException>(() => ServiceEndpoint.Start(address, state, new ServiceMetrics(state, () => null, "1.2.3", DateTimeOffset.UnixEpoch)));

        Assert.Equal($"--http {address}: another program listens there; give another port, or 0 for any that is free.", e.Message);
    }

    [Fact]
    public void An_address_of_another_machine_is_told_in_a_sentence()
    {
        var state = new ServiceState(TimeProvider.System);

        // TEST-NET-1: documentation's own.
        var e = Assert.Throws<IOException>(() => ServiceEndpoint.Start(
            new IPEndPoint(IPAddress.Parse("192.0.2.1"), 0), state, new ServiceMetrics(state, () => null, "1.2.3", DateTimeOffset.UnixEpoch)));

        Assert.Contains("this machine does not have that address", e.Message, StringComparison.Ordinal);
    }
}
