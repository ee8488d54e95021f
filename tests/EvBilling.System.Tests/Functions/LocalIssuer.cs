using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EvBilling.SystemTests.Servers;

namespace EvBilling.SystemTests.Functions;

/// <summary>What Microsoft Entra ID publishes about a tenant, on this machine: who issues, and the keys; and tokens that are signed by them.</summary>
internal sealed class LocalIssuer : IDisposable
{
    public const string Tenant = "11111111-2222-3333-4444-555555555555";
    public const string Audience = "api://evbilling-scale";

    private readonly HttpListener _listener = new();
    private readonly RSA _key = RSA.Create(2048);
    private readonly RSA _stranger = RSA.Create(2048);

    public LocalIssuer()
    {
        Authority = $"http://127.0.0.1:{FreePorts.Next()}";
        _listener.Prefixes.Add(Authority + "/");
        _listener.Start();
        _ = Serve();
    }

    public string Authority { get; }

    public string Issuer => $"{Authority}/{Tenant}/v2.0";

    /// <summary>The settings that trust it.</summary>
    public (string Name, string Value)[] Settings =>
        [("ENTRA_TENANT", Tenant), ("ENTRA_AUTHORITY", Authority), ("ENTRA_AUDIENCE", Audience), ("ENTRA_ROLE", "Fleet.Scale"), ("ENTRA_OBJECT_IDS", "an-object-that-may")];

    /// <summary>A token that is good, but for what is changed.</summary>
    public string Token(Action<Dictionary<string, object>>? change = null, bool isOfAStranger = false, string algorithm = "RS256")
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var claims = new Dictionary<string, object>
        {
            ["iss"] = Issuer,
            ["aud"] = Audience,
            ["oid"] = "an-object",
            ["roles"] = new[] { "Fleet.Scale" },
            ["iat"] = now,
            ["nbf"] = now,
            ["exp"] = now + 600,
        };
        change?.Invoke(claims);
        var signed = $"{Part(new { alg = algorithm, typ = "JWT", kid = "k1" })}.{Part(claims)}";
        var signature = algorithm == "none" ? [] : (isOfAStranger ? _stranger : _key).SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    public void Dispose()
    {
        _listener.Close();
        _key.Dispose();
        _stranger.Dispose();
    }

    private static string Part<T>(T content) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(content));

    private async Task Serve()
    {
        try
        {
            while (true)
            {
                var context = await _listener.GetContextAsync();
                var key = _key.ExportParameters(false);
                object content = context.Request.Url!.AbsolutePath.EndsWith("openid-configuration", StringComparison.Ordinal)
                    ? new { issuer = Issuer, jwks_uri = $"{Authority}/keys" }
                    : new { keys = new[] { new { kty = "RSA", kid = "k1", use = "sig", alg = "RS256", n = Base64Url.EncodeToString(key.Modulus), e = Base64Url.EncodeToString(key.Exponent) } } };
                context.Response.ContentType = "application/json";
                await context.Response.OutputStream.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(content));
                context.Response.Close();
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
        {
            // The test is over.
        }
    }
}
