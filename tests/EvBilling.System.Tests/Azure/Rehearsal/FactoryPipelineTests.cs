using System.Text.Json.Nodes;

namespace EvBilling.SystemTests.Azure.Rehearsal;

/// <summary>What runs, what is skipped and how a run ends is what Data Factory's documentation says of conditional paths.</summary>
public sealed class FactoryPipelineTests : IActivityHost
{
    private readonly List<string> _done = [];

    // Activities are written "NAME<PARENT:CONDITIONS ..."; one whose name begins with F fails. The outcomes are those of the documentation's tables.
    [Theory]
    [InlineData("A", "A", true)]
    [InlineData("F", "F", false)]
    [InlineData("A; B<A:Succeeded", "A B", true)]
    [InlineData("F; B<F:Succeeded; C<B:Succeeded", "F", false)]
    // Try-catch: the handler makes good what failed.
    [InlineData("A; Handler<A:Failed", "A", true)]
    [InlineData("F; Handler<F:Failed", "F Handler", true)]
    // Do-if-else: the other branch is skipped, and its parent has failed.
    [InlineData("A; Then<A:Succeeded; Handler<A:Failed", "A Then", true)]
    [InlineData("F; Then<F:Succeeded; Handler<F:Failed", "F Handler", false)]
    // Do-if-skip-else.
    [InlineData("F; Then<F:Succeeded; Handler<F:Failed; Dummy<Then:Skipped", "F Handler Dummy", true)]
    [InlineData("A; Then<A:Succeeded; Handler<A:Failed; Dummy<Then:Skipped", "A Then", true)]
    // Whatever became of it.
    [InlineData("F; After<F:Completed", "F After", true)]
    [InlineData("A; After<A:Completed", "A After", true)]
    [InlineData("F; B<F:Succeeded; After<B:Completed", "F", false)]
    [InlineData("F; B<F:Succeeded; After<B:Completed,Skipped", "F After", true)]
    [InlineData("A; B<A:Succeeded; After<B:Completed,Skipped", "A B After", true)]
    [InlineData("A; Fails<A:Succeeded; After<Fails:Completed,Skipped", "A Fails After", true)]
    // Generic error handling: runs only where one of those before it has failed.
    [InlineData("A; F<A:Succeeded; C<F:Succeeded; Handler<C:Failed,Skipped", "A F Handler", true)]
    [InlineData("A; B<A:Succeeded; C<B:Succeeded; Handler<C:Failed,Skipped", "A B C", true)]
    // Several dependencies must all be met.
    [InlineData("A; F; Both<A:Succeeded Both<F:Succeeded", "A F", false)]
    [InlineData("A; F; Both<A:Succeeded Both<F:Completed", "A F Both", true)]
    [InlineData("A; B; Both<A:Succeeded Both<B:Succeeded", "A B Both", true)]
    // A handled failure that is to fail the run ends with one more.
    [InlineData("F; Handler<F:Failed; Fail<Handler:Succeeded", "F Handler Fail", false)]
    // The order of definition does not matter.
    [InlineData("C<B:Succeeded; B<A:Succeeded; A", "A B C", true)]
    public void Activities_run_and_a_run_ends_as_documented(string activities, string runs, bool succeeds)
    {
        var end = Run(Parse(activities), out _);
        Assert.Equal(runs.Split(' '), _done);
        Assert.Equal(succeeds ? ActivityStatus.Succeeded : ActivityStatus.Failed, end.Status);
    }

