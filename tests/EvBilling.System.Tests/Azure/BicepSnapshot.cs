using System.Globalization;
using System.Text.Json.Nodes;

namespace EvBilling.SystemTests.Azure;

/// <summary>What would be there after a deployment, as Bicep foretells it. What only Azure knows stands as an expression in brackets.</summary>
internal sealed class BicepSnapshot(string environment, JsonObject json)
{
    public string Environment { get; } = environment;

    public JsonObject Json { get; } = json;

    public IReadOnlyList<BicepResource> Resources { get; } = [.. json["predictedResources"]!.AsArray().Select(resource => new BicepResource(resource!.AsObject()))];

    public IReadOnlyDictionary<string, string> Outputs { get; } = json["outputs"]!.AsObject().ToDictionary(output => output.Key, output => output.Value!.ToString());

    public IEnumerable<BicepResource> Of(string type) => Resources.Where(resource => resource.Type == type);

    public BicepResource Only(string type) => Of(type).Single();
}

/// <summary>A resource of a snapshot.</summary>
internal sealed record BicepResource(JsonObject Json)
{
    public string Type => Json["type"]!.GetValue<string>();

    public string Name => Json["name"]!.GetValue<string>();

    public string Id => Json["id"]!.GetValue<string>();

    /// <summary>The type without what stands below: Microsoft.EventHub/namespaces of an event hub.</summary>
    public string RootType => string.Join('/', Type.Split('/').Take(2));

    /// <summary>The values at a path such as `properties.agentPoolProfiles[].vmSize`; `[]` = of each element. What is not there is left out.</summary>
    public IEnumerable<JsonNode> At(string path)
    {
        IEnumerable<JsonNode> nodes = [Json];
        foreach (var step in path.Split('.'))
        {
            var name = step.Replace("[]", "", StringComparison.Ordinal);
            nodes = nodes.OfType<JsonObject>().Select(node => node[name]).OfType<JsonNode>();
            if (step.EndsWith("[]", StringComparison.Ordinal))
            {
                nodes = nodes.OfType<JsonArray>().SelectMany(array => array).OfType<JsonNode>();
            }
        }
        return nodes;
    }

    /// <returns>Null where it is not there.</returns>
    public string? Text(string path) => At(path).SingleOrDefault() is { } node ? Convert.ToString(node, CultureInfo.InvariantCulture) : null;

    /// <summary>All texts within, names of members not among them.</summary>
    public IEnumerable<string> Texts() => TextsOf(Json);

    private static IEnumerable<string> TextsOf(JsonNode? node) => node switch
    {
        JsonObject json => json.SelectMany(member => TextsOf(member.Value)),
        JsonArray array => array.SelectMany(TextsOf),
        JsonValue value when value.TryGetValue<string>(out var text) => [text],
        _ => [],
    };

    public override string ToString() => $"{Type} {Name}";
}
