using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Servers;

/// <summary>An authority of a test's own, and files of certificates that it has signed, in PEM.</summary>
internal sealed class TestCertificates : IDisposable
{
    public const string JavaTrustStorePassword = "changeit";

    private readonly TemporaryFolder _folder = new();
    private readonly X509Certificate2 _authority;
    private readonly Lazy<string> _javaTrustStore;

    public TestCertificates()
    {
        _javaTrustStore = new(MakeJavaTrustStore);
        using var key = RSA.Create(2048);
        var request = Request("evbilling test authority", key);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        _authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        AuthorityFile = _folder.Write("authority.pem", _authority.ExportCertificatePem() + "\n");
        Server = Issue("127.0.0.1", "server");
        ServerKeyAndCertificateFile = _folder.Write("server-both.pem", File.ReadAllText(Server.KeyFile) + File.ReadAllText(Server.CertificateFile));
        Client = Issue("worker", "client");
    }

    public string AuthorityFile { get; }

    /// <summary>The authority, for a Java machine that is to trust it everywhere.</summary>
    public string JavaTrustStore => _javaTrustStore.Value;

    /// <summary>For 127.0.0.1 and no other host.</summary>
    public (string CertificateFile, string KeyFile) Server { get; }

    /// <summary>As a broker's keystore wants it: the key, then the certificate.</summary>
    public string ServerKeyAndCertificateFile { get; }

    /// <summary>Of a client named worker.</summary>
    public (string CertificateFile, string KeyFile) Client { get; }

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }

    private string MakeJavaTrustStore()
    {
        var store = _folder.File("trust.p12");
        using var keytool = Process.Start(new ProcessStartInfo(
            "keytool", ["-importcert", "-noprompt", "-alias", "authority", "-file", AuthorityFile, "-keystore", store, "-storetype", "PKCS12", "-storepass", JavaTrustStorePassword])
        { RedirectStandardError = true })!;
        var said = keytool.StandardError.ReadToEnd();
        keytool.WaitForExit();
        Assert.True(keytool.ExitCode == 0, said);
        return store;
    }

    private (string CertificateFile, string KeyFile) Issue(string name, string file)
    {
        using var key = RSA.Create(2048);
        var request = Request(name, key);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, false, 0, critical: false));
        using var certificate = request.Create(_authority, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(7), RandomNumberGenerator.GetBytes(8));
        return (_folder.Write($"{file}.pem", certificate.ExportCertificatePem() + "\n"), _folder.Write($"{file}.key", key.ExportPkcs8PrivateKeyPem() + "\n"));
    }

    private static CertificateRequest Request(string name, RSA key) => new($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
}
