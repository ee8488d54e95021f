using EvBilling.SystemTests.Support;
using Microsoft.Data.Sqlite;

namespace EvBilling.SystemTests.Processes;

/// <summary>A store that another program keeps locked. Beside the other tests: most of its time it waits.</summary>
public sealed class LockedStoreTests : IDisposable
{
    private readonly ProgramFixture _program = new();

    public void Dispose() => _program.Dispose();

    [Fact]
    public void A_locked_store_is_told_after_a_while_and_can_still_be_read()
    {
        var events = _program.Write("e.jsonl", EventLines.Text(EventLines.Session("S")));
        Assert.Equal(0, _program.Run(events).ExitCode);
        using (var connection = new SqliteConnection($"Data Source={_program.Store};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "BEGIN EXCLUSIVE";
            command.ExecuteNonQuery();
            var end = _program.Run(events);
            Assert.True(end.ExitCode == 1, end.ToString());
            Assert.Contains("is locked by another program", Assert.Single(end.Errors.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);
            Assert.Single(_program.Bills());
        }
        Assert.Equal(0, _program.Run(events).ExitCode);
    }
}
