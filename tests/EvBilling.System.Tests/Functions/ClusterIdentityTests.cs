using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using EvBilling.Functions;
using EvBilling.Functions.Cluster;
using EvBilling.Functions.Scaling;
using EvBilling.SystemTests.Kubernetes;
using EvBilling.SystemTests.Servers;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Functions;

/// <summary>Who the function is to the cluster when Microsoft Entra ID says it, and what it makes of a server that is none.</summary>
public sealed class ClusterIdentityTests(KubeCluster cluster) : IDisposable
{
    private static readonly TimeSpan AnswersWithin = TimeSpan.FromSeconds(10);

    private readonly TestCertificates _certificates = new();
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        _certificates.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_workload_identity_scales_with_its_token_and_after_a_401_asks_for_a_new_one_once()
    {
        var space = cluster.NewFleet();
        var good = cluster.Token(space);
        var tokens = new Queue<string>(["a-token-that-was-withdrawn", good]);
        using var entra = new FakeEntra(_certificates, tokens.Dequeue, TimeSpan.FromHours(1));
        using var target = Target(space, entra);
        var result = await new Scaler(target, TimeProvider.System, new Random(1)).Scale(_ => 4, false, TestContext.Current.CancellationToken);
        Assert.Equal((1, 4, 4), (result.From, result.To, cluster.Replicas(space)));
        // The good one is kept: the write asked for none.
        Assert.Equal(2, entra.Requests.Length);
        Assert.All(entra.Requests, request => Assert.Contains("scope=6dae42f8-4368-4678-94ff-3960e28e3630/.default", request, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_token_that_is_refused_twice_is_not_asked_for_a_third_time()
    {
        using var entra = new FakeEntra(_certificates, () => "a-token-of-nobody", TimeSpan.FromHours(1));
        using var target = Target(cluster.NewFleet(), entra);
        var refused = await Assert.ThrowsAsync<RefusalException>(() => target.Read(TestContext.Current.CancellationToken));
        Assert.Equal((Refusal.TokenRefused, 2), (refused.Refusal, entra.Requests.Length));
    }

    [Fact]
    public async Task When_Entra_refuses_it_is_named_without_the_federated_token()
    {
        using var entra = new FakeEntra(_certificates, () => null, TimeSpan.Zero);
        using var target = Target(cluster.NewFleet(), entra);
        var refused = await Assert.ThrowsAsync<RefusalException>(() => target.Read(TestContext.Current.CancellationToken));
        Assert.Equal(Refusal.NoIdentity, refused.Refusal);
        Assert.DoesNotContain("the-federated-token", refused.Message + refused.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_answers_something_else_is_no_API_server()
    {
        using var other = new FakeEntra(_certificates, () => "x", TimeSpan.FromHours(1));
        var settings = new ClusterSettings(
            new Uri(other.Address), await File.ReadAllTextAsync(_certificates.AuthorityFile, TestContext.Current.CancellationToken), ClusterIdentity.File, null, "evbilling", "a-set");
        using var target = new KubernetesScale(settings, new FileTokens(_folder.Write("token", "a-token")), AnswersWithin);
        var refused = await Assert.ThrowsAsync<RefusalException>(() => target.Read(TestContext.Current.CancellationToken));
        Assert.Equal(Refusal.ServerRefuses, refused.Refusal);
    }

    [Theory]
    [InlineData(429, "ServerBusy")]
    [InlineData(500, "ServerBusy")]
    [InlineData(503, "ServerBusy")]
    [InlineData(302, "ServerRefuses")]
    [InlineData(422, "ServerRefuses")]
    [InlineData(401, "TokenRefused")]
    [InlineData(403, "MayNotScale")]
    [InlineData(404, "UnknownSet")]
    public async Task What_a_server_answers_has_a_name_and_a_redirect_is_not_followed(int status, string name)
    {
        using var server = new OneAnswer(_certificates, status);
        var settings = new ClusterSettings(
            server.Address, await File.ReadAllTextAsync(_certificates.AuthorityFile, TestContext.Current.CancellationToken), ClusterIdentity.File, null, "evbilling", "a-set");
        using var target = new KubernetesScale(settings, new FileTokens(_folder.Write("token", "a-token")), AnswersWithin);
        var read = await Assert.ThrowsAsync<RefusalException>(() => target.Read(TestContext.Current.CancellationToken));
        var written = await Assert.ThrowsAsync<RefusalException>(() => target.TryWrite("1", 2, false, TestContext.Current.CancellationToken));
        Assert.Equal((name, name), (read.Refusal.ToString(), written.Refusal.ToString()));
        Assert.Contains("said by the server", read.Cause, StringComparison.Ordinal);
        Assert.DoesNotContain("said by the server", read.Message, StringComparison.Ordinal);
    }

    private KubernetesScale Target(string space, FakeEntra entra)
    {
        var environment = new Dictionary<string, string>
        {
            ["AZURE_TENANT_ID"] = "a-tenant",
            ["AZURE_CLIENT_ID"] = "a-client",
            ["AZURE_FEDERATED_TOKEN_FILE"] = _folder.Write("federated", "the-federated-token"),
            ["AZURE_AUTHORITY_HOST"] = entra.Address,
        };
        var settings = new ClusterSettings(
            new Uri($"https://127.0.0.1:{cluster.Port}"), File.ReadAllText(cluster.AuthorityFile), ClusterIdentity.Entra, null, space, "evbilling-simulator");
        return new KubernetesScale(settings, new EntraTokens(environment, entra.Transport), AnswersWithin);
    }

    /// <summary>An HTTPS server that has one answer to everything.</summary>
    private sealed class OneAnswer : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly X509Certificate2 _certificate;
        private readonly byte[] _answer;

        public OneAnswer(TestCertificates certificates, int status)
        {
            const string body = """{"kind":"Status","message":"said by the server"}""";
            using var both = X509Certificate2.CreateFromPemFile(certificates.Server.CertificateFile, certificates.Server.KeyFile);
            _certificate = X509CertificateLoader.LoadPkcs12(both.Export(X509ContentType.Pkcs12), null);
            _listener.Start();
            Address = new Uri($"https://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
            _answer = Encoding.ASCII.GetBytes($"HTTP/1.1 {status} x\r\nLocation: {Address}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}");
            _ = Serve();
        }

        public Uri Address { get; }

        public void Dispose()
        {
            _listener.Dispose();
            _certificate.Dispose();
        }

        private async Task Serve()
        {
            try
            {
                while (true)
                {
                    _ = Answer(await _listener.AcceptTcpClientAsync());
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }

        private async Task Answer(TcpClient connection)
        {
            using (connection)
            await using (var stream = new SslStream(connection.GetStream()))
            {
                await stream.AuthenticateAsServerAsync(_certificate);
                await stream.ReadAtLeastAsync(new byte[8192], 1);
                await stream.WriteAsync(_answer);
                await stream.ShutdownAsync();
            }
        }
    }
}
