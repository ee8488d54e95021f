using System.Diagnostics;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Launcher;

/// <summary>A copy of what the launcher needs, in a folder of its own, so that the developer's builds are not disturbed. Its path has a space.</summary>
internal sealed class Checkout : IDisposable
{
    private const string StandInProgram = """
        using var input = Console.OpenStandardInput();
        using var output = Console.OpenStandardOutput();
        if (args is ["wait"])
        {
            using var stopped = new ManualResetEventSlim();
            using var signal = System.Runtime.InteropServices.PosixSignalRegistration.Create(
                System.Runtime.InteropServices.PosixSignal.SIGTERM, context => { context.Cancel = true; stopped.Set(); });
            output.Write("waiting\n"u8);
            output.Flush();
            return stopped.Wait(TimeSpan.FromSeconds(60)) ? 5 : 1;
        }
        output.Write(System.Text.Encoding.UTF8.GetBytes(string.Join('|', args) + "\n"));
        input.CopyTo(output);
        Console.Error.Write("to stderr");
        return 7;
        """;

    private readonly string _temporary = Directory.CreateTempSubdirectory("evbilling test ").FullName;

    private Checkout()
    {
        foreach (var file in new[] { "evbilling", "global.json", "Directory.Build.props", "Directory.Packages.props" })
        {
            // File.Copy keeps the mode: the launcher stays executable.
            File.Copy(Path.Combine(Repository.Root, file), Path.Combine(_temporary, file));
        }
    }

    public string Folder => _temporary;

    public string Program => Path.Combine(_temporary, "src", "EvBilling.Cli", "Program.cs");

    /// <summary>With the real program's sources.</summary>
    public static Checkout OfTheRealProgram()
    {
        var checkout = new Checkout();
        CopyFolder(Path.Combine(Repository.Root, "src"), Path.Combine(checkout.Folder, "src"));
        return checkout;
    }

    /// <summary>With a program of a few lines in its place, which shows what it was given; its build is short, whatever the real one grows to.</summary>
    public static Checkout OfAStandIn()
    {
        var checkout = new Checkout();
        Directory.CreateDirectory(Path.GetDirectoryName(checkout.Program)!);
        File.WriteAllText(checkout.Program, StandInProgram);
        var project = Path.Combine(Path.GetDirectoryName(checkout.Program)!, "EvBilling.Cli.csproj");
        File.WriteAllText(project, "<Project Sdk=\"Microsoft.NET.Sdk\"><PropertyGroup><OutputType>Exe</OutputType></PropertyGroup></Project>");
        File.WriteAllText(Path.Combine(Path.GetDirectoryName(project)!, "packages.lock.json"), """
            { "version": 2, "dependencies": { "net10.0": {}, "net10.0/linux-arm64": {}, "net10.0/linux-x64": {} } }
            """);
        return checkout;
    }

    /// <param name="kind">program, or native: machine code.</param>
    public string[] Builds(string kind = "program")
    {
        var folder = Path.Combine(Folder, ".build", kind);
        return Directory.Exists(folder) ? Directory.GetDirectories(folder) : [];
    }

    /// <summary>Starts the launcher in another folder than its own.</summary>
    public LauncherRun Start(params string[] arguments) => new(Path.Combine(Folder, "evbilling"), arguments, _ => { });

    public LauncherRun Start(Action<ProcessStartInfo> change, params string[] arguments) => new(Path.Combine(Folder, "evbilling"), arguments, change);

    public void Dispose() => Directory.Delete(_temporary, recursive: true);

    private static void CopyFolder(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }
        foreach (var folder in Directory.GetDirectories(from).Where(folder => Path.GetFileName(folder) is not ("bin" or "obj")))
        {
            CopyFolder(folder, Path.Combine(to, Path.GetFileName(folder)));
        }
    }
}
