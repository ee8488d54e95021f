using System.Buffers;
using System.Text;
using System.Text.Json;
using EvBilling.Billing;
using EvBilling.Billing.Ocpi;
using EvBilling.Engine;
using EvBilling.Events;
using EvBilling.Locations;
using EvBilling.Rating;
using EvBilling.Sessions;
using EvBilling.Simulator;
using EvBilling.Tariffs;
using EvBilling.Tests.Simulator;
using NodaTime;

namespace EvBilling.Tests.Billing;

/// <summary>Tariffs and locations, and what they make of sessions: bills and their CDRs.</summary>
internal sealed class Billed
{
    public static readonly Instant At = Instant.FromUtc(2026, 2, 1, 3, 4, 5);

    private readonly Dictionary<long, TariffEntry> _tariffs;
    private readonly LocationBook _locations;
    private readonly Biller _biller;

    public Billed(byte[] tariffs, byte[]? locations = null, RatingOptions? rating = null)
    {
        rating ??= RatingOptions.Default;
        _tariffs = TariffDocument.Read(tariffs).ToDictionary(entry => entry.Index + 1L);
        _locations = new LocationBook(locations is null ? [] : LocationDocument.Read(locations).Select(entry => entry.Location!));
        _biller = new Biller(
            new TariffBook<BillableTariff>(_tariffs.Select(tariff => StoredBilling.Version(
                new StoredTariff(tariff.Key, tariff.Key.ToString(System.Globalization.CultureInfo.InvariantCulture), tariff.Value), rating))),
            _locations,
            new BillingOptions { DefaultTariffId = _tariffs[1].Id, Rating = rating });
    }

    /// <summary>The bills of a week of 200 stations with field faults: thousands.</summary>
    public static (Billed By, Bill[] Bills) FieldWeek { get; } = Fleet(SeenFleet.FieldWeek);

    /// <summary>The bill of a session's events, as of that version.</summary>
    public Bill Bill(string sessionId, IEnumerable<string> lines, int version = 1)
    {
        var record = new SessionRecord(Encoding.UTF8.GetBytes(sessionId));
        var buffer = new EventBuffer();
        foreach (var line in lines)
        {
            buffer.Clear();
            Assert.Equal(default, ChargingEventReader.Read(buffer, buffer.Append(Encoding.UTF8.GetBytes(line)), out var read));
            record.Add(read, buffer.Bytes);
        }
        var bill = _biller.Make(record, isClosed: true, null);
        bill.Version = version;
        return bill;
    }

    public CdrFacts Facts(Bill bill) => new()
    {
        Place = _locations.Find(bill.LocationId, bill.StationId, bill.EvseId, bill.ConnectorId),
        TariffJson = bill.TariffSequence is { } sequence ? _tariffs[sequence].Json : default,
        LaterTariffJsons = [.. bill.TariffChanges.Select(change => _tariffs[change.Sequence].Json)],
        LastUpdated = At,
    };

    /// <summary>The CDR as a reader of its text sees it.</summary>
    public JsonElement Cdr(Bill bill, bool isCredit = false, Func<CdrFacts, CdrFacts>? change = null) =>
        Written(new CdrItem(bill, isCredit), change is null ? Facts(bill) : change(Facts(bill)));

    public static JsonElement Written(CdrItem item, CdrFacts facts)
    {
        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json))
        {
            Assert.True(CdrWriter.TryWrite(writer, item, facts, out var missing), string.Join("; ", missing));
        }
        using var document = JsonDocument.Parse(json.WrittenMemory);
        return document.RootElement.Clone();
    }

    private static (Billed, Bill[]) Fleet(SeenFleet fleet)
    {
        var simulation = new FleetSimulation(fleet.Options);
        var by = new Billed(simulation.TariffsJson(), simulation.LocationsJson());
        return (by, [.. fleet.Events.GroupBy(e => e.SessionId).Select(events => by.Bill(events.Key, events.Select(e => e.Line)))]);
    }
}
