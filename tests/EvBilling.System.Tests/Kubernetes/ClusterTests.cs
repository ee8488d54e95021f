using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Kubernetes;

/// <summary>overlays/local on a real API server, whose nodes are fake: what it accepts, keeps running, and refuses.</summary>
[Collection(nameof(KubeCluster))]
public sealed class ClusterTests(KubeCluster cluster)
{
    private const string Space = "evbilling";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Fact]
    public void Every_pod_becomes_ready_and_a_second_apply_changes_nothing()
    {
        Apply();
        Assert.Equal(
            ["evbilling-simulator", "evbilling-worker", "kafka", "postgres"],
            Ready().Select(name => name.StartsWith("evbilling-", StringComparison.Ordinal) ? string.Join('-', name.Split('-')[..2]) : name.Split('-')[0]).Distinct().Order(StringComparer.Ordinal));
        var before = Generations();
        Assert.Equal("", cluster.Kubectl("", "diff", "-k", ManifestTests.Overlay("local")));
        Apply();
        Assert.Equal(before, Generations());
    }

    [Fact]
    public void The_overlay_for_azure_is_accepted_too()
    {
        Apply();
        Assert.Contains("evbilling-scaler-function", cluster.Kubectl("", "apply", "--validate=strict", "--dry-run=server", "-k", ManifestTests.Overlay("azure")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_new_image_is_rolled_out_and_back_and_one_that_cannot_be_pulled_stops_while_the_old_pods_stay()
    {
        Apply();
        Workers(2);
        cluster.Kubectl("", "-n", Space, "set", "image", "deployment/evbilling-worker", "worker=evbilling:0.1.1");
        cluster.Kubectl("", "-n", Space, "rollout", "status", "deployment/evbilling-worker", "--timeout=90s");
        Assert.Equal(["evbilling:0.1.1"], ReadyImages());

        cluster.Kubectl("", "-n", Space, "set", "image", "deployment/evbilling-worker", "worker=evbilling:missing");
        Assert.NotEqual(0, cluster.TryKubectl("", "-n", Space, "rollout", "status", "deployment/evbilling-worker", "--timeout=8s").Code);
        Assert.Equal(["evbilling:0.1.1"], ReadyImages());
        Assert.Equal(2, ReadyWorkers().Length);

        cluster.Kubectl("", "-n", Space, "rollout", "undo", "deployment/evbilling-worker");
        cluster.Kubectl("", "-n", Space, "rollout", "status", "deployment/evbilling-worker", "--timeout=90s");
        Assert.Equal(["evbilling:0.1.1"], ReadyImages());
    }

    [Fact]
    public void Only_one_worker_may_be_evicted_at_a_time()
    {
        Apply();
        // A pod that is made anew takes a while to be ready.
        cluster.Kubectl("", "-n", Space, "patch", "deployment", "evbilling-worker", "-p", """{"spec":{"template":{"metadata":{"annotations":{"kwok-sim/ready-after":"8s"}}}}}""");
        Workers(2);
        cluster.Kubectl("", "-n", Space, "rollout", "status", "deployment/evbilling-worker", "--timeout=90s");
        WaitUntil(() => ReadyWorkers().Length == 2);
        WaitUntil(() => Figure("poddisruptionbudget", "evbilling-worker", ".status.disruptionsAllowed") == "1");
        var answers = ReadyWorkers().Select(pod => cluster.TryKubectl(
            $$"""{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"{{pod}}","namespace":"{{Space}}" } }""",
            "create", "--raw", $"/api/v1/namespaces/{Space}/pods/{pod}/eviction", "-f", "-")).ToArray();
        Assert.Equal(0, answers[0].Code);
        Assert.NotEqual(0, answers[1].Code);
        Assert.Contains("disruption budget", answers[1].Errors, StringComparison.Ordinal);
        // What was evicted comes again.
        WaitUntil(() => ReadyWorkers().Length == 2);
    }

    [Fact]
    public void The_fleet_has_as_many_pods_as_it_is_told_named_by_their_shards()
    {
        Apply();
        foreach (var replicas in new[] { 1, 5, 0, 1 })
        {
            cluster.Kubectl("", "-n", Space, "scale", "statefulset/evbilling-simulator", $"--replicas={replicas}");
            WaitUntil(() => Ready().Count(name => name.StartsWith("evbilling-simulator-", StringComparison.Ordinal)) == replicas
                && Figure("statefulset", "evbilling-simulator", ".status.replicas") == $"{replicas}");
        }
        Assert.Equal("0", Figure("pod", "evbilling-simulator-0", ".metadata.labels.apps\\.kubernetes\\.io/pod-index"));
    }

    [Theory]
    [InlineData("""{"containers":[{"name":"c","image":"x","securityContext":{"privileged":true}}]}""", "privileged")]
    [InlineData("""{"containers":[{"name":"c","image":"x"}]}""", "allowPrivilegeEscalation")]
    [InlineData("""{"hostNetwork":true,"containers":[{"name":"c","image":"x"}]}""", "host namespaces")]
    public void A_pod_that_asks_for_more_is_refused(string spec, string why)
    {
        Apply();
        var (code, _, errors) = cluster.TryKubectl(
            $$"""{"apiVersion":"v1","kind":"Pod","metadata":{"name":"more","namespace":"{{Space}}"},"spec":{{spec}}}""", "create", "-f", "-");
        Assert.NotEqual(0, code);
        Assert.Contains(why, errors, StringComparison.Ordinal);
        Assert.Contains("violates PodSecurity \"restricted", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_misspelt_field_is_refused()
    {
        Apply();
        var yaml = cluster.Kubectl("", "kustomize", ManifestTests.Overlay("local")).Replace("minReadySeconds:", "minReadySecs:", StringComparison.Ordinal);
        var (code, _, errors) = cluster.TryKubectl(yaml, "apply", "--validate=strict", "--dry-run=server", "-f", "-");
        Assert.NotEqual(0, code);
        Assert.Contains("minReadySecs", errors, StringComparison.Ordinal);
    }

    /// <summary>The table of docs/kubernetes.md, row by row.</summary>
    [Fact]
    public async Task The_scaler_may_do_what_the_page_says_and_nothing_else()
    {
        Apply();
        var rows = ScalerCalls().ToArray();
        Assert.True(rows.Count(row => row.Status == 200) == 2 && rows.Count(row => row.Status == 403) >= 20, $"{rows.Length} rows");
        using var client = Scaler();
        foreach (var (method, path, body, status) in rows)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path);
            if (body.Length > 0)
            {
                request.Content = new StringContent(body, Encoding.UTF8, method == "PATCH" ? "application/merge-patch+json" : "application/json");
            }
            using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.True((int)answer.StatusCode == status, $"{method} {path}: {(int)answer.StatusCode}");
        }
    }

    private static IEnumerable<(string Method, string Path, string Body, int Status)> ScalerCalls() =>
        from line in File.ReadLines(Path.Combine(Repository.Root, "docs", "kubernetes.md"))
        let cells = line.Split('|').Select(cell => cell.Trim().Trim('`')).ToArray()
        where cells.Length == 6 && cells[4] is "200" or "403"
        select (cells[1], cells[2], cells[3], int.Parse(cells[4]));

    private HttpClient Scaler()
    {
        var authority = X509Certificate2.CreateFromPemFile(cluster.AuthorityFile, cluster.AuthorityFile[..^4] + ".key");
        var handler = new HttpClientHandler
        {
            ServerCertificateCustomValidationCallback = (_, certificate, chain, _) =>
            {
                chain!.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
                chain.ChainPolicy.CustomTrustStore.Add(authority);
                return chain.Build(certificate!);
            },
        };
        var client = new HttpClient(handler) { BaseAddress = new Uri($"https://127.0.0.1:{cluster.Port}") };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", cluster.Token(Space));
        return client;
    }

    private void Apply()
    {
        cluster.Kubectl("", "apply", "--validate=strict", "-k", ManifestTests.Overlay("local"));
        WaitUntil(() => ReadyWorkers().Length > 0 && Ready().Length >= 4);
    }

    private void Workers(int replicas)
    {
        cluster.Kubectl("", "-n", Space, "patch", "hpa", "evbilling-worker", "--type=merge", "-p", $$"""{"spec":{"minReplicas":{{replicas}} } }""");
        cluster.Kubectl("", "-n", Space, "scale", "deployment/evbilling-worker", $"--replicas={replicas}");
        WaitUntil(() => ReadyWorkers().Length == replicas);
    }

    private string Figure(string kind, string name, string path) => cluster.Kubectl("", "-n", Space, "get", kind, name, "-o", $"jsonpath={{{path}}}");

    private string Generations() => cluster.Kubectl(
        "", "-n", Space, "get", "deployments,statefulsets,services,configmaps,networkpolicies,pdb,hpa,roles,rolebindings,serviceaccounts", "-o",
        "jsonpath={range .items[*]}{.kind} {.metadata.name} {.metadata.generation}{\"\\n\"}{end}");

    private string[] Ready() => Pods(_ => true, pod => pod.GetProperty("metadata").GetProperty("name").GetString()!);

    private string[] ReadyWorkers() => [.. Ready().Where(name => name.StartsWith("evbilling-worker-", StringComparison.Ordinal))];

    private string[] ReadyImages() => [.. Pods(
        pod => pod.GetProperty("metadata").GetProperty("name").GetString()!.StartsWith("evbilling-worker-", StringComparison.Ordinal),
        pod => pod.GetProperty("spec").GetProperty("containers")[0].GetProperty("image").GetString()!).Distinct()];

    private string[] Pods(Func<JsonElement, bool> wanted, Func<JsonElement, string> told)
    {
        using var pods = JsonDocument.Parse(cluster.Kubectl("", "-n", Space, "get", "pods", "-o", "json"));
        return
        [
            .. from pod in pods.RootElement.GetProperty("items").EnumerateArray()
               where !pod.GetProperty("metadata").TryGetProperty("deletionTimestamp", out _) && wanted(pod)
               where pod.GetProperty("status").TryGetProperty("conditions", out var conditions)
                   && conditions.EnumerateArray().Any(condition => condition.GetProperty("type").GetString() == "Ready" && condition.GetProperty("status").GetString() == "True")
               select told(pod),
        ];
    }

    private static void WaitUntil(Func<bool> happened)
    {
        var until = DateTime.UtcNow + Patience;
        while (!happened())
        {
            Assert.True(DateTime.UtcNow < until, "it does not happen");
            Thread.Sleep(200);
        }
    }
}
