using System.Diagnostics;
using EvBilling.SystemTests.Image;
using EvBilling.SystemTests.Support;

[assembly: AssemblyFixture(typeof(BuiltImages))]

namespace EvBilling.SystemTests.Image;

/// <summary>
/// The image built by deploy/image/build in both ways, on a base that is made from Debian's packages and this machine's .NET, and kept for the next run; in a
/// registry of the tests' own. Each is made by the first test that asks for it.
/// </summary>
public sealed class BuiltImages : IDisposable
{
    private const string Base = "base:1";
    private const string Sdk = "sdk:1";

    private readonly TemporaryFolder _folder = new();
    private readonly Lazy<ImageRegistry> _registry;
    private readonly Lazy<ContainerStorage> _storage;
    private readonly Lazy<string> _bySdk;
    private readonly Lazy<string> _byContainerfile;
    private readonly Lazy<string> _forArm64;

    public BuiltImages()
    {
        _registry = new(() => new(CopyOfTheBases()));
        _storage = new(() => new(_folder.File("containers")));
        _bySdk = new(() => Build("sdk", []));
        _byContainerfile = new(() => Build("containerfile", ["--containerfile", "--sdk", $"{Registry.Address}/{Sdk}", "--volume", $"{DotnetFolder()}:/usr/share/dotnet:ro", "--volume", $"{Packages()}:/packages"]));
        _forArm64 = new(() => Build("arm64", ["--architecture", "arm64"]));
    }

    internal ImageRegistry Registry => _registry.Value;

    internal ContainerStorage Storage => _storage.Value;

    /// <summary>Names as podman pulls them.</summary>
    internal string BySdk => _bySdk.Value;

    internal PushedImage BySdkPushed => Pushed(BySdk);

    internal PushedImage ByContainerfilePushed => Pushed(_byContainerfile.Value);

    internal PushedImage ForArm64Pushed => Pushed(_forArm64.Value);

    /// <summary>How to run deploy/image/build.</summary>
    internal static ProcessStartInfo BuildScript(params IEnumerable<string> arguments) => new(Path.Combine(Repository.Root, "deploy", "image", "build"), arguments);

    public void Dispose()
    {
        if (_storage.IsValueCreated)
        {
            _storage.Value.Dispose();
        }
        if (_registry.IsValueCreated)
        {
            _registry.Value.Dispose();
        }
        _folder.Dispose();
    }

    private string Build(string path, IEnumerable<string> more)
    {
        ContainerTools.SkipOrFail();
        var start = BuildScript(["--push", $"{Registry.Address}/{path}", "--base", $"{Registry.Address}/{Base}", .. more]);
        Storage.Use(start);
        var name = ContainerTools.Run(start).TrimEnd('\n');
        Assert.StartsWith($"{Registry.Address}/{path}/evbilling:", name, StringComparison.Ordinal);
        return name;
    }

    private PushedImage Pushed(string name)
    {
        var words = name[(Registry.Address.Length + 1)..].Split(':');
        return new(Registry, words[0], words[1]);
    }

    // By the names of its own folders: two runs at once do not write to one.
    private string CopyOfTheBases()
    {
        var copy = _folder.File("registry");
        ContainerTools.Run(new ProcessStartInfo("cp", ["-a", "--reflink=auto", KeptBases(), copy]));
        return copy;
    }

    private static string KeptBases()
    {
        var script = Path.Combine(Repository.Root, "tests", "EvBilling.System.Tests", "Image", "make-base");
        var recipe = string.Join('\n', File.ReadAllText(script), System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription, DotnetFolder());
        var hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(recipe)))[..16];
        var kept = Path.Combine(CacheFolder.Root, $"image-bases-{hash}");
        if (Directory.Exists(kept))
        {
            return kept;
        }
        // Beside the place it gets, so that it gets there by a rename, whole or not at all.
        var making = Directory.CreateDirectory(Path.Combine(CacheFolder.Root, $"making-{Environment.ProcessId}-{Guid.NewGuid():N}")).FullName;
        try
        {
            using (var registry = new ImageRegistry(Path.Combine(making, "registry")))
            {
                var start = new ProcessStartInfo(script, [registry.Address, Directory.CreateDirectory(Path.Combine(making, "work")).FullName]);
                start.Environment["PATH"] = ContainerTools.SearchPath();
                ContainerTools.Run(start);
            }
            try
            {
                Directory.Move(Path.Combine(making, "registry"), kept);
            }
            catch (IOException) when (Directory.Exists(kept))
            {
                // Another run was quicker.
            }
        }
        finally
        {
            ContainerStorage.Delete(making);
        }
        return kept;
    }

    private static string DotnetFolder() => ContainerTools.Run(new ProcessStartInfo("bash", ["-c", "dirname -- \"$(readlink -f -- \"$(command -v dotnet)\")\""])).TrimEnd('\n');

    private static string Packages() => Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } packages ? packages : Path.Combine(Home(), ".nuget", "packages");

    private static string Home() => Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
}
