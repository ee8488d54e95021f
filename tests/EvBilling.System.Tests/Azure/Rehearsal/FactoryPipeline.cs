using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace EvBilling.SystemTests.Azure.Rehearsal;

/// <summary>
/// A run of a pipeline: its activities in their order and by their dependency conditions, one after the other. Waits, pauses between attempts and the patience of loops pass faster than
/// in earnest; timeouts of activities are real.
/// </summary>
internal sealed class FactoryPipeline : IFactoryScope
{
    private readonly JsonObject _definition;
    private readonly IActivityHost _host;
    private readonly double _speed;
    private readonly Dictionary<string, JsonNode?> _variables = [];
    private readonly Stack<Dictionary<string, ActivityEnd>> _ends = [];

    /// <param name="definition">A resource of the type pipelines.</param>
    /// <param name="parameters">Those that differ from their defaults.</param>
    /// <param name="speed">How many times faster waiting is.</param>
    public FactoryPipeline(JsonObject definition, JsonObject parameters, IActivityHost host, double speed, string? run = null)
    {
        (_definition, _host, _speed) = (definition["properties"]!.AsObject(), host, speed);
        var values = new JsonObject();
        foreach (var (name, parameter) in _definition["parameters"]?.AsObject() ?? [])
        {
            values[name] = (parameters[name] ?? parameter!["defaultValue"])?.DeepClone();
            if (values[name] is JsonValue text && text.TryGetValue<string>(out var value) && value.StartsWith('['))
            {
                throw new InvalidOperationException($"What the parameter {name} is only Azure knows: give it.");
            }
        }
        foreach (var (name, _) in parameters)
        {
            _ = values[name] ?? throw new InvalidOperationException($"The pipeline has no parameter {name}.");
        }
        foreach (var (name, variable) in _definition["variables"]?.AsObject() ?? [])
        {
            _variables[name] = variable!["defaultValue"]?.DeepClone();
        }
        Pipeline = new JsonObject
        {
            ["RunId"] = run ?? $"{Guid.NewGuid()}",
            [nameof(Pipeline)] = definition["name"]!.GetValue<string>().Split('/')[^1],
            ["TriggerTime"] = DateTime.UtcNow.ToString("O", CultureInfo.InvariantCulture),
            ["parameters"] = values,
        };
    }

    public JsonNode? Pipeline { get; }

    /// <summary>Each activity that was begun or skipped, with its end, in their order; of loops the last round.</summary>
    public List<(string Activity, ActivityEnd End)> Log { get; } = [];

    public JsonNode? Variable(string name) => _variables.TryGetValue(name, out var value) ? value : throw new InvalidOperationException($"The pipeline has no variable {name}.");

    /// <summary>Activities of the same list and of those around it; what is within a container cannot be seen from outside.</summary>
    public JsonNode? Activity(string name)
    {
        foreach (var ends in _ends)
        {
            if (ends.TryGetValue(name, out var end))
            {
                return end.Json;
            }
        }
        throw new InvalidOperationException($"No activity {name} has ended that can be seen from here.");
    }

    public ActivityEnd Run() => RunAll(_definition["activities"]!.AsArray());

    private ActivityEnd RunAll(JsonArray list)
    {
        var activities = list.Select(activity => activity!.AsObject()).ToList();
        var ends = new Dictionary<string, ActivityEnd>();
        _ends.Push(ends);
        try
        {
            while (activities.FirstOrDefault(activity => !ends.ContainsKey(NameOf(activity)) && Dependencies(activity).All(on => ends.ContainsKey(on.Activity))) is { } next)
            {
                var isMet = Dependencies(next).All(on => on.Conditions.Any(condition => Meets(ends[on.Activity].Status, condition)));
                ends[NameOf(next)] = isMet ? Attempt(next) : new(ActivityStatus.Skipped);
                Log.Add((NameOf(next), ends[NameOf(next)]));
            }
            Assert.True(ends.Count == activities.Count, $"activities wait for each other or for none: {string.Join(", ", activities.Select(NameOf).Except(ends.Keys))}");
            return Outcome(activities, ends);
        }
        finally
        {
            _ends.Pop();
        }
    }

