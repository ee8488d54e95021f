using System.Text;
using EvBilling.Locations;
using EvBilling.Rating;
using EvBilling.Sessions;
using EvBilling.Tariffs;

namespace EvBilling.Billing.Explain;

/// <summary>A session's events as they are stored, and how far the session is.</summary>
/// <param name="TariffsUntil">Of a session that once was final: the sequence of the newest tariff version that may rate it.</param>
public sealed record ExplainedRecord(SessionRecord Record, SessionState State, long? TariffsUntil);

/// <summary>
/// Explains bills: makes the bill from the session's events once more, and shows how it came about only where it is the stored
/// one. A pure function of what it is given.
/// </summary>
/// <param name="tariff">The tariff version of that sequence; null = there is none.</param>
public sealed class BillExplainer(Biller biller, LocationBook locations, BillingOptions options, Func<long, TariffEntry?> tariff)
{
    /// <param name="stored">All stored versions of the session's bill, oldest first.</param>
    /// <param name="events">Null = the session's events are no longer kept.</param>
    /// <exception cref="ArgumentException">There is neither a bill nor an event.</exception>
    public BillExplanation Explain(IReadOnlyList<Bill> stored, ExplainedRecord? events)
    {
        if (events is null)
        {
            return stored.Count == 0
                ? throw new ArgumentException("There is neither a bill nor an event.", nameof(stored))
                : Explain(stored[^1], stored, null, null);
        }
        var isClosed = events.State is SessionState.ClosedByAge or SessionState.ClosedByFollower;
        var now = biller.Make(events.Record, isClosed, events.TariffsUntil);
        if (now.Status == BillStatus.Open)
        {
            return Explain(now, stored, events, null);
        }
        // Between the two a run may have been stopped; then what the store says counts.
        var isStored = stored.Count > 0 && BillDifference.SameContent(stored[^1], now);
        return isStored ? Explain(stored[^1], stored, events, null)
            : stored.Count > 0 ? Explain(stored[^1], stored, null, now)
            : Explain(now, stored, events, null);
    }

    private BillExplanation Explain(Bill bill, IReadOnlyList<Bill> stored, ExplainedRecord? events, Bill? otherBillNow)
    {
        var place = locations.Find(bill.LocationId, bill.StationId, bill.EvseId, bill.ConnectorId);
        var entry = bill.TariffSequence is { } sequence ? tariff(sequence) : null;
        var refusal = entry?.Refusal;
        var readings = RatingReadings.Parse(bill.RatingReadings);
        var zone = new TimeZoneChooser(options.DefaultZone, readings.Zone == ZoneRule.Country).Choose(place.Location);
        var compiled = Compile(bill, entry, readings, ref refusal);
        return new BillExplanation
        {
            Bill = bill,
            Versions = stored,
            Place = place,
            Zone = zone,
            Tariff = entry,
            Refusal = refusal,
            Pricing = compiled is null ? null : PricingExplainer.Explain(bill, compiled, zone.Zone is { } known ? new RatingZone(known) : null),
            Timeline = bill.Periods.Count > 0 ? TimelineRow.Of(bill)
                : events is not null && bill.EndedAtNs >= bill.StartedAtNs ? TimelineRow.Of(biller.Session)
                : [],
            Events = events is null ? null : Events(events, bill, place),
            OtherBillNow = otherBillNow,
        };
    }

    private CompiledTariff? Compile(Bill bill, TariffEntry? first, RatingOptions readings, ref TariffRefusal? refusal)
    {
        var versions = bill.TariffChanges.Select(change => tariff(change.Sequence)?.Tariff).Prepend(first?.Tariff).OfType<Tariff>().ToList();
        if (versions.Count <= bill.TariffChanges.Count)
        {
            return null;
        }
        if (!CompiledTariff.TryCompile(versions, null, readings, out var compiled, out var notSupported))
        {
            refusal = notSupported;
        }
        return compiled;
    }

    private ExplainedEvents Events(ExplainedRecord events, Bill bill, LocationMatch place)
    {
        var session = biller.Session;
        var named = session.TariffText == 0 ? null : Encoding.UTF8.GetString(events.Record.Text(session.TariffText));
        return new ExplainedEvents
        {
            State = events.State,
            Count = events.Record.Count,
            Readings = ExplainedReading.Find(events.Record, session),
            IsLoneCompleted = session.Readings.Count == 0 && session.IsEnergyKnown,
            Search = TariffSearch.Retrace(named, place, options.DefaultTariffId, biller.Choice),
            Doubts = SessionDoubts.Find(events.Record, session, bill.Flags, place),
        };
    }
}
