using System.Collections;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using EvBilling.Functions;

namespace EvBilling.SystemTests.Azure;

/// <summary>The function's settings of a snapshot, read by the function's own reader.</summary>
internal static class FunctionSettingsOnAzure
{
    public static IEnumerable<string> Breaches(IReadOnlyDictionary<string, string> settings)
    {
        var asked = new Asked(settings.ToDictionary(setting => setting.Key, setting => Sample(setting.Key, setting.Value)));
        string? wrong = null;
        try
        {
            _ = FunctionSettings.Read(asked);
        }
        catch (SettingsException e)
        {
            wrong = e.Message;
        }
        if (wrong is not null)
        {
            yield return $"The function would not start: {wrong}";
            yield break;
        }
        foreach (var name in settings.Keys.Where(name => name.StartsWith("EVBILLING_", StringComparison.Ordinal)).Except(asked.Names))
        {
            yield return $"The function does not know the setting {name}.";
        }
    }

    /// <summary>What Azure alone knows, as it would look.</summary>
    private static string Sample(string name, string value) => !value.StartsWith('[') ? value : name switch
    {
        "EVBILLING_SCALE_CA" when value.Contains("certificate-authority-data", StringComparison.Ordinal) => Authority(),
        "EVBILLING_SCALE_SERVER" when value.Contains(").privateFQDN", StringComparison.Ordinal) => "https://evbilling-dev-1.privatelink.westeurope.azmk8s.io",
        "EVBILLING_SCALE_ENTRA_OBJECT_IDS" when value.Contains("Microsoft.DataFactory/factories", StringComparison.Ordinal) => "55555555-5555-5555-5555-555555555555",
        _ => value,
    };

    /// <summary>As it stands in a kubeconfig.</summary>
    private static string Authority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=cluster", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        return Convert.ToBase64String(Encoding.ASCII.GetBytes(certificate.ExportCertificatePem()));
    }

    /// <summary>Remembers which names were asked for.</summary>
    private sealed class Asked(IReadOnlyDictionary<string, string> settings) : IReadOnlyDictionary<string, string>
    {
        // The host sets it.
        private readonly Dictionary<string, string> _settings = new(settings) { ["FUNCTIONS_CUSTOMHANDLER_PORT"] = "7071" };

        public HashSet<string> Names { get; } = [];

        public IEnumerable<string> Keys => _settings.Keys;

        public IEnumerable<string> Values => _settings.Values;

        public int Count => _settings.Count;

        public string this[string key] => Names.Add(key) ? _settings[key] : _settings[key];

        public bool ContainsKey(string key) => Names.Add(key) ? _settings.ContainsKey(key) : _settings.ContainsKey(key);

        public bool TryGetValue(string key, [System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out string value)
        {
            Names.Add(key);
            return _settings.TryGetValue(key, out value);
        }

        public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => _settings.GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
