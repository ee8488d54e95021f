using System.Globalization;
using EvBilling.SystemTests.Processes;
using EvBilling.SystemTests.Servers;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Kafka;

/// <summary>A worker is started with newer tariffs or locations than another one of its group knows.</summary>
[Collection(nameof(Processes))]
public sealed class NewerFilesTests(SharedKafka kafka, SharedPostgres postgres, ITestOutputHelper output) : IDisposable
{
    private const int Sessions = 20;

    private readonly Pipeline _pipeline = new(kafka.Broker, postgres.CreateDatabase(), 4);

    public void Dispose() => _pipeline.Dispose();

    [Fact]
    public void Newer_locations_of_one_worker_hold_for_all_and_no_bill_goes_back_to_older_ones()
    {
        _pipeline.Program.UseTariffs(TariffTexts.List(TariffTexts.Energy("OLD", 0.5m), TariffTexts.Energy("NEW", 0.9m)));
        _pipeline.Scatter(Events("A"), new Random(1));
        var old = _pipeline.Follow("--locations", Locations("OLD", 1));
        _pipeline.WaitUntilCommitted(3 * Sessions);
        // A session whose events came in two batches may have two versions by now.
        const string ByOlder = "SELECT session_id, version FROM evbilling.bills WHERE tariff_id = 'OLD' ORDER BY 1, 2";
        var before = _pipeline.Query(ByOlder);
        var newer = _pipeline.Follow("--locations", Locations("NEW", 2));
        _pipeline.WaitUntil(() => _pipeline.Owners() == 2, () => "the second worker has no partition");
        // Late readings of what is billed, and new sessions, in the hands of both.
        _pipeline.Scatter([.. Enumerable.Range(0, Sessions).Select(number => Reading("A", number, 40)), .. Events("B")], new Random(2));
        _pipeline.WaitUntilCommitted(7 * Sessions);
        output.WriteLine(_pipeline.Terminate(newer).Errors);
        // By now only the worker that was started with the older ones is left.
        _pipeline.Scatter(Enumerable.Range(0, Sessions).Select(number => Reading("A", number, 50)), new Random(3));
        _pipeline.WaitUntilCommitted(8 * Sessions);
        var told = _pipeline.Terminate(old).Errors;
        output.WriteLine(told);

        Assert.Single(told.Split('\n'), line => line.Contains("Another run has brought newer locations", StringComparison.Ordinal));
        Assert.Equal([$"NEW|{2 * Sessions}"], _pipeline.Query("SELECT tariff_id, count(*) FROM evbilling.cdrs GROUP BY 1"));
        Assert.Equal(before, _pipeline.Query(ByOlder));
        _pipeline.AssertSound();
    }

    [Fact]
    public void Sessions_that_end_after_a_newer_tariff_was_read_are_not_billed_with_the_older_one()
    {
        _pipeline.Program.UseTariffs(TariffTexts.List(TariffTexts.Energy("OLD", 0.5m)));
        _pipeline.DefaultTariff = "OLD";
        _pipeline.Scatter(Events("A"), new Random(1));
        var old = _pipeline.Follow();
        _pipeline.WaitUntilCommitted(3 * Sessions);
        // Read by a run that brings the tariff and ends, as at a change of prices.
        _pipeline.Program.UseTariffs(TariffTexts.List(TariffTexts.Energy("OLD", 0.9m, "2026-01-01T00:00:00Z")));
        var change = CliProcess.Run(
            "run", "--events", _pipeline.Program.Write("none.jsonl", ""), "--tariffs", _pipeline.Program.Tariffs, "--default-tariff", "OLD", "--store", _pipeline.Store);
        Assert.True(change.ExitCode == 0, change.ToString());
        _pipeline.Scatter(Events("B"), new Random(2));
        _pipeline.WaitUntilCommitted(6 * Sessions);
        var told = _pipeline.Terminate(old).Errors;
        output.WriteLine(told);

        Assert.Contains("Another run has brought newer tariffs", told, StringComparison.Ordinal);
        Assert.Equal(
            [$"5|{Sessions}", $"9|{Sessions}"],
            _pipeline.Query("SELECT total_excl_vat, count(*) FROM evbilling.cdrs GROUP BY 1 ORDER BY 1"));
        _pipeline.AssertSound();
    }

    private static string[] Events(string prefix) =>
        [.. Enumerable.Range(0, Sessions).SelectMany(number => EventLines.Session(prefix + number, 0, ("location_id", "L"), ("evse_id", "E"), ("connector_id", "1")))];

    private static string Reading(string prefix, int number, int minute) => EventLines.Line("updated", prefix + number, minute, 7000);

    private string Locations(string tariff, int version) => _pipeline.Program.Write($"locations-{version}.json", string.Create(
        CultureInfo.InvariantCulture,
        $$"""[{"id":"L","country":"NLD","time_zone":"Europe/Amsterdam","last_updated":"2026-01-0{{version}}T00:00:00Z","evses":[{"uid":"E","evse_id":"E","connectors":[{"id":"1","tariff_ids":["{{tariff}}"]}]}]}]"""));
}
