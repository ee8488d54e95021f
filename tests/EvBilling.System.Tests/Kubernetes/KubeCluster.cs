using System.Diagnostics;
using System.Text.Json;
using EvBilling.SystemTests.Kubernetes;
using EvBilling.SystemTests.Servers;
using EvBilling.SystemTests.Support;

[assembly: AssemblyFixture(typeof(KubeCluster))]

namespace EvBilling.SystemTests.Kubernetes;

/// <summary>Tests on the cluster run one after the other, beside others: most of the time they wait for it.</summary>
[CollectionDefinition(nameof(KubeCluster))]
public sealed class OnKubeCluster;

/// <summary>A real Kubernetes API server with fake nodes, started by the first test that asks for it; each test has a namespace of its own with a fleet and a scaler that may scale it.</summary>
public sealed class KubeCluster : IDisposable
{
    /// <summary>kube-up takes so many ports, one after the other.</summary>
    private const int Ports = 7;

    private static int _namespaces;

    private readonly Lazy<Running> _running = new(() => new Running());

    internal int Port => _running.Value.Port;

    /// <summary>The program kubectl, which starts no server.</summary>
    internal static string KubectlFile => Path.Combine(Running.UnpackOrSkip(), "bin", "kubectl");

    /// <summary>An administrator's.</summary>
    internal string KubeconfigFile => Path.Combine(_running.Value.Folder, "admin.kubeconfig");

    internal string AuthorityFile => Path.Combine(_running.Value.Folder, "pki", "ca.crt");

    public void Dispose()
    {
        if (_running.IsValueCreated)
        {
            _running.Value.Dispose();
        }
    }

    /// <summary>Makes a namespace with the StatefulSet evbilling-simulator and the service account evbilling-scaler, which may get and patch its scale.</summary>
    /// <returns>The namespace's name.</returns>
    internal string NewFleet(int replicas = 1)
    {
        var name = $"fleet-{Interlocked.Increment(ref _namespaces)}";
        Kubectl(Manifest.Replace("NAMESPACE", name, StringComparison.Ordinal).Replace("REPLICAS", $"{replicas}", StringComparison.Ordinal), "apply", "-f", "-");
        return name;
    }

    /// <summary>A token of the TokenRequest API, for at least 10 minutes.</summary>
    internal string Token(string space) => Kubectl("", "-n", space, "create", "token", "evbilling-scaler").Trim();

    internal int Replicas(string space) => int.Parse(Kubectl("", "-n", space, "get", "statefulset", "evbilling-simulator", "-o", "jsonpath={.spec.replicas}"));

    /// <summary>The ordinals of the pods that are Ready and not about to end.</summary>
    internal int[] ReadyOrdinals(string space)
    {
        using var pods = JsonDocument.Parse(Kubectl("", "-n", space, "get", "pods", "-o", "json"));
        return
        [
            .. from pod in pods.RootElement.GetProperty("items").EnumerateArray()
               where !pod.GetProperty("metadata").TryGetProperty("deletionTimestamp", out _)
               where pod.GetProperty("status").TryGetProperty("conditions", out var conditions)
                   && conditions.EnumerateArray().Any(condition => condition.GetProperty("type").GetString() == "Ready" && condition.GetProperty("status").GetString() == "True")
               select int.Parse(pod.GetProperty("metadata").GetProperty("name").GetString()!.Split('-')[^1]) into ordinal
               orderby ordinal
               select ordinal,
        ];
    }

    /// <summary>As an administrator; fails the test where kubectl does.</summary>
    internal string Kubectl(string input, params string[] arguments)
    {
        var (code, output, errors) = TryKubectl(input, arguments);
        Assert.True(code == 0, $"kubectl {string.Join(' ', arguments)}: {errors}");
        return output;
    }

    /// <summary>As an administrator.</summary>
    internal (int Code, string Output, string Errors) TryKubectl(string input, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(_running.Value.Home, "bin", "kubectl"), ["--kubeconfig", KubeconfigFile, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var kubectl = Process.Start(start)!;
        var errors = kubectl.StandardError.ReadToEndAsync();
        kubectl.StandardInput.Write(input);
        kubectl.StandardInput.Close();
        var output = kubectl.StandardOutput.ReadToEnd();
        kubectl.WaitForExit();
        return (kubectl.ExitCode, output, errors.Result);
    }

    private const string Manifest = """
        apiVersion: v1
        kind: Namespace
        metadata: {name: NAMESPACE}
        ---
        apiVersion: v1
        kind: ServiceAccount
        metadata: {name: evbilling-scaler, namespace: NAMESPACE}
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: Role
        metadata: {name: evbilling-scaler, namespace: NAMESPACE}
        rules:
        - apiGroups: [apps]
          resources: [statefulsets/scale]
          resourceNames: [evbilling-simulator]
          verbs: [get, patch]
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata: {name: evbilling-scaler, namespace: NAMESPACE}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: evbilling-scaler}
        subjects: [{kind: ServiceAccount, name: evbilling-scaler}]
        ---
        apiVersion: apps/v1
        kind: StatefulSet
        metadata: {name: evbilling-simulator, namespace: NAMESPACE}
        spec:
          replicas: REPLICAS
          serviceName: evbilling-simulator
          podManagementPolicy: Parallel
          selector: {matchLabels: {app: simulator}}
          template:
            metadata: {labels: {app: simulator}}
            spec:
              containers: [{name: simulator, image: "evbilling:0.1.0"}]
        """;

    private sealed class Running : IDisposable
    {
        private readonly TemporaryFolder _folder = new();
        private readonly Process _watchdog;

        public Running()
        {
            Home = UnpackOrSkip();
            Port = FreePorts.NextRange(Ports);
            using var up = Process.Start(new ProcessStartInfo("bash", ["-c", "\"$1/kube-up\" --dir \"$2\" --port \"$3\" >\"$2.log\" 2>&1", "up", Home, Folder, $"{Port}"]))!;
            up.WaitForExit();
            Assert.True(up.ExitCode == 0, File.ReadAllText(Folder + ".log"));
            // Its input ends with this process, however that ends; a cluster that is left behind would take the machine's memory.
            _watchdog = Process.Start(new ProcessStartInfo("bash", ["-c", "read; \"$1/kube-down\" --dir \"$2\" >/dev/null 2>&1", "watchdog", Home, Folder]) { RedirectStandardInput = true })!;
        }

        public string Home { get; }

        public string Folder => _folder.File("cluster");

        public int Port { get; }

        public void Dispose()
        {
            _watchdog.StandardInput.Close();
            _watchdog.WaitForExit();
            _watchdog.Dispose();
            _folder.Dispose();
        }

        public static string UnpackOrSkip()
        {
            Assert.SkipUnless(Engines.Folder is not null, "There is no Kubernetes API server here: ../shared/engines is not on this machine.");
            var (folder, whyNot) = Engines.Unpack("kube");
            Assert.True(folder is not null, whyNot);
            return folder;
        }
    }
}
