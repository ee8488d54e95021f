using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace EvBilling.Tests.House;

/// <summary>What holds for the files of the repository.</summary>
public sealed partial class Repository_tests
{
    private const int LinesMax = 500;

    private static readonly string Root = RepositoryRoot.Find();

    [Fact]
    public void Every_package_has_its_reason_in_docs_dependencies()
    {
        var reasons = File.ReadAllText(Path.Combine(Root, "docs", "dependencies.md"));
        var packages = XDocument.Load(Path.Combine(Root, "Directory.Packages.props")).Descendants("PackageVersion").Select(package => (string)package.Attribute("Include")!);

        // The whole name: "Npgsql" is not named by "Npgsql.NodaTime".
        Assert.All(packages, package => Assert.Matches($@"(?i)(?<![\w.]){Regex.Escape(package)}(?!\w|\.\w)", reasons));
    }

    [Fact]
    public void Every_relative_link_of_the_docs_points_to_something_that_is_there()
    {
        var broken =
            from document in RepositoryRoot.Files()
            where document == "README.md" || (document.StartsWith("docs/", StringComparison.Ordinal) && document.EndsWith(".md", StringComparison.Ordinal))
            from Match link in Link().Matches(File.ReadAllText(Path.Combine(Root, document)))
            let target = Uri.UnescapeDataString(link.Groups["target"].Value.Split('#')[0])
            where target.Length > 0 && !Scheme().IsMatch(target)
            where !Path.Exists(Path.Combine(Root, Path.GetDirectoryName(document)!, target))
            select $"{document}: {target}";

        Assert.Empty(broken);
    }

    [Fact]
    public void No_file_names_a_path_of_one_machine_or_the_host_of_a_package_feed()
    {
        var named =
            from file in RepositoryRoot.Files()
            let text = TextOf(file)
            where text is not null
            from Match match in PathOfOneMachine().Matches(text).Concat(PackageFeed().Matches(text))
            select $"{file}: {match.Value}";

        Assert.Empty(named);
    }

    [Theory]
    [InlineData("see /" + "work/main", true)]
    [InlineData("\"/" + "home/ann/x\"", true)]
    [InlineData("~/x, $HOME/x, network/x, https://example.org/" + "home/x, /home/app/x", false)]
    [InlineData("http" + "://10.0.0.7:8081/feed", true)]
    [InlineData("https" + "://nuget.corp.example/v3", true)]
    [InlineData("http://127.0.0.1:8080/ready http://www.w3.org/2000/svg https://www.nuget.org/packages/NodaTime", false)]
    public void Only_real_paths_and_feeds_are_found(string text, bool found) =>
        Assert.Equal(found, PathOfOneMachine().IsMatch(text) || PackageFeed().IsMatch(text));

    [Fact]
    public void A_C_sharp_file_has_fewer_than_500_lines() =>
        Assert.DoesNotContain(
            RepositoryRoot.Files().Where(file => file.EndsWith(".cs", StringComparison.Ordinal)),
            file => File.ReadLines(Path.Combine(Root, file)).Count() >= LinesMax);

    /// <summary>Null for what is not text.</summary>
    private static string? TextOf(string file)
    {
        var bytes = File.ReadAllBytes(Path.Combine(Root, file));
        return bytes.AsSpan(0, Math.Min(bytes.Length, 8000)).Contains((byte)0) ? null : Encoding.UTF8.GetString(bytes);
    }

    [GeneratedRegex(@"\]\((?<target>[^()\s]+)(?:\s+""[^""]*"")?\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^([a-z][a-z0-9+.-]*:|/)")]
    private static partial Regex Scheme();

    // Homes that images define for everyone are none of one machine's: .NET's images have "app", Azure Functions "site", GitHub's runners "runner".
    [GeneratedRegex(@"(?<![\w.$}~-])/(work/|root/|(home|Users)/(?!(app|site|runner)\b)[\w])|(?i:\b[A-Z]:\\Users\\\w)")]
    private static partial Regex PathOfOneMachine();

    // A feed's index, a host that is named after what it serves, or a bare address with a port that is not this machine's own. NuGet's page of a package is none.
    [GeneratedRegex(@"https?://[^\s""'<>)/]+(/[^\s""'<>)]*)?/index\.json|https?://(?!www\.nuget\.org/packages)[^\s""'<>)/]*(nuget|npm|artifactory|nexus|mirror|proxy)|http://(?!127\.|0\.0\.0\.0)\d+\.\d+\.\d+\.\d+:\d")]
    private static partial Regex PackageFeed();
}
