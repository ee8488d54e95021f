using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;
using EvBilling.Functions.Callers;
using EvBilling.Functions.Cluster;
using EvBilling.Functions.Scaling;
using EvBilling.Functions.Timer;

namespace EvBilling.Functions;

/// <summary>All that the function is told, by its application settings.</summary>
/// <param name="Port">That the host calls on, on 127.0.0.1.</param>
/// <param name="IsDryRun">Nothing is ever changed, whatever a call asks for.</param>
/// <param name="Schedule">Null = the timer does nothing.</param>
/// <param name="Workers">The /metrics that tell the lag; with <paramref name="Brake"/>.</param>
internal sealed partial record FunctionSettings(
    int Port, ClusterSettings Cluster, CallerSettings Callers, ReplicaBounds Bounds, bool IsDryRun, Schedule? Schedule, LagBrake? Brake, IReadOnlyList<Uri> Workers)
{
    private const string PortName = "FUNCTIONS_CUSTOMHANDLER_PORT";
    private const string Prefix = "EVBILLING_SCALE_";
    private const string PodFolder = "/var/run/secrets/kubernetes.io/serviceaccount";
    private const int KeyLengthMin = 32;
    private const int ReplicasMax = 1000;

    /// <exception cref="SettingsException">One of them is wrong or missing.</exception>
    public static FunctionSettings Read(IReadOnlyDictionary<string, string> environment)
    {
        var read = new Reader(environment);
        var port = Number(PortName, environment.GetValueOrDefault(PortName) is { Length: > 0 } text ? text : throw new SettingsException(
            $"{PortName} is not set: the Azure Functions host starts this program and sets it; to try it without, set it to a free port."), 1, ushort.MaxValue);
        var max = Number(Prefix + "MAX", read.Text("MAX") ?? "16", 0, ReplicasMax);
        var bounds = new ReplicaBounds(Number(Prefix + "MIN", read.Text("MIN") ?? "0", 0, max), max);
        var schedule = read.Text("SCHEDULE") is { } lines ? ScheduleText.Parse(Prefix + "SCHEDULE", lines, bounds) : null;
        var workers = read.List("LAG_METRICS").Select(address => Address(Prefix + "LAG_METRICS", address, ["http", "https"])).ToList();
        var brake = read.Text("LAG") is { } steps ? LagBrake.Parse(Prefix + "LAG", steps, bounds) : null;
        if ((brake is null) != (workers.Count == 0) || (brake is not null && schedule is null))
        {
            throw new SettingsException($"{Prefix}LAG goes with {Prefix}LAG_METRICS, and with {Prefix}SCHEDULE, which says what to go back to (at least \"else N\"); set all of them or neither of the two.");
        }
        return new(port, ClusterOf(read), CallersOf(read), bounds, Flag(read, "DRY_RUN"), schedule, brake, workers);
    }

    private static ClusterSettings ClusterOf(Reader read)
    {
        var host = read.Environment.GetValueOrDefault("KUBERNETES_SERVICE_HOST");
        var isInCluster = read.Text("SERVER") is null && host is { Length: > 0 };
        var server = read.Text("SERVER") ?? (isInCluster
            ? $"https://{(host!.Contains(':') ? $"[{host}]" : host)}:{read.Environment.GetValueOrDefault("KUBERNETES_SERVICE_PORT") ?? "443"}"
            : throw new SettingsException($"{Prefix}SERVER is not set: give the address of the Kubernetes API server, such as https://fleet.hcp.westeurope.azmk8s.io:443."));
        var tokenFile = read.Text("TOKEN_FILE") ?? (isInCluster ? $"{PodFolder}/token" : null);
        return new(
            Address(Prefix + "SERVER", server, ["https"]), Authority(read, isInCluster), tokenFile is null ? ClusterIdentity.Entra : ClusterIdentity.File, tokenFile,
            Name(read, "NAMESPACE", "evbilling"), Name(read, "SET", "evbilling-simulator"));
    }

    /// <summary>PEM, or that in base64 as a kubeconfig has it, or a file.</summary>
    private static string? Authority(Reader read, bool isInCluster)
    {
        var pem = read.Text("CA");
        try
        {
            if (pem is null && (read.Text("CA_FILE") ?? (isInCluster ? $"{PodFolder}/ca.crt" : null)) is { } file)
            {
                pem = File.ReadAllText(file);
            }
            else if (pem is not null && !pem.Contains("-----BEGIN", StringComparison.Ordinal))
            {
                pem = Encoding.UTF8.GetString(Convert.FromBase64String(pem));
            }
            if (pem is null)
            {
                return null;
            }
            var certificates = new X509Certificate2Collection();
            certificates.ImportFromPem(pem);
            return certificates.Count > 0 ? pem : throw new FormatException("there is no certificate in it");
        }
        catch (Exception e) when (e is FormatException or CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new SettingsException($"{Prefix}CA or {Prefix}CA_FILE: {e.Message.TrimEnd('.')}; give the cluster's certificate authority as PEM, or as the base64 that a kubeconfig has.");
        }
    }

    private static CallerSettings CallersOf(Reader read)
    {
        var key = read.Text("KEY");
        if (key is not null && key.Length < KeyLengthMin)
        {
            throw new SettingsException($"{Prefix}KEY has fewer than {KeyLengthMin} characters; make one with: openssl rand -hex 32");
        }
        var tenant = read.Text("ENTRA_TENANT");
        string[] others = ["ENTRA_AUDIENCE", "ENTRA_ROLE", "ENTRA_OBJECT_IDS", "ENTRA_AUTHORITY"];
        if (tenant is null)
        {
            return others.FirstOrDefault(name => read.Text(name) is not null) is { } lonely
                ? throw new SettingsException($"{Prefix}{lonely} is set without {Prefix}ENTRA_TENANT; set that to the tenant's id.")
                : new(key, null);
        }
        if (!Guid.TryParseExact(tenant, "D", out _))
        {
            throw new SettingsException($"{Prefix}ENTRA_TENANT={tenant} is no tenant's id; give the GUID.");
        }
        var authority = Address(Prefix + "ENTRA_AUTHORITY", read.Text("ENTRA_AUTHORITY") ?? "https://login.microsoftonline.com", ["https", "http"]);
        if (authority.Scheme == "http" && !authority.IsLoopback)
        {
            throw new SettingsException($"{Prefix}ENTRA_AUTHORITY={authority} is not https; keys are not taken from it.");
        }
        var audiences = read.List("ENTRA_AUDIENCE");
        var (role, objectIds) = (read.Text("ENTRA_ROLE"), read.List("ENTRA_OBJECT_IDS"));
        if (audiences.Length == 0 || (role is null && objectIds.Length == 0))
        {
            throw new SettingsException(
                $"{Prefix}ENTRA_TENANT needs {Prefix}ENTRA_AUDIENCE (the application that stands for this function) and {Prefix}ENTRA_ROLE or {Prefix}ENTRA_OBJECT_IDS (who may scale).");
        }
        return new(key, new(authority, tenant, audiences, role, objectIds));
    }

    private static bool Flag(Reader read, string name) => read.Text(name) switch
    {
        null or "false" => false,
        "true" => true,
        var other => throw new SettingsException($"{Prefix}{name}={other} is neither true nor false."),
    };

    private static int Number(string name, string text, int min, int max) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? number
            : throw new SettingsException($"{name}={text} is no number from {min} to {max}.");

    private static Uri Address(string name, string text, string[] schemes) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && schemes.Contains(address.Scheme) && address is { UserInfo: "", Query: "", Fragment: "" }
            ? address
            : throw new SettingsException($"{name} is no address that begins with {string.Join(" or ", schemes)}, with neither a user nor a query.");

    private static string Name(Reader read, string name, string otherwise)
    {
        var text = read.Text(name) ?? otherwise;
        return KubernetesName().IsMatch(text) ? text : throw new SettingsException($"{Prefix}{name}={text} is no name of Kubernetes: lower-case letters, digits and hyphens, at most 63.");
    }

    [GeneratedRegex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", RegexOptions.CultureInvariant)]
    private static partial Regex KubernetesName();

    private sealed record Reader(IReadOnlyDictionary<string, string> Environment)
    {
        /// <returns>Null where it is not set, or empty as the portal leaves it.</returns>
        public string? Text(string name) => Environment.GetValueOrDefault(Prefix + name) is { } text && text.Trim() is { Length: > 0 } trimmed ? trimmed : null;

        public string[] List(string name) => Text(name)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
    }
}
