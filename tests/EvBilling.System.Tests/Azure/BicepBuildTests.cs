using System.Text.Json.Nodes;

namespace EvBilling.SystemTests.Azure;

/// <summary>deploy/azure is Bicep that neither the compiler nor its linter has anything to say to, and a change of what it makes is seen.</summary>
public sealed class BicepBuildTests
{
    private const string Renew = "EVBILLING_WRITE_FIXTURE";

    public static TheoryData<string> Environments => [.. BicepTemplates.Environments];

    [Fact]
    public void The_compiler_and_the_linter_have_nothing_to_say() => Assert.Equal("", string.Join('\n', BicepTemplates.SkipOrMake().Diagnostics));

    [Fact]
    public void Every_rule_of_the_linter_is_an_error_but_the_one_that_looks_at_the_date()
    {
        var core = JsonNode.Parse(File.ReadAllText(BicepTemplates.PathOf("bicepconfig.json")))!["analyzers"]!["core"]!;
        Assert.True(core["enabled"]!.GetValue<bool>());
        Assert.All(core["rules"]!.AsObject(), rule => Assert.Equal(rule.Key == "use-recent-api-versions" ? "off" : "error", rule.Value!["level"]!.GetValue<string>()));
    }

    [Fact]
    public void Every_file_is_used_and_formatted()
    {
        var templates = BicepTemplates.SkipOrMake();
        Assert.Empty(BicepTemplates.Files.Where(file => file.EndsWith(".bicep", StringComparison.Ordinal)).Except(templates.Used));
        Assert.All(templates.Formatted, file => Assert.Equal(file.Value, File.ReadAllText(BicepTemplates.PathOf(file.Key))));
    }

    [Theory]
    [MemberData(nameof(Environments))]
    public void What_a_deployment_makes_is_what_was_looked_at(string environment)
    {
        var templates = BicepTemplates.SkipOrMake();
        _ = templates.Snapshot(environment);
        var file = BicepTemplates.PathOf($"{environment}.snapshot.json");
        var now = templates.Snapshots[environment];
        if (Environment.GetEnvironmentVariable(Renew) == "1")
        {
            File.WriteAllText(file, now);
            Assert.Skip($"{file} was written, not checked.");
        }
        Assert.True(File.Exists(file), $"{file} is not there; {Renew}=1 ./test BicepBuild writes it.");
        var difference = Difference(File.ReadAllText(file), now);
        Assert.True(difference is null, $"{environment}.snapshot.json is not what deploy/azure makes: {difference}. If it shall be so: {Renew}=1 ./test BicepBuild, and look at the difference before it is committed.");
    }

    private static string? Difference(string before, string now)
    {
        var (old, @new) = (before.Split('\n'), now.Split('\n'));
        var same = old.Zip(@new).TakeWhile(pair => pair.First == pair.Second).Count();
        return same == old.Length && same == @new.Length ? null : $"line {same + 1} was \"{old.ElementAtOrDefault(same)?.Trim()}\" and is \"{@new.ElementAtOrDefault(same)?.Trim()}\"";
    }
}
