using System.Text.Json.Nodes;

namespace EvBilling.SystemTests.Azure.Rehearsal;

/// <summary>Data Factory as it starts runs, and Azure Monitor beside it: at most as many at once as the pipeline says, the others wait in their order; what a run's metrics bring about under the alert rules.</summary>
internal sealed class FactoryMonitor(FactoryTemplate template)
{
    private readonly Dictionary<string, SemaphoreSlim> _places = [];
    private int _running;

    /// <summary>The most runs that were ever at it at once.</summary>
    public int RunningMax { get; private set; }

    /// <summary>Alerts that were sent, with whom they went to.</summary>
    public List<(string Alert, string To)> Alerts { get; } = [];

    public ActivityEnd Run(JsonObject definition, FactoryPipeline pipeline)
    {
        var name = definition["name"]!.GetValue<string>();
        SemaphoreSlim? places;
        lock (_places)
        {
            if (!_places.TryGetValue(name, out places))
            {
                _places[name] = places = new((int?)definition["properties"]!["concurrency"] ?? int.MaxValue);
            }
        }
        places.Wait();
        try
        {
            RunningMax = Math.Max(RunningMax, Interlocked.Increment(ref _running));
            var end = pipeline.Run();
            Interlocked.Decrement(ref _running);
            var metrics = new List<(string Metric, string Name)> { (end.Status == ActivityStatus.Failed ? "PipelineFailedRuns" : "PipelineSucceededRuns", name.Split('/')[^1]) };
            metrics.AddRange(pipeline.Log.Where(entry => entry.End.Status == ActivityStatus.Failed).Select(entry => ("ActivityFailedRuns", entry.Activity)));
            Watch(metrics);
            return end;
        }
        finally
        {
            places.Release();
        }
    }

    private void Watch(List<(string Metric, string Name)> metrics)
    {
        foreach (var alert in template.All("Microsoft.Insights/metricAlerts"))
        {
            var properties = alert["properties"]!;
            var criterion = Assert.Single(properties["criteria"]!["allOf"]!.AsArray())!;
            var dimension = Assert.Single(criterion["dimensions"]!.AsArray())!;
            Assert.Equal(("Name", "Include", "GreaterThan", "Total"), (
                dimension["name"]!.GetValue<string>(), dimension["operator"]!.GetValue<string>(), criterion["operator"]!.GetValue<string>(), criterion["timeAggregation"]!.GetValue<string>()));
            var values = dimension["values"]!.AsArray().Select(value => value!.GetValue<string>()).ToHashSet();
            var total = metrics.Count(metric => metric.Metric == criterion["metricName"]!.GetValue<string>() && values.Contains(metric.Name));
            if (properties["enabled"]!.GetValue<bool>() && total > criterion["threshold"]!.GetValue<int>())
            {
                lock (Alerts)
                {
                    Alerts.AddRange(properties["actions"]!.AsArray().Select(action => (alert["name"]!.GetValue<string>(), action!["actionGroupId"]!.GetValue<string>())));
                }
            }
        }
    }
}
