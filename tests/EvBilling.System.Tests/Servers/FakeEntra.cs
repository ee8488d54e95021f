using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Azure.Core.Pipeline;

namespace EvBilling.SystemTests.Servers;

/// <summary>What Microsoft Entra ID does for a workload identity or a principal, on this machine: takes a federated token or a secret over HTTPS and gives an access token.</summary>
internal sealed class FakeEntra : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly X509Certificate2 _certificate;
    private readonly Func<string, string?> _token;
    private readonly TimeSpan _life;
    private readonly List<string> _forms = [];
    private readonly X509Certificate2 _authority;
    private readonly HttpClient _client;

    /// <param name="token">Gives the access token for a request; null = refuses it.</param>
    public FakeEntra(TestCertificates certificates, Func<string?> token, TimeSpan life)
        : this(certificates, _ => token(), life)
    {
    }

    /// <param name="token">Gives the access token for a request, as <see cref="Requests"/> has it; null = refuses it.</param>
    public FakeEntra(TestCertificates certificates, Func<string, string?> token, TimeSpan life)
    {
        using var both = X509Certificate2.CreateFromPemFile(certificates.Server.CertificateFile, certificates.Server.KeyFile);
        _certificate = X509CertificateLoader.LoadPkcs12(both.Export(X509ContentType.Pkcs12), null);
        _token = token;
        _life = life;
        _authority = X509CertificateLoader.LoadCertificateFromFile(certificates.AuthorityFile);
        _client = new HttpClient(new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, certificate, _, _) => IsTrusted(certificate!) });
        _listener.Start();
        _ = Serve();
    }

    public string Address => $"https://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/";

    /// <summary>Trusts the test's authority.</summary>
    public HttpPipelineTransport Transport => new HttpClientTransport(_client);

    /// <summary>The requests for tokens so far, as they were sent: paths, the header Authorization where there is one, and forms.</summary>
    public string[] Requests
    {
        get
        {
            lock (_forms)
            {
                return [.. _forms];
            }
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        _client.Dispose();
        _certificate.Dispose();
        _authority.Dispose();
    }

    private bool IsTrusted(X509Certificate2 certificate)
    {
        using var chain = new X509Chain { ChainPolicy = { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck } };
        chain.ChainPolicy.CustomTrustStore.Add(_authority);
        return chain.Build(certificate);
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
            var request = Uri.UnescapeDataString(await ReadRequest(stream));
            lock (_forms)
            {
                _forms.Add(request);
            }
            var token = _token(request);
            var (status, body) = token is not null
                ? ("200 OK", $$"""{"token_type":"Bearer","expires_in":{{(int)_life.TotalSeconds}},"ext_expires_in":{{(int)_life.TotalSeconds}},"access_token":"{{token}}"}""")
                : ("401 Unauthorized", """{"error":"invalid_client","error_description":"AADSTS700211: No matching federated identity record found."}""");
            var answer = $"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}";
            await stream.WriteAsync(Encoding.ASCII.GetBytes(answer));
            await stream.ShutdownAsync();
        }
    }

    /// <summary>The first line, what authorises it, and the body.</summary>
    private static async Task<string> ReadRequest(Stream stream)
    {
        var read = new StringBuilder();
        var buffer = new byte[8192];
        while (true)
        {
            read.Append(Encoding.ASCII.GetString(buffer, 0, await stream.ReadAsync(buffer)));
            var text = read.ToString();
            var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end < 0)
            {
                continue;
            }
            var length = text[..end].Split("\r\n").Where(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase)).Select(line => int.Parse(line[15..])).FirstOrDefault();
            if (text.Length >= end + 4 + length)
            {
                var authorization = text[..end].Split("\r\n").Where(line => line.StartsWith("Authorization:", StringComparison.OrdinalIgnoreCase));
                return string.Join('\n', [text[..text.IndexOf('\r', StringComparison.Ordinal)], .. authorization, text[(end + 4)..]]);
            }
        }
    }
}
