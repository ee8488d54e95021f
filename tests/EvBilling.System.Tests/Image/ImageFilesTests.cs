using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Image;

/// <summary>What holds for the image's files without a container engine.</summary>
public sealed partial class ImageFilesTests
{
    private static readonly string Containerfile = File.ReadAllText(Path.Combine(Repository.Root, "deploy", "image", "Containerfile"));

    [Fact]
    public void The_Containerfile_says_what_the_project_says()
    {
        using var project = Project();
        var properties = project.RootElement.GetProperty("Properties");
        var version = properties.GetProperty("Version").GetString()!;

        Assert.Equal(properties.GetProperty("ContainerBaseImage").GetString(), Instruction("ARG BASE="));
        Assert.Equal(version, Instruction("ARG VERSION="));
        Assert.Equal(properties.GetProperty("ContainerUser").GetString(), Instruction("USER "));
        Assert.Equal([.. Items(project, "ContainerPort").Keys], [Instruction("EXPOSE ")]);
        Assert.Equal(Items(project, "ContainerEnvironmentVariable").Select(variable => $"{variable.Key}={variable.Value}"), [Instruction("ENV ")]);
        var labels = Label().Matches(Containerfile).ToDictionary(label => label.Groups["name"].Value, label => label.Groups["value"].Value.Replace("$VERSION", version, StringComparison.Ordinal));
        Assert.Equal(4, labels.Count);
        Assert.Equivalent(Items(project, "ContainerLabel"), labels, strict: true);
    }

    [Theory]
    [InlineData("one of --push, --to and --load says where the image goes")]
    [InlineData("--to and --load are two places for one image", "--to", "image.tar", "--load")]
    [InlineData("--push has no value", "--push")]
    [InlineData("unknown option --pull", "--pull", "x")]
    [InlineData("--architecture mips is neither x64 nor arm64", "--load", "--architecture", "mips")]
    [InlineData("--sdk and --volume go with --containerfile", "--load", "--sdk", "sdk:1")]
    [InlineData("--to goes without --containerfile", "--to", "image.tar", "--containerfile")]
    public void The_script_refuses_wrong_use_with_2_and_makes_nothing(string message, params string[] arguments)
    {
        var (exitCode, output, errors) = ContainerTools.RunToTheEnd(BuiltImages.BuildScript(arguments));

        Assert.Equal((2, ""), (exitCode, output));
        Assert.Matches($@"^deploy/image/build: [^\n]*{Regex.Escape(message)}[^\n]*\.\n$", errors);
    }

    [Fact]
    public void The_script_tells_all_its_options()
    {
        var (exitCode, output, errors) = ContainerTools.RunToTheEnd(BuiltImages.BuildScript("--help"));

        Assert.Equal((0, ""), (exitCode, errors));
        var script = File.ReadAllText(BuiltImages.BuildScript().FileName);
        var options = Option().Matches(script[script.IndexOf("while ((", StringComparison.Ordinal)..script.IndexOf("\ndone\n", StringComparison.Ordinal)]).Select(match => match.Value).Where(option => option != "--help").Distinct().ToList();
        Assert.InRange(options.Count, 10, 30);
        Assert.All(options, option => Assert.Contains($"  {option}", output, StringComparison.Ordinal));
    }

    private static string Instruction(string start) =>
        Assert.Single(Containerfile.Split('\n'), line => line.StartsWith(start, StringComparison.Ordinal))[start.Length..];

    private static JsonDocument Project()
    {
        string[] words =
        [
            "msbuild", Path.Combine(Repository.Root, "src", "EvBilling.Cli", "EvBilling.Cli.csproj"), "-nologo",
            "-getProperty:Version,ContainerBaseImage,ContainerUser", "-getItem:ContainerLabel,ContainerPort,ContainerEnvironmentVariable",
        ];
        return JsonDocument.Parse(ContainerTools.Run(new ProcessStartInfo("dotnet", words)));
    }

    private static Dictionary<string, string> Items(JsonDocument project, string type) => project.RootElement.GetProperty("Items").GetProperty(type).EnumerateArray()
        .ToDictionary(item => item.GetProperty("Identity").GetString()!, item => item.TryGetProperty("Value", out var value) ? value.GetString()! : "");

    [GeneratedRegex(@"(?<name>org\.opencontainers\.image\.\w+)=""(?<value>[^""]*)""")]
    private static partial Regex Label();

    [GeneratedRegex(@"(?<![\w-])--[a-z]{2,}")]
    private static partial Regex Option();
}
