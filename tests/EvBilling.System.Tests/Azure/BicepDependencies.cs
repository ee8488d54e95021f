using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace EvBilling.SystemTests.Azure;

/// <summary>
/// A module that finds a resource by its name waits for the module that makes it. Bicep knows of what one module takes from another's outputs; names that are
/// known beforehand it cannot follow.
/// </summary>
internal static partial class BicepDependencies
{
    /// <param name="template">The compiled main.bicep.</param>
    public static IEnumerable<string> Breaches(JsonObject template)
    {
        var modules = template["resources"]!.AsObject()
            .Where(resource => resource.Value!["type"]?.ToString() == "Microsoft.Resources/deployments" && resource.Value["existing"] is null)
            .ToDictionary(resource => resource.Key, resource => resource.Value!.AsObject());
        foreach (var (name, module) in modules)
        {
            foreach (var other in DependsOn(module).Where(other => !modules.ContainsKey(other)))
            {
                yield return $"{name} waits for {other}, which is not there.";
            }
            var waitsFor = Closure(modules, name);
            foreach (var (type, sought) in Found(module))
            {
                var makers = modules.Where(maker => Makes(maker.Value).Any(made => made.Type == type && sought.Contains(made.Name, StringComparison.Ordinal))).Select(maker => maker.Key).ToList();
                if (makers.Count == 0)
                {
                    yield return $"{name} finds a {type} by the name {sought}, which no module makes.";
                }
                foreach (var maker in makers.Where(maker => maker != name && !waitsFor.Contains(maker)))
                {
                    yield return $"{name} finds a {type} by its name and does not wait for {maker}, which makes it.";
                }
            }
        }
    }

    /// <summary>The types, and the names as main.bicep gives them, of what a module finds.</summary>
    private static IEnumerable<(string Type, string Name)> Found(JsonObject module) =>
        from resource in Resources(module)
        where resource["existing"]?.GetValue<bool>() == true
        from parameter in Parameter().Matches(resource["name"]!.ToString()).Select(match => match.Groups[1].Value)
        select (Root(resource), Given(module, parameter));

    private static IEnumerable<(string Type, string Name)> Makes(JsonObject module) =>
        from resource in Resources(module)
        where resource["existing"] is null
        let parameter = Parameter().Match(resource["name"]?.ToString() ?? "")
        where parameter.Success && parameter.Value.Length + 2 == resource["name"]!.ToString().Length
        let name = Given(module, parameter.Groups[1].Value).TrimStart('[').TrimEnd(']')
        where name.Length > 0
        select (Root(resource), name);

    // By name where the compiler needs names, as for what a module finds; else a list.
    private static IEnumerable<JsonObject> Resources(JsonObject module) => module["properties"]!["template"]!["resources"] switch
    {
        JsonArray list => list.Select(resource => resource!.AsObject()),
        var named => named!.AsObject().Select(resource => resource.Value!.AsObject()),
    };

    private static string Root(JsonObject resource) => string.Join('/', resource["type"]!.ToString().Split('/').Take(2));

    private static string Given(JsonObject module, string parameter) => module["properties"]!["parameters"]?[parameter] switch
    {
        null => "",
        JsonObject given => given["value"]?.ToString() ?? "",
        // A choice between two is an expression.
        var given => given.ToString(),
    };

    private static IEnumerable<string> DependsOn(JsonObject module) => module["dependsOn"]?.AsArray().Select(other => other!.ToString()) ?? [];

    private static HashSet<string> Closure(Dictionary<string, JsonObject> modules, string name)
    {
        var all = new HashSet<string>();
        var next = new Stack<string>(DependsOn(modules[name]));
        while (next.TryPop(out var other))
        {
            if (all.Add(other) && modules.TryGetValue(other, out var module))
            {
                foreach (var further in DependsOn(module))
                {
                    next.Push(further);
                }
            }
        }
        return all;
    }

    [GeneratedRegex(@"parameters\('(\w+)'\)", RegexOptions.CultureInvariant)]
    private static partial Regex Parameter();
}
