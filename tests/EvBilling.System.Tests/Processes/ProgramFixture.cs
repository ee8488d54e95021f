using System.Text.Json;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Processes;

/// <summary>Tests that start processes run one after the other: what they see depends on the machine's load, and they are load themselves.</summary>
[CollectionDefinition(nameof(Processes), DisableParallelization = true)]
public sealed class ProcessesAlone;

/// <summary>A folder with tariffs and a store to be, and the program's verbs on them.</summary>
internal sealed class ProgramFixture : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ProgramFixture() => _folder.Write("tariffs.json", TariffTexts.List(TariffTexts.Energy("T", 0.5m)));

    public string Folder => _folder.Path;

    public string Store => _folder.File("bills.db");

    public string Tariffs => _folder.File("tariffs.json");

    public string Path(string name) => _folder.File(name);

    public string Write(string name, string text) => _folder.Write(name, text);

    public string Write(string name, byte[] bytes) => _folder.Write(name, bytes);

    public string[] RunArguments(string events, params string[] more) => RunInto(Store, events, more);

    public string[] RunInto(string store, string events, params string[] more) =>
        ["run", "--events", events, "--tariffs", Tariffs, "--default-tariff", "T", "--store", $"sqlite:{store}", "--json", .. more];

    /// <summary>A list of tariffs beside the default one.</summary>
    public void UseTariffs(string list) => _folder.Write("tariffs.json", $"[{TariffTexts.Energy("T", 0.5m)},{list.TrimStart()[1..]}");

    public CliEnd Run(string events, params string[] more) => CliProcess.Run(RunArguments(events, more));

    /// <summary>The bills without what may differ between runs: version and supersedes.</summary>
    public string[] Bills(string? store = null) => Bills(CliProcess.Run("bills", "--store", $"sqlite:{store ?? Store}"));

    public static string[] Bills(CliEnd end)
    {
        Assert.True(end is { ExitCode: 0, Errors: "" }, end.ToString());
        return
        [
            .. end.Lines.Select(line =>
            {
                using var bill = JsonDocument.Parse(line);
                var content = bill.RootElement.EnumerateObject().Where(member => member.Name is not ("version" or "supersedes"));
                return string.Join(',', content.Select(member => $"{member.Name}:{member.Value.GetRawText()}"));
            }),
        ];
    }

    public JsonElement[] DeadLetters()
    {
        var end = CliProcess.Run("dead-letter", "--store", $"sqlite:{Store}", "--json");
        Assert.True(end is { ExitCode: 0, Errors: "" }, end.ToString());
        return [.. end.Lines.Select(line => JsonDocument.Parse(line).RootElement)];
    }

    public void Dispose() => _folder.Dispose();
}
