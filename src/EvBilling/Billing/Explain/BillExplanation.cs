using EvBilling.Locations;
using EvBilling.Sessions;
using EvBilling.Tariffs;

namespace EvBilling.Billing.Explain;

/// <summary>All that is known about one session's bill. What is null is not known, or does not belong to the bill as it stands.</summary>
public sealed class BillExplanation
{
    /// <summary>The current bill: the newest version, or the preview of an open session.</summary>
    public required Bill Bill { get; init; }

    /// <summary>All versions that were ever written, oldest first.</summary>
    public required IReadOnlyList<Bill> Versions { get; init; }

    public required LocationMatch Place { get; init; }

    public required TimeZoneChoice Zone { get; init; }

    /// <summary>The tariff version that the bill names, as it was read.</summary>
    public TariffEntry? Tariff { get; init; }

    /// <summary>Why that tariff version can't be used.</summary>
    public TariffRefusal? Refusal { get; init; }

    public PricingExplanation? Pricing { get; init; }

    public required IReadOnlyList<TimelineRow> Timeline { get; init; }

    /// <summary>Null: the session's events are no longer kept, or they give another bill than the stored one.</summary>
    public ExplainedEvents? Events { get; init; }

    /// <summary>The bill that events, tariffs and locations give now, where it is another than the stored one, which counts.</summary>
    public Bill? OtherBillNow { get; init; }
}

/// <summary>What a session's events say beyond the bill that was made of them.</summary>
public sealed class ExplainedEvents
{
    public required SessionState State { get; init; }

    public required int Count { get; init; }

    public required IReadOnlyList<ExplainedReading> Readings { get; init; }

    /// <summary>The session is known by a lone <c>completed</c>, which states its energy and keeps no readings.</summary>
    public required bool IsLoneCompleted { get; init; }

    public required TariffSearch Search { get; init; }

    public required SessionDoubts Doubts { get; init; }
}