    [Theory]
    [InlineData("{\"name\":\"A\",\"type\":\"Copy\",\"typeProperties\":{}}", "Copy")]
    [InlineData("{\"name\":\"A\",\"type\":\"Call\",\"typeProperties\":{}},{\"name\":\"B\",\"type\":\"Call\",\"dependsOn\":[{\"activity\":\"A\",\"dependencyConditions\":[\"Cancelled\"]}],\"typeProperties\":{}}", "Cancelled")]
    [InlineData("{\"name\":\"A\",\"type\":\"Wait\",\"typeProperties\":{\"waitTimeInSeconds\":\"@max(1, 2)\"}}", "max")]
    public void What_the_rehearsal_does_not_know_ends_it(string activities, string names) =>
        Assert.Contains(names, Assert.Throws<NotSupportedException>(() => Run(JsonNode.Parse($"[{activities}]")!.AsArray(), out _)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_circle_is_told() => Assert.ThrowsAny<Exception>(() => Run(Parse("A<B:Succeeded; B<A:Succeeded"), out _));

    [Fact]
    public void A_retry_is_made_as_often_as_the_policy_says()
    {
        Run(JsonNode.Parse("""[{"name":"F","type":"Call","policy":{"retry":2,"retryIntervalInSeconds":1},"typeProperties":{}}]""")!.AsArray(), out _);
        Assert.Equal(["F", "F", "F"], _done);
    }

    [Fact]
    public void A_loop_goes_on_over_rounds_that_fail_until_its_condition_holds_or_its_time_is_up()
    {
        const string Loop = """
            [{"name":"U","type":"Until","typeProperties":{"timeout":"0.00:01:00","expression":{"value":"@equals(variables('v'), 'END')","type":"Expression"},"activities":[
              {"name":"F","type":"Call","typeProperties":{}},
              {"name":"Note","type":"SetVariable","dependsOn":[{"activity":"F","dependencyConditions":["Completed"]}],"typeProperties":{"variableName":"v","value":"@concat(activity('F').Status, '')"}},
              {"name":"W","type":"Wait","dependsOn":[{"activity":"Note","dependencyConditions":["Succeeded"]}],"typeProperties":{"waitTimeInSeconds":30}}]}}]
            """;
        var ended = Run(JsonNode.Parse(Loop.Replace("END", "Failed", StringComparison.Ordinal))!.AsArray(), out _);
        Assert.Equal((ActivityStatus.Succeeded, 1), (ended.Status, _done.Count));
        var timedOut = Run(JsonNode.Parse(Loop.Replace("END", "never", StringComparison.Ordinal))!.AsArray(), out _);
        Assert.Equal(ActivityStatus.Failed, timedOut.Status);
        Assert.Contains("timed out", timedOut.Message, StringComparison.Ordinal);
        Assert.True(_done.Count > 2);
    }

    [Fact]
    public void A_container_fails_as_what_is_in_it_which_cannot_be_seen_from_outside()
    {
        const string If = """
            [{"name":"I","type":"IfCondition","typeProperties":{"expression":{"value":"@equals(1, 1)","type":"Expression"},
              "ifTrueActivities":[{"name":"No","type":"Fail","typeProperties":{"errorCode":"Named","message":"@concat('as ', 'said')"}}],"ifFalseActivities":[{"name":"Other","type":"Call","typeProperties":{}}]}}]
            """;
        var end = Run(JsonNode.Parse(If)!.AsArray(), out _);
        Assert.Equal((ActivityStatus.Failed, "Named"), (end.Status, end.Code));
        Assert.EndsWith("as said", end.Message, StringComparison.Ordinal);
        Assert.Empty(_done);
        var looking = JsonNode.Parse(If)!.AsArray();
        looking.Add(JsonNode.Parse("""{"name":"S","type":"SetVariable","dependsOn":[{"activity":"I","dependencyConditions":["Completed"]}],"typeProperties":{"variableName":"v","value":"@activity('No').Status"}}"""));
        Assert.Throws<InvalidOperationException>(() => Run(looking, out _));
    }

    [Fact]
    public void An_expression_that_fails_fails_its_activity()
    {
        var end = Run(JsonNode.Parse("""[{"name":"S","type":"SetVariable","typeProperties":{"variableName":"v","value":"@formatDateTime('no', 'yyyy')"}}]""")!.AsArray(), out _);
        Assert.Equal((ActivityStatus.Failed, "InvalidTemplate"), (end.Status, end.Code));
    }

    JsonNode? IActivityHost.Execute(string type, JsonObject activity, JsonObject typeProperties, CancellationToken timeout)
    {
        if (type != "Call")
        {
            throw new NotSupportedException(type);
        }
        var name = activity["name"]!.GetValue<string>();
        _done.Add(name);
        return name.StartsWith('F') ? throw new ActivityFailedException("1", $"{name} failed") : null;
    }

    void IActivityHost.Beginning(string activity)
    {
    }

    private ActivityEnd Run(JsonArray activities, out FactoryPipeline pipeline)
    {
        var definition = new JsonObject { ["name"] = "factory/test", ["properties"] = new JsonObject { ["activities"] = activities, ["variables"] = new JsonObject { ["v"] = new JsonObject { ["type"] = "String" } } } };
        pipeline = new FactoryPipeline(definition, [], this, 1000);
        return pipeline.Run();
    }

    private static JsonArray Parse(string activities) => new([.. activities.Split("; ").Select(text =>
    {
        var dependencies = text.Split(' ').Select(part => part.Split('<', ':')).ToList();
        return new JsonObject
        {
            ["name"] = dependencies[0][0],
            ["type"] = "Call",
            ["dependsOn"] = new JsonArray([.. dependencies.Where(on => on.Length > 1).Select(on => new JsonObject { ["activity"] = on[1], ["dependencyConditions"] = new JsonArray([.. on[2].Split(',').Select(condition => (JsonNode)condition)]) })]),
            ["typeProperties"] = new JsonObject(),
        };
    })]);
}
