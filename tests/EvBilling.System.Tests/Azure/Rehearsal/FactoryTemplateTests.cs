using System.Globalization;
using System.Text.Json.Nodes;

namespace EvBilling.SystemTests.Azure.Rehearsal;

/// <summary>What holds of the pipeline and what it connects to, whatever it is given.</summary>
public sealed class FactoryTemplateTests
{
    private static readonly string[] GoOut = ["AzureFunctionActivity", "WebActivity", "Lookup", "DatabricksJob"];

    [Fact]
    public void Bicep_compiles_it_without_a_word() => Assert.Equal("", FactoryTemplate.Instance.Said.Trim());

    [Fact]
    public void No_secret_is_stored_all_is_entered_with_the_factory_s_identity()
    {
        Assert.Equal("SystemAssigned", (string?)FactoryTemplate.Instance.All("Microsoft.DataFactory/factories").Single()["identity"]!["type"]);
        foreach (var service in FactoryTemplate.Instance.All("Microsoft.DataFactory/factories/linkedservices"))
        {
            var properties = service["properties"]!["typeProperties"]!.AsObject();
            Assert.True((string?)(properties["authentication"] ?? properties["authenticationType"]) is "MSI" or "SystemAssignedManagedIdentity", service.ToJsonString());
            Assert.DoesNotContain(properties, property => property.Key is "password" or "functionKey" or "accessToken" or "connectionString" or "servicePrincipalKey");
        }
        Assert.All(Activities().Where(activity => TypeOf(activity) == "WebActivity"), activity => Assert.Equal("MSI", (string?)activity["typeProperties"]!["authentication"]!["type"]));
    }

    [Fact]
    public void Everything_that_goes_out_has_a_timeout_and_every_loop_an_end()
    {
        var activities = Activities().ToList();
        Assert.All(activities.Where(activity => GoOut.Contains(TypeOf(activity))), activity => AssertSpan(activity["policy"]!["timeout"], minutesMin: 10));
        Assert.All(activities.Where(activity => TypeOf(activity) == "Until"), activity => AssertSpan(activity["typeProperties"]!["timeout"], minutesMin: 1));
        Assert.Equal(2, activities.Count(activity => TypeOf(activity) == "Until"));
    }

    [Fact]
    public void Names_are_such_as_Data_Factory_takes_and_none_is_there_twice()
    {
        var names = Activities().Select(activity => activity["name"]!.GetValue<string>()).ToList();
        Assert.Equal(names, names.Distinct());
        Assert.True(names.Count <= 80);
        Assert.All(names, name => Assert.Matches("^[A-Za-z0-9_][A-Za-z0-9_ ]{0,54}$", name));
    }

    [Fact]
    public void One_day_at_a_time_is_started_by_the_clock()
    {
        Assert.Equal(1, (int?)Pipeline()["properties"]!["concurrency"]);
        var trigger = FactoryTemplate.Instance.Named("Microsoft.DataFactory/factories/triggers", "every-day")["properties"]!;
        Assert.Equal("charging-day", trigger["pipelines"]![0]!["pipelineReference"]!["referenceName"]!.GetValue<string>().Split('/')[^1]);
        var recurrence = trigger["typeProperties"]!["recurrence"]!;
        Assert.Equal(("Day", 1, 3, "W. Europe Standard Time"), ((string?)recurrence["frequency"], (int?)recurrence["interval"], (int?)recurrence["schedule"]!["hours"]![0], (string?)recurrence["timeZone"]));
    }

    [Fact]
    public void The_pipeline_s_last_activity_alone_decides_how_a_run_ends()
    {
        var activities = Pipeline()["properties"]!["activities"]!.AsArray();
        var dependedOn = activities.SelectMany(activity => activity!["dependsOn"]?.AsArray() ?? []).Select(on => (string?)on!["activity"]).ToHashSet();
        Assert.Equal(["End"], activities.Select(activity => (string?)activity!["name"]).Where(name => !dependedOn.Contains(name)));
    }

    private static JsonObject Pipeline() => FactoryTemplate.Instance.Pipeline("t");

    private static IEnumerable<JsonObject> Activities() => Within(Pipeline()["properties"]!["activities"]!.AsArray());

    private static IEnumerable<JsonObject> Within(JsonArray activities) => activities.Select(activity => activity!.AsObject()).SelectMany(activity =>
        new[] { "activities", "ifTrueActivities", "ifFalseActivities" }.SelectMany(list => Within(activity["typeProperties"]![list]?.AsArray() ?? [])).Prepend(activity));

    private static string TypeOf(JsonObject activity) => activity["type"]!.GetValue<string>();

    private static void AssertSpan(JsonNode? span, int minutesMin) =>
        Assert.InRange(TimeSpan.Parse(span!.GetValue<string>(), CultureInfo.InvariantCulture), TimeSpan.FromMinutes(minutesMin), TimeSpan.FromHours(6));
}
