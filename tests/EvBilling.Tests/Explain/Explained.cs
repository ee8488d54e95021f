using System.Globalization;
using System.Text;
using EvBilling.Billing;
using EvBilling.Billing.Explain;
using EvBilling.Cli.Explain;
using EvBilling.Engine;
using EvBilling.Events;
using EvBilling.Locations;
using EvBilling.Rating;
using EvBilling.Sessions;
using EvBilling.Tariffs;

namespace EvBilling.Tests.Explain;

/// <summary>Short words for tests of explanations: tariffs, locations, and sessions made of a few events, billed as version 1 and explained.</summary>
internal sealed class Explained
{
    private readonly BillExplainer _explainer;
    private readonly Biller _biller;
    private readonly RatingOptions _rating;

    public Explained(string tariffs, string? locations = null, string? defaultTariffId = null, OcpiVersion? version = null, RatingOptions? rating = null)
    {
        _rating = rating ?? RatingOptions.Default;
        var entries = TariffDocument.Read(Encoding.UTF8.GetBytes(tariffs)).ToDictionary(entry => entry.Index + 1L, entry => Read(entry, version));
        var book = new LocationBook(locations is null ? [] : LocationDocument.Read(Encoding.UTF8.GetBytes(locations)).Select(entry => entry.Location!));
        var options = new BillingOptions { DefaultTariffId = defaultTariffId, Rating = _rating };
        _biller = new Biller(new TariffBook<BillableTariff>(entries.Select(Version)), book, options);
        _explainer = new BillExplainer(_biller, book, options, sequence => entries.GetValueOrDefault(sequence));
    }

    public static string Tariff(string id, string components, string currency = "EUR", string members = "") =>
        $$"""{"country_code":"NL","party_id":"EVB","id":"{{id}}","currency":"{{currency}}",{{members}}"elements":[{"price_components":[{{components}}]}]}""";

    public static string Component(string type, string price, int step = 1, string? vat = "21") =>
        $$"""{"type":"{{type}}","price":{{price}},"step_size":{{step}}{{(vat is null ? "" : $",\"vat\":{vat}")}}}""";

    /// <summary>An event of session "S" at that minute of an hour, with members as JSON.</summary>
    public static string Event(string type, int minute, int? meterWh = null, string members = "") =>
        $$"""{"type":"{{type}}","session_id":"S","timestamp":"2026-03-01T10:{{minute:00}}:00Z"{{Meter(meterWh)}}{{(members.Length > 0 ? "," : "")}}{{members}}}""";

    public static SessionRecord Record(params string[] events)
    {
        var record = new SessionRecord("S"u8);
        var buffer = new EventBuffer();
        foreach (var line in events)
        {
            buffer.Clear();
            Assert.Equal(default, ChargingEventReader.Read(buffer, buffer.Append(Encoding.UTF8.GetBytes(line)), out var read));
            record.Add(read, buffer.Bytes);
        }
        return record;
    }

    public Bill Bill(int version, params string[] events)
    {
        var record = Record(events);
        var bill = _biller.Make(record, !record.HasEnded, null);
        bill.Version = version;
        bill.Supersedes = version == 1 ? null : version - 1;
        return bill;
    }

    /// <summary>A session that ended, or was closed by the policy: its bill is version 1.</summary>
    public BillExplanation Of(params string[] events)
    {
        var record = Record(events);
        return _explainer.Explain([Bill(1, events)], new(record, record.HasEnded ? SessionState.Ended : SessionState.ClosedByAge, null));
    }

    public BillExplanation OfOpen(params string[] events) => _explainer.Explain([], new(Record(events), SessionState.Open, null));

    public BillExplanation Of(IReadOnlyList<Bill> stored, string[]? events) =>
        _explainer.Explain(stored, events is null ? null : new(Record(events), SessionState.Ended, null));

    /// <summary>What is printed, as it is.</summary>
    public static string Print(BillExplanation explanation)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        ExplanationText.Write(text, explanation, new StoreFacts(new StoredOptions(null, null, 2_678_400, 86_400)));
        return text.ToString();
    }

    /// <summary>What is printed, on one line, so that a sentence is found wherever it was broken.</summary>
    public static string Text(BillExplanation explanation) => string.Join(' ', Print(explanation).Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries));

    private static string Meter(int? meterWh) => meterWh is null ? "" : $",\"meter_wh\":{meterWh}";

    private static TariffEntry Read(TariffEntry entry, OcpiVersion? version) =>
        version is not null && TariffReader.TryRead(entry.Json, version, out var tariff, out _) ? entry with { Tariff = tariff } : entry;

    private TariffVersion<BillableTariff> Version(KeyValuePair<long, TariffEntry> tariff) =>
        StoredBilling.Version(new StoredTariff(tariff.Key, tariff.Key.ToString(CultureInfo.InvariantCulture), tariff.Value), _rating);
}