    // Succeeded if and only if all leaves did; in place of one that was skipped, what it depends on.
    private static ActivityEnd Outcome(List<JsonObject> activities, Dictionary<string, ActivityEnd> ends)
    {
        var inner = activities.SelectMany(Dependencies).Select(on => on.Activity).ToHashSet();
        var looked = new Stack<string>(activities.Select(NameOf).Where(name => !inner.Contains(name)));
        var seen = new HashSet<string>();
        while (looked.TryPop(out var name))
        {
            if (ends[name].Status == ActivityStatus.Failed)
            {
                return ends[name] with { Message = $"Operation on target {name} failed: {ends[name].Message}" };
            }
            if (ends[name].Status == ActivityStatus.Skipped && seen.Add(name))
            {
                Dependencies(activities.Single(activity => NameOf(activity) == name)).ToList().ForEach(on => looked.Push(on.Activity));
            }
        }
        return new(ActivityStatus.Succeeded);
    }

    private static bool Meets(ActivityStatus status, string condition) => condition switch
    {
        "Succeeded" => status == ActivityStatus.Succeeded,
        "Failed" => status == ActivityStatus.Failed,
        "Skipped" => status == ActivityStatus.Skipped,
        "Completed" => status != ActivityStatus.Skipped,
        _ => throw new NotSupportedException($"The rehearsal does not know the condition {condition}."),
    };

    private ActivityEnd Attempt(JsonObject activity)
    {
        _host.Beginning(NameOf(activity));
        var policy = activity["policy"];
        var retries = (int?)policy?["retry"] ?? 0;
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                using var timeout = new CancellationTokenSource(policy?["timeout"] is { } text ? Span(text) : TimeSpan.FromHours(12));
                return new(ActivityStatus.Succeeded, Execute(activity, timeout.Token));
            }
            catch (ActivityFailedException e) when (attempt >= retries)
            {
                return new(ActivityStatus.Failed, null, e.Code, e.Message);
            }
            catch (FactoryExpressionException e)
            {
                return new(ActivityStatus.Failed, null, "InvalidTemplate", e.Message);
            }
            catch (ActivityFailedException)
            {
                Pause((double?)policy?["retryIntervalInSeconds"] ?? 30);
            }
        }
    }

    private JsonNode? Execute(JsonObject activity, CancellationToken timeout)
    {
        var properties = activity["typeProperties"]!.AsObject();
        switch (activity["type"]!.GetValue<string>())
        {
            case "SetVariable":
                var variable = properties["variableName"]!.GetValue<string>();
                _ = Variable(variable);
                _variables[variable] = FactoryExpression.Resolve(properties["value"], this);
                return null;
            case "Wait":
                Pause((double)FactoryFunctions.Number(FactoryExpression.Resolve(properties["waitTimeInSeconds"], this)));
                return null;
            case "Fail":
                throw new ActivityFailedException(ResolveText(properties["errorCode"]), ResolveText(properties["message"]));
            case "IfCondition":
                var branch = FactoryFunctions.Truth(FactoryExpression.Resolve(properties["expression"], this)) ? "ifTrueActivities" : "ifFalseActivities";
                Contain(properties[branch]?.AsArray() ?? []);
                return null;
            case "Until":
                Repeat(properties);
                return null;
            case var type:
                return _host.Execute(type, activity, FactoryExpression.Resolve(properties, this)!.AsObject(), timeout);
        }
    }

    // A round that fails does not end a loop; the last one decides.
    private void Repeat(JsonObject properties)
    {
        var patience = Span(properties["timeout"]!) / _speed;
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            var end = RunAll(properties["activities"]!.AsArray());
            if (FactoryFunctions.Truth(FactoryExpression.Resolve(properties["expression"], this)))
            {
                Check(end);
                return;
            }
            if (Stopwatch.GetElapsedTime(started) > patience)
            {
                throw new ActivityFailedException("2105", "Activity timed out.");
            }
        }
    }

    private void Contain(JsonArray activities) => Check(RunAll(activities));

    private static void Check(ActivityEnd end)
    {
        if (end.Status == ActivityStatus.Failed)
        {
            throw new ActivityFailedException(end.Code, $"Activity failed because an inner activity failed: {end.Message}");
        }
    }

    private string ResolveText(JsonNode? definition) => FactoryFunctions.Text(FactoryExpression.Resolve(definition, this));

    private void Pause(double seconds) => Thread.Sleep(TimeSpan.FromSeconds(seconds / _speed));

    private static string NameOf(JsonObject activity) => activity["name"]!.GetValue<string>();

    private static IEnumerable<(string Activity, IEnumerable<string> Conditions)> Dependencies(JsonObject activity) => (activity["dependsOn"]?.AsArray() ?? []).Select(
        dependency => (dependency!["activity"]!.GetValue<string>(), dependency["dependencyConditions"]!.AsArray().Select(condition => condition!.GetValue<string>())));

    private static TimeSpan Span(JsonNode text) => TimeSpan.Parse(text.GetValue<string>(), CultureInfo.InvariantCulture);
}
