using EvBilling.SystemTests.Processes;
using EvBilling.SystemTests.Servers;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Kafka;

/// <summary>The older system's messages through a topic: contact data lies in one place, is nowhere to be seen, and once erased comes back by no way.</summary>
[Collection(nameof(Processes))]
public sealed class ContactsThroughKafkaTests(SharedKafka kafka, SharedPostgres postgres) : IDisposable
{
    private const string Phone = "+31612345678";
    private const string Email = "jan.jansen@example.org";

    private readonly Pipeline _pipeline = new(kafka.Broker, postgres.CreateDatabase(), 2);

    public void Dispose() => _pipeline.Dispose();

    [Fact]
    public void Erased_contact_data_is_in_no_table_no_log_and_no_replay()
    {
        const string Older = $$"""{"charger_id":"C1","charger_type":"AC","start_time":"2026-01-05T10:00:00","end_time":"2026-01-05T11:00:00","duration_minutes":60,"energy_consumed":7.5,"phone_number":"{{Phone}}","email":"{{Email}}"}""";
        // One that is refused, and one that is no JSON, in both partitions; a huge one; none at all; a tombstone.
        string?[] lines =
        [
            Older, Older.Replace("7.5", "\"x\"", StringComparison.Ordinal), Older[..^1], $"call {Phone} or {Email}", null, "", new string('x', 900_000),
        ];
        kafka.Broker.Produce(_pipeline.Topic, lines.Select((line, i) => new KafkaDraft(line, $"{Email}\u0000\uFFFF", i % 2)));
        kafka.Broker.Produce(_pipeline.Topic, [new KafkaDraft(Older, null, 1), .. EventLines.Session("S").Select(line => new KafkaDraft(line, null, 1))]);
        var worker = _pipeline.Follow();
        _pipeline.WaitUntilCommitted(lines.Length + 4);
        Assert.Equal([$"C1@20260105T100000Z|{Phone}|{Email}|"], _pipeline.Query("SELECT * FROM evbilling.contacts"));
        AssertNowhereElse();
        var erase = CliProcess.Run("contacts", "erase", "--store", _pipeline.Store, "--email", Email);
        Assert.True(erase.ExitCode == 0, erase.ToString());
        // While the worker goes on: once more the same, and a replay.
        kafka.Broker.Produce(_pipeline.Topic, [new KafkaDraft(Older, null, 0)]);
        _pipeline.WaitUntilCommitted(lines.Length + 5);
        var replay = _pipeline.Run("--from-start");
        _pipeline.WaitUntilCommitted(lines.Length + 5);
        var status = CliProcess.Run("status", "--store", _pipeline.Store);
        var letters = CliProcess.Run("dead-letter", "--store", _pipeline.Store, "--json");
        var retried = CliProcess.Run("dead-letter", "--store", _pipeline.Store, "--retry");
        Assert.Equal((0, 0, 0), (status.ExitCode, letters.ExitCode, retried.ExitCode));
        var end = _pipeline.Terminate(worker);
        Assert.Equal(["C1@20260105T100000Z|||t"], _pipeline.Query("SELECT session_id, phone_number, email, erased_at IS NOT NULL FROM evbilling.contacts"));
        AssertNowhereElse();
        foreach (var said in new[] { end, replay, status, letters, retried, erase })
        {
            AssertNoContact(said.Output + said.Errors);
        }
        AssertNoContact(string.Join('\n', _pipeline.Bills()));
        Assert.Equal(["C1@20260105T100000Z|1", "S|1"], _pipeline.Query("SELECT session_id, version FROM evbilling.bills ORDER BY 1"));
        Assert.Equal(["Empty|2", "NotJson|2", "TooLarge|1", "WrongType|1"], _pipeline.Query("SELECT split_part(reason, ':', 1), count(*) FROM evbilling.dead_letters GROUP BY 1 ORDER BY 1"));
        _pipeline.AssertSound();
    }

    private void AssertNowhereElse()
    {
        foreach (var table in _pipeline.Query("SELECT table_name FROM information_schema.tables WHERE table_schema = 'evbilling' AND table_name <> 'contacts'"))
        {
            // Bytes as letters, so that they are searched too.
            AssertNoContact(string.Join('\n', _pipeline.Query($"SELECT t::text FROM evbilling.{table} AS t")));
        }
        AssertNoContact(string.Join('\n', _pipeline.Query("SELECT encode(bytes, 'escape') FROM evbilling.dead_letters UNION ALL SELECT encode(record, 'escape') FROM evbilling.sessions")));
    }

    private static void AssertNoContact(string text)
    {
        Assert.DoesNotContain("612345678", text, StringComparison.Ordinal);
        Assert.DoesNotContain("jansen", text, StringComparison.OrdinalIgnoreCase);
    }
}
