using System.Diagnostics;
using System.Text;
using System.Text.Json;
using EvBilling.SystemTests.Processes;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Azure;

/// <summary>
/// deploy/azure/azure with stand-ins for az, bicep and curl: what the script decides on an answer of Azure's is its own, and needs no Azure. The answers here are those
/// of a subscription where all is well; a test puts its own before them. The PATH has nothing but the stand-ins and the tools that every Linux has.
/// </summary>
internal sealed class ScriptStandIn : IDisposable
{
    public const string Secret = "TOP-SECRET";
    public const string Subscription = "00000000-1111-2222-3333-444444444444";

    private static readonly string[] Tools =
    [
        "awk", "bash", "cat", "cp", "cut", "date", "dirname", "env", "find", "grep", "head", "jq", "mktemp", "mkdir", "mv", "readlink", "rm", "sed", "sh", "sha256sum", "sleep", "sort", "tail", "tr",
        "xargs", "dotnet",
    ];

    private readonly TemporaryFolder _folder = new();
    private readonly List<(string Pattern, string Code, string Answer)> _answers = [];

    /// <param name="kubectl">Where the real one is; null = a stand-in, too.</param>
    public ScriptStandIn(string? kubectl = null)
    {
        Directory.CreateDirectory(Bin);
        Directory.CreateDirectory(_folder.File("tmp"));
        foreach (var tool in Tools)
        {
            File.CreateSymbolicLink(Path.Combine(Bin, tool), Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(folder => Path.Combine(folder, tool)).First(File.Exists));
        }
        foreach (var stand in new[] { "az", "bicep", "curl" })
        {
            File.CreateSymbolicLink(Path.Combine(Bin, stand), Path.Combine(StandIns, stand));
        }
        File.CreateSymbolicLink(Path.Combine(Bin, "kubectl"), kubectl ?? Path.Combine(StandIns, "kubectl"));
        _folder.Write("template.json", JsonSerializer.Serialize(new { parameters = ScriptAnswers.TemplateParameters.ToDictionary(name => name, _ => new { type = "string" }) }));
        _folder.Write("parameters.json", """{"parameters": {"nodeSize": {"value": "Standard_D2as_v5"}, "systemNodesMax": {"value": 2}, "workNodesMax": {"value": 3}}}""");
        _folder.Write("function.zip", "zip");
        _folder.Write("job.jar", "jar");
        _answers.AddRange(ScriptAnswers.AllIsWell());
    }

    public static string Script { get; } = Path.Combine(Repository.Root, "deploy", "azure", "azure");

    /// <summary>What `up` is told for a whole installation without a question.</summary>
    public string[] UpWithYes => ["up", "--yes", "--administrators", "admins", "--function", _folder.File("function.zip"), "--jar", _folder.File("job.jar")];

    public string[] Calls => Lines("calls");

    public string Bodies => File.Exists(_folder.File("bodies")) ? File.ReadAllText(_folder.File("bodies")) : "";

    /// <summary>What was left in the folder for temporary files.</summary>
    public string[] Leftovers => Directory.GetFileSystemEntries(_folder.File("tmp"));

    private static string StandIns => Path.Combine(Repository.Root, "tests", "EvBilling.System.Tests", "Azure", "stand-ins");

    private string Bin => _folder.File("bin");

    public string File_(string name) => _folder.File(name);

    /// <summary>An answer that goes before all others. <paramref name="code"/> as the stand-in has it.</summary>
    public ScriptStandIn Answer(string pattern, string code, string answer = "")
    {
        _answers.Insert(0, (pattern, code, answer));
        return this;
    }

    public ScriptStandIn Answer(string pattern, object answer) => Answer(pattern, "0", JsonSerializer.Serialize(answer));

    /// <summary>All is well again.</summary>
    public void Mend()
    {
        _answers.Clear();
        _answers.AddRange(ScriptAnswers.AllIsWell());
    }

    public ScriptStandIn Without(string tool)
    {
        File.Delete(Path.Combine(Bin, tool));
        return this;
    }

    public CliEnd Run(params string[] arguments)
    {
        using var process = Start(arguments);
        return End(process);
    }

    /// <summary>With a terminal, into which something is typed.</summary>
    public CliEnd RunAtTerminal(string typed, params string[] arguments)
    {
        var line = string.Join(' ', arguments.Prepend(Script).Select(word => $"'{word}'"));
        using var process = Process.Start(Prepared(new ProcessStartInfo("script", ["--quiet", "--return", "--command", line, "/dev/null"])))!;
        process.StandardInput.Write(typed + "\n");
        process.StandardInput.Flush();
        return End(process);
    }

    public Process Start(params string[] arguments)
    {
        // A test runner may have been started with signals ignored. The script leads a group of processes, as at a terminal.
        var process = Process.Start(Prepared(new ProcessStartInfo("env", ["--default-signal=INT,TERM,HUP", "/usr/bin/setsid", Script, .. arguments])))!;
        process.StandardInput.Close();
        return process;
    }

    public static CliEnd End(Process process)
    {
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new(process.ExitCode, output, errors.Result, 0);
    }

    public void Dispose() => _folder.Dispose();

    private string[] Lines(string name) => File.Exists(_folder.File(name)) ? File.ReadAllLines(_folder.File(name)) : [];

    private ProcessStartInfo Prepared(ProcessStartInfo start)
    {
        var text = new StringBuilder();
        foreach (var (pattern, code, answer) in _answers)
        {
            text.Append(pattern).Append('\t').Append(code).Append('\t').Append(answer).Append('\n');
        }
        _folder.Write("answers", text.ToString());
        File.Delete(_folder.File("calls"));
        File.Delete(_folder.File("bodies"));
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.Environment["PATH"] = Bin;
        start.Environment["STAND_IN"] = _folder.Path;
        start.Environment["TMPDIR"] = _folder.File("tmp");
        start.Environment["HOME"] = _folder.Path;
        start.Environment["EVBILLING_AZURE_PAUSE_S"] = "0.05";
        start.FileName = new[] { "/usr/bin", "/bin" }.Select(folder => Path.Combine(folder, start.FileName)).First(File.Exists);
        return start;
    }
}
