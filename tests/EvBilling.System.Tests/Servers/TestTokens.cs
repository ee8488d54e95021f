using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Servers;

/// <summary>Signs JSON web tokens, and has the file of keys that a broker checks them by.</summary>
internal sealed class TestTokens : IDisposable
{
    public const string Audience = "evbilling-test";

    private readonly TemporaryFolder _folder = new();
    private readonly RSA _key = RSA.Create(2048);

    public TestTokens()
    {
        var key = _key.ExportParameters(false);
        var keys = new { keys = new[] { new { kty = "RSA", kid = "k1", use = "sig", alg = "RS256", n = Base64Url.EncodeToString(key.Modulus), e = Base64Url.EncodeToString(key.Exponent) } } };
        KeySetFile = _folder.Write("keys.json", JsonSerializer.Serialize(keys));
    }

    public string KeySetFile { get; }

    /// <summary>A token that begins to count now.</summary>
    public string Issue(string subject, TimeSpan life, string audience = Audience)
    {
        var now = DateTimeOffset.UtcNow;
        var head = Part(new { alg = "RS256", typ = "JWT", kid = "k1" });
        var claims = Part(new { sub = subject, aud = audience, iss = "evbilling-tests", scope = "kafka", iat = now.ToUnixTimeSeconds() - 1, exp = now.Add(life).ToUnixTimeSeconds() });
        var signature = _key.SignData(Encoding.ASCII.GetBytes($"{head}.{claims}"), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{head}.{claims}.{Base64Url.EncodeToString(signature)}";
    }

    public void Dispose()
    {
        _key.Dispose();
        _folder.Dispose();
    }

    private static string Part<T>(T content) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(content));
}
