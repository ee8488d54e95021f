using EvBilling.SystemTests.Processes;
using EvBilling.SystemTests.Support;
using Microsoft.Data.Sqlite;

namespace EvBilling.SystemTests.Fixtures;

/// <summary>
/// A store that release 0.1.0 wrote is read as it was written, and gone on with, by this version. `EVBILLING_WRITE_FIXTURE=1` writes the store and what is
/// expected anew with the current program: only before the release that they are named after.
/// </summary>
[Collection(nameof(Processes))]
public sealed class StoredReleaseTests : IDisposable
{
    private static readonly string Folder = Path.Combine(Repository.Root, "tests", "EvBilling.System.Tests", "Fixtures");

    private readonly TemporaryFolder _folder = new();

    private string Store => _folder.File("bills.db");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("v1", "expected-bills-v1.jsonl", "bills", "--all-versions")]
    [InlineData("v1", "expected-dead-letters-v1.jsonl", "dead-letter", "--json")]
    public void A_stored_release_is_read_as_it_was_written(string version, string expected, params string[] verb)
    {
        if (Environment.GetEnvironmentVariable("EVBILLING_WRITE_FIXTURE") == "1")
        {
            Write(version);
            Assert.Skip($"{expected} was written, not checked.");
        }
        File.Copy(InFixtures($"store-{version}.db"), Store);
        Assert.Equal(File.ReadAllLines(InFixtures(expected)), List(verb).TrimEnd('\n').Split('\n'));
    }

    [Theory]
    [InlineData("v1")]
    public void A_stored_release_is_gone_on_with(string version)
    {
        File.Copy(InFixtures($"store-{version}.db"), Store);
        Run("events-later.jsonl");
        var goneOn = (Bills: Contents(), Letters: List("dead-letter", "--json").Split('\n').Length);
        foreach (var file in Directory.GetFiles(_folder.Path))
        {
            File.Delete(file);
        }
        Run("events-1.jsonl");
        Run("events-2.jsonl");
        Run("events-later.jsonl");
        Assert.Equal(Contents(), goneOn.Bills);
        Assert.Equal(List("dead-letter", "--json").Split('\n').Length, goneOn.Letters);
    }

    // All of it together: the times in the store are those of the expected files.
    private void Write(string version)
    {
        Run("events-1.jsonl");
        Run("events-2.jsonl");
        using (var connection = new SqliteConnection($"Data Source={Store};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            // Small pages: each of a dozen tables and indexes takes one at least.
            command.CommandText = "PRAGMA journal_mode = DELETE; PRAGMA page_size = 2048; VACUUM; PRAGMA journal_mode = WAL;";
            command.ExecuteNonQuery();
        }
        File.Copy(Store, InFixtures($"store-{version}.db"), overwrite: true);
        File.WriteAllText(InFixtures($"expected-bills-{version}.jsonl"), List("bills", "--all-versions"));
        File.WriteAllText(InFixtures($"expected-dead-letters-{version}.jsonl"), List("dead-letter", "--json"));
    }

    // From standard input, whose name is the same on every machine.
    private void Run(string events)
    {
        using var process = CliProcess.Start(
            "run", "--events", "-", "--tariffs", InFixtures("tariffs.json"), "--locations", InFixtures("locations.json"), "--store", $"sqlite:{Store}");
        process.Input.Write(File.ReadAllBytes(InFixtures(events)));
        var end = process.End();
        Assert.True(end.ExitCode == 0, end.ToString());
    }

    private string[] Contents() => ProgramFixture.Bills(CliProcess.Run("bills", "--store", $"sqlite:{Store}"));

    private string List(params string[] verb)
    {
        var end = CliProcess.Run([.. verb, "--store", $"sqlite:{Store}"]);
        Assert.True(end is { ExitCode: 0, Errors: "" }, end.ToString());
        Assert.NotEqual("", end.Output);
        return end.Output;
    }

    private static string InFixtures(string name) => Path.Combine(Folder, name);
}
