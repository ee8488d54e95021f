using System.Diagnostics;
using System.Text.RegularExpressions;
using EvBilling.SystemTests.Kubernetes;
using EvBilling.SystemTests.Processes;

namespace EvBilling.SystemTests.Azure;

/// <summary>What `up` sends into the cluster, as it sends it, on a real API server.</summary>
[Collection(nameof(KubeCluster))]
public sealed partial class ScriptClusterTests(KubeCluster cluster)
{
    private const string Space = "evbilling-azure";

    [Fact]
    public void The_overlay_is_filled_from_the_outputs_and_the_checkout_is_not_changed()
    {
        using var azure = new ScriptStandIn(KubeCluster.KubectlFile).Answer("in-cluster database", "1", "far enough");
        ScriptOutcomeTests.AssertFailed(azure.Run(azure.UpWithYes), "far enough");
        var manifests = File.ReadAllText(azure.File_("evbilling.yaml"));
        Assert.DoesNotMatch("REPLACED|REGISTRY|NAMESPACE|SERVER\\.|CATALOG|0{8}-0{4}", manifests);
        foreach (var text in new[]
        {
            "image: evbreg.azurecr.io/evbilling:0.1.0-", "KAFKA_BROKERS: evb-ns.servicebus.windows.net:9093", "POSTGRES_HOST: evb-pg.postgres.database.azure.com", "POSTGRES_USER: evbilling-dev-worker",
            $"WRITERS: evbilling-dev-worker={ScriptAnswers.Id(4)},evbilling-dev-spark={ScriptAnswers.Id(8)}", $"READERS: evb-factory={ScriptAnswers.Id(2)}", "INSTALLER_USER: evbilling-dev-installer",
            "SPARK_USER: evbilling-dev-spark", "SPARK_CHECKPOINT: /Volumes/evb_ws/evbilling/files/checkpoint", $"azure.workload.identity/client-id: {ScriptAnswers.Id(6)}",
        })
        {
            Assert.Contains(text, manifests, StringComparison.Ordinal);
        }
        // Left as it is: a placeholder's file is not one of the outputs'.
        Assert.Contains("REGISTRY.azurecr.io", File.ReadAllText(Path.Combine(ManifestTests.Overlay("azure"), "kustomization.yaml")), StringComparison.Ordinal);

        cluster.Kubectl("", "delete", "namespace", Space, "--ignore-not-found");
        File.WriteAllText(azure.File_("evbilling.yaml"), Elsewhere(manifests));
        AssertDone(InCluster(azure, "database"), "job.batch/evbilling-installer created");
        Assert.Equal("", cluster.Kubectl("", "-n", Space, "get", "deployments,statefulsets", "-o", "name"));
        // Once more: the job runs anew.
        AssertDone(InCluster(azure, "database"), "job.batch \"evbilling-installer\" deleted");
        AssertDone(InCluster(azure, "workloads", "with-workers"), "deployment \"evbilling-worker\" successfully rolled out");
        AssertDone(InCluster(azure, "look"), "evbilling-worker-");
        AssertDone(InCluster(azure, "workloads", "without-workers"), "deployment.apps/evbilling-worker scaled");
        Assert.Equal("0", cluster.Kubectl("", "-n", Space, "get", "deployment", "evbilling-worker", "-o", "jsonpath={.spec.replicas}"));
        Assert.Equal("", cluster.Kubectl("", "-n", Space, "get", "job", "evbilling-spark-properties", "--ignore-not-found", "-o", "name"));
        // The function's number is not touched by another apply.
        cluster.Kubectl("", "-n", Space, "scale", "statefulset/evbilling-simulator", "--replicas=3");
        AssertDone(InCluster(azure, "workloads", "without-workers"), "statefulset.apps/evbilling-simulator unchanged");
        Assert.Equal(3, cluster.Replicas(Space));
        AssertDone(InCluster(azure, "properties"), "---- end");

        // A pod that never ends is told by its name.
        File.WriteAllText(azure.File_("evbilling.yaml"), Image().Replace(Elsewhere(manifests), "image: evbilling:missing"));
        var late = InCluster(azure, "database", "late");
        Assert.True(late.ExitCode == 1, late.ToString());
        Assert.Matches("^the pod of evbilling-installer has not ended after 6 s: evbilling-installer-", late.Lines[^1]);
        cluster.Kubectl("", "delete", "namespace", Space, "--wait=false");
    }

    private CliEnd InCluster(ScriptStandIn azure, params string[] words)
    {
        var start = new ProcessStartInfo("sh", [Path.Combine(Path.GetDirectoryName(ScriptStandIn.Script)!, "steps", "in-cluster"), .. words])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = azure.File_(""),
        };
        start.Environment["PATH"] = $"{Path.GetDirectoryName(KubeCluster.KubectlFile)}:{start.Environment["PATH"]}";
        start.Environment["KUBECONFIG"] = cluster.KubeconfigFile;
        start.Environment["EVBILLING_IN_CLUSTER_NAMESPACE"] = Space;
        start.Environment["EVBILLING_IN_CLUSTER_S"] = words is ["database", "late"] ? "6" : "60";
        using var process = Process.Start(start)!;
        return ScriptStandIn.End(process);
    }

    // The namespace evbilling is another test's.
    private static string Elsewhere(string manifests) => NamespaceName().Replace(manifests, "$1" + Space);

    private static void AssertDone(CliEnd end, string told)
    {
        Assert.True(end.ExitCode == 0, end.ToString());
        Assert.Contains(told, end.Output, StringComparison.Ordinal);
    }

    [GeneratedRegex("image: evbreg.azurecr.io/evbilling:.*")]
    private static partial Regex Image();

    [GeneratedRegex(@"^(  namespace: |kind: Namespace\nmetadata:\n(?:  labels:\n(?:    .*\n)+)?  name: |- kind: ServiceAccount\n  name: .*\n  namespace: )evbilling$", RegexOptions.Multiline)]
    private static partial Regex NamespaceName();
}
