using System.Text.Json;
using EvBilling.SystemTests.Postgres;
using EvBilling.SystemTests.Processes;
using EvBilling.SystemTests.Servers;
using EvBilling.SystemTests.Support;
using Npgsql;

namespace EvBilling.SystemTests.Kafka;

/// <summary>Workers that share every session, since its events lie in all partitions: each commit meets rows that another has written.</summary>
[Collection(nameof(Processes))]
public sealed class ScatteredSessionsTests(SharedKafka kafka, SharedPostgres postgres, ITestOutputHelper output) : IDisposable
{
    private static readonly bool IsLong = Environment.GetEnvironmentVariable("EVBILLING_LONG") == "1";

    private readonly Pipeline _pipeline = new(kafka.Broker, postgres.CreateDatabase(), 4);

    public void Dispose() => _pipeline.Dispose();

    [Fact]
    public void Two_workers_on_the_same_sessions_bill_each_once_and_count_what_they_wrote()
    {
        var (random, lines, expected) = Given(40);
        var workers = new[] { _pipeline.Follow("--json"), _pipeline.Follow("--json") };
        // Both have partitions before there is anything to read.
        _pipeline.WaitUntil(() => _pipeline.Owners() == 2, () => "one worker has all partitions");
        const int Parts = 40;
        for (var part = 0; part < Parts; part++)
        {
            _pipeline.Scatter(lines[(lines.Length * part / Parts)..(lines.Length * (part + 1) / Parts)], random);
        }
        _pipeline.WaitUntilCommitted(lines.Length);
        var written = workers.Select(worker => _pipeline.Terminate(worker)).Sum(end => JsonDocument.Parse(end.Lines[^1]).RootElement.GetProperty("versions_written").GetInt64());
        Assert.Equal(_pipeline.Query("SELECT count(*) FROM evbilling.bills").Single(), $"{written}");
        _pipeline.Run();
        AssertExact(expected);
    }

    [Fact]
    public void Two_runs_to_the_end_at_once_bill_every_session_once()
    {
        var (random, lines, expected) = Given(40);
        _pipeline.Scatter(lines, random);
        var runs = new[] { _pipeline.Start("--json"), _pipeline.Start("--json") };
        Assert.All(runs.Select(run => _pipeline.End(run)), end => Assert.True(end.ExitCode == 0, end.ToString()));
        AssertExact(expected);
    }

    [Fact]
    public void A_run_whose_fellow_is_killed_reads_the_whole_to_its_end()
    {
        var (random, lines, expected) = Given(40);
        _pipeline.Scatter(lines, random);
        PostgresStores.Open(_pipeline.Store).Dispose();
        CliProcess other;
        using (var holding = PostgresDatabases.Connect(_pipeline.Store))
        using (var transaction = holding.BeginTransaction())
        {
            // Both read, and neither can commit.
            using var command = new NpgsqlCommand("LOCK TABLE evbilling.bills IN EXCLUSIVE MODE", holding, transaction);
            command.ExecuteNonQuery();
            var victim = _pipeline.Start();
            other = _pipeline.Start();
            _pipeline.WaitUntil(() => _pipeline.Query("SELECT 1 FROM pg_locks WHERE NOT granted").Count > 0, () => "no commit waits");
            _pipeline.Kill(victim);
        }
        var end = _pipeline.End(other);
        Assert.True(end.ExitCode == 0, end.ToString());
        AssertExact(expected);
    }

    [Fact]
    public void Workers_that_come_and_go_while_events_flow_change_no_bill()
    {
        var (random, lines, expected) = Given(IsLong ? 120 : 30);
        _pipeline.Follow();
        var parts = IsLong ? 24 : 6;
        for (var part = 0; part < parts; part++)
        {
            _pipeline.Scatter(lines[(lines.Length * part / parts)..(lines.Length * (part + 1) / parts)], random);
            if (_pipeline.Workers.Count < 3)
            {
                _pipeline.Follow();
            }
            else
            {
                var worker = _pipeline.Workers[random.Next(3)];
                if (random.Next(3) == 0)
                {
                    _pipeline.Kill(worker);
                }
                else
                {
                    output.WriteLine(_pipeline.Terminate(worker).Errors);
                }
            }
            Thread.Sleep(random.Next(3000));
        }
        _pipeline.WaitUntilCommitted(lines.Length);
        foreach (var worker in _pipeline.Workers.ToList())
        {
            output.WriteLine(_pipeline.Terminate(worker).Errors);
        }
        _pipeline.Run();
        AssertExact(expected);
    }

    [Fact]
    public void The_newer_group_protocol_shares_and_hands_over_likewise()
    {
        var (random, lines, expected) = Given(30);
        string[] protocol = ["--kafka", "group.protocol=consumer"];
        _pipeline.Scatter(lines[..(lines.Length / 2)], random);
        var first = _pipeline.Follow(protocol);
        _pipeline.WaitUntil(() => _pipeline.Committed() > 0, () => "nothing is committed");
        _pipeline.Follow(protocol);
        Thread.Sleep(3000);
        _pipeline.Scatter(lines[(lines.Length / 2)..], random);
        Thread.Sleep(500);
        output.WriteLine(_pipeline.Terminate(first).Errors);
        _pipeline.WaitUntilCommitted(lines.Length);
        output.WriteLine(_pipeline.Terminate(_pipeline.Workers[0]).Errors);
        _pipeline.Run(protocol);
        AssertExact(expected);
    }

    private (Random Random, string[] Lines, string[] Expected) Given(int stations)
    {
        var seed = Random.Shared.Next(100_000);
        output.WriteLine($"seed {seed}");
        var fleet = SimulatedFleet.Create(seed, stations, 24);
        _pipeline.Program.UseTariffs(fleet.Tariffs);
        output.WriteLine($"{fleet.Lines.Length} events");
        return (new Random(seed), fleet.Lines, _pipeline.ExpectedBills(fleet.Lines));
    }

    private void AssertExact(string[] expected)
    {
        Assert.Equal(expected, _pipeline.Bills());
        _pipeline.AssertSound();
    }
}
