using System.Text.Json;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Functions;

/// <summary>What the host reads fits what the handler does.</summary>
public sealed class DeployFolderTests
{
    [Fact]
    public void The_host_starts_the_program_and_forwards_HTTP_as_it_came()
    {
        var host = Read("host.json");
        var handler = host.GetProperty("customHandler");
        Assert.Equal(typeof(EvBilling.Functions.Refusal).Assembly.GetName().Name, handler.GetProperty("description").GetProperty("defaultExecutablePath").GetString());
        Assert.True(handler.GetProperty("enableForwardingHttpRequest").GetBoolean());
        Assert.Equal("api", host.GetProperty("extensions").GetProperty("http").GetProperty("routePrefix").GetString());
    }

    [Fact]
    public void The_only_HTTP_route_is_the_function_s_whose_handler_asks_for_a_token_or_a_key_itself()
    {
        var triggers = Folders().SelectMany(folder => Read($"{folder}/function.json").GetProperty("bindings").EnumerateArray()).Where(binding => TypeOf(binding) == "httpTrigger");
        var trigger = Assert.Single(triggers);
        Assert.Equal(("anonymous", "/api/scale"), (trigger.GetProperty("authLevel").GetString(), "/api/" + trigger.GetProperty("route").GetString()));
        Assert.Equal(EvBilling.Functions.Http.Handler.ScalePath, "/api/" + trigger.GetProperty("route").GetString());
        Assert.Equal(["get", "post"], trigger.GetProperty("methods").EnumerateArray().Select(method => method.GetString()));
    }

    [Fact]
    public void The_timer_s_folder_is_its_path_and_the_host_keeps_when_it_fired()
    {
        var folder = Assert.Single(Folders(), folder => Read($"{folder}/function.json").GetProperty("bindings").EnumerateArray().Any(binding => TypeOf(binding) == "timerTrigger"));
        Assert.Equal(EvBilling.Functions.Http.Handler.TimerPath, "/" + folder);
        var trigger = Assert.Single(Read($"{folder}/function.json").GetProperty("bindings").EnumerateArray());
        Assert.Equal("timer", trigger.GetProperty("name").GetString());
        Assert.True(trigger.GetProperty("useMonitor").GetBoolean());
        Assert.False(trigger.GetProperty("runOnStartup").GetBoolean());
    }

    private static string? TypeOf(JsonElement binding) => binding.GetProperty("type").GetString();

    private static IEnumerable<string> Folders() => Directory.EnumerateDirectories(Root()).Select(folder => Path.GetFileName(folder)!);

    private static JsonElement Read(string file) => JsonDocument.Parse(File.ReadAllText(Path.Combine(Root(), file))).RootElement;

    private static string Root() => Path.Combine(Repository.Root, "deploy", "function");
}
