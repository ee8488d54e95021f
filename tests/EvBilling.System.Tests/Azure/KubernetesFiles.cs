using System.Text.RegularExpressions;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Azure;

/// <summary>What deploy/kubernetes says that Azure must know too.</summary>
internal static partial class KubernetesFiles
{
    private static readonly string Folder = Path.Combine(Repository.Root, "deploy", "kubernetes");

    /// <summary>The settings of the overlay for Azure.</summary>
    public static IReadOnlyDictionary<string, string> Settings { get; } =
        File.ReadAllLines(Path.Combine(Folder, "overlays", "azure", "settings.env")).Select(line => line.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);

    public static string Namespace { get; } = Find(@"^namespace: (\S+)$", "overlays/azure/kustomization.yaml");

    /// <summary>Workers at most, which is as many as partitions.</summary>
    public static int WorkersMax { get; } = int.Parse(Find(@"^  maxReplicas: (\d+)$", "base/worker.yaml"));

    public static int Shards { get; } = int.Parse(Find(@"^        - --shards=(\d+)$", "base/simulator.yaml"));

    /// <summary>The service accounts of all manifests, those that the installation runs with among them.</summary>
    public static IReadOnlySet<string> ServiceAccounts { get; } = new[] { Folder, BicepTemplates.Folder }
        .SelectMany(folder => Directory.EnumerateFiles(folder, "*.yaml", SearchOption.AllDirectories))
        .SelectMany(file => ServiceAccount().Matches(File.ReadAllText(file))).Select(match => match.Groups[1].Value).ToHashSet();

    private static string Find(string pattern, string file) => Regex.Match(File.ReadAllText(Path.Combine(Folder, file)), pattern, RegexOptions.Multiline) is { Success: true } match
        ? match.Groups[1].Value
        : throw new InvalidOperationException($"{file} has no line like {pattern}.");

    [GeneratedRegex(@"kind: ServiceAccount\nmetadata:\n  name: ([\w-]+)", RegexOptions.CultureInvariant)]
    private static partial Regex ServiceAccount();
}
