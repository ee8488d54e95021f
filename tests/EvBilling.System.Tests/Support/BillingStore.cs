using System.Globalization;
using System.Text;
using System.Text.Json;
using EvBilling.Billing;
using EvBilling.Engine;
using EvBilling.Events;
using EvBilling.Locations;
using EvBilling.Rating;
using EvBilling.Storage.Sqlite;
using EvBilling.Tariffs;

namespace EvBilling.SystemTests.Support;

/// <summary>A store on SQLite in a folder of its own, and runs into it within this process, as the program does them.</summary>
internal sealed class BillingStore : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public string Path => _folder.File("bills.db");

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    public string Tariffs { get; set; } = "[]";

    public string? Locations { get; set; }

    public string? DefaultTariff { get; init; }

    public RunOptions Options { get; set; } = new();

    /// <summary>Null = each run has its own.</summary>
    public RunCounters? Counters { get; set; }

    public static BillingStore Of(SimulatedFleet fleet) => new() { Tariffs = fleet.Tariffs, Locations = fleet.Locations };

    /// <summary>With a tariff T of 0.50 EUR a kWh for all.</summary>
    public static BillingStore WithTariff(TimeProvider? clock = null) =>
        new() { Clock = clock ?? TimeProvider.System, Tariffs = TariffTexts.List(TariffTexts.Energy("T", 0.5m)), DefaultTariff = "T" };

    public RunCounters Run(params IReadOnlyList<string> lines) => Run(new ChoppedLog(lines, 1000));

    public RunCounters Run(IEventLog log) => RunUntil(log, CancellationToken.None);

    public RunCounters RunUntil(IEventLog log, CancellationToken cancellation) => Run(_ => log, cancellation);

    /// <summary>Runs a log that asks the store how far it was read.</summary>
    public RunCounters Run(Func<IBillStore, IEventLog> open, CancellationToken cancellation = default)
    {
        using var store = SqliteBillStore.Open(Path, Clock);
        store.BeginWriting();
        store.Register(
            TariffDocument.Read(Encoding.UTF8.GetBytes(Tariffs)), Locations is null ? [] : LocationDocument.Read(Encoding.UTF8.GetBytes(Locations)),
            new StoredOptions(DefaultTariff, null, 31 * 24 * 3600, (long)Options.CloseAfter.TotalSeconds));
        var tariffs = store.ReadTariffs();
        using var log = open(store);
        store.Claim(log.Partitions);
        using var run = new BillingRun(log, store, () => Biller(store), tariffs.Count == 0 ? 0 : tariffs[^1].Sequence, Options, Clock, Counters);
        run.Run(cancellation);
        return run.Counters;
    }

    /// <summary>The current bills and the previews of open ones, by session: their JSON without version and supersedes.</summary>
    public SortedDictionary<string, string> Bills() => Read(store =>
    {
        var biller = Biller(store);
        var bills = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var bill in store.ReadBills(null, false).Concat(store.ReadOpen(null).Select(open => biller.Make(open.Record, false, open.TariffsUntil))))
        {
            bills.Add(bill.SessionId, Content(bill));
        }
        return bills;
    });

    public T Read<T>(Func<IBillStore, T> read)
    {
        using var store = SqliteBillStore.OpenToRead(Path, Clock);
        return read(store);
    }

    /// <summary>All versions of a session's bill, as <c>status total flags</c>.</summary>
    public string[] Versions(string session) => Read(store => store.ReadBills(session, true)
        .Select(bill => $"{bill.Version} {BillJson.StatusName(bill.Status)} {Amount(bill.TotalExclVat)} {string.Join('+', BillFlagNames.Of(bill.Flags))}".TrimEnd())
        .ToArray());

    public string[] Open() => Read(store => store.ReadOpen(null).Select(open => open.Record.SessionId).ToArray());

    /// <summary>A bill's JSON without what may differ between runs.</summary>
    public static string Content(Bill bill)
    {
        using var json = new MemoryStream();
        var (version, supersedes) = (bill.Version, bill.Supersedes);
        (bill.Version, bill.Supersedes) = (0, null);
        using (var writer = new Utf8JsonWriter(json))
        {
            BillJson.Write(writer, bill);
        }
        (bill.Version, bill.Supersedes) = (version, supersedes);
        return Encoding.UTF8.GetString(json.ToArray());
    }

    public void Dispose() => _folder.Dispose();

    private static string Amount(decimal? amount) => amount?.ToString("0.00", CultureInfo.InvariantCulture) ?? "-";

    internal static Biller Biller(IBillStore store) => new StoredBilling(store, store.ReadOptions()).CreateBiller();
}
