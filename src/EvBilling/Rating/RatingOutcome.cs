using System.Diagnostics.CodeAnalysis;

namespace EvBilling.Rating;

/// <summary>How a rating ended; the first that holds, in this order after <see cref="Priced"/>.</summary>
public enum RatingOutcome
{
    /// <summary>The result holds lines and sums, exact.</summary>
    Priced,

    /// <summary>A period starts before the one in front of it.</summary>
    PeriodsOutOfOrder,

    /// <summary>A period has a TIME or PARKING_TIME under 0. (ENERGY may be: a car that gives back.)</summary>
    NegativeTime,

    /// <summary>Of several tariffs none is valid at the session's start.</summary>
    NoTariffValid,
}

/// <summary>What whoever reads a bill must know about its price; the names are those of contracts.md.</summary>
[Flags]
[SuppressMessage("Naming", "CA1711:Identifiers should not have incorrect suffix", Justification = "A bill's flags are called so.")]
public enum RatingFlags
{
    None = 0,

    /// <summary>A component that priced something states no VAT; taken as 0 % (rule <c>missing_vat</c>).</summary>
    VatNotStated = 1,

    /// <summary>The session has no charging period, so nothing was priced.</summary>
    NoPeriods = 2,

    /// <summary>A restriction asks for a power or current that was not measured; its element did not apply (rule <c>missing_power</c>).</summary>
    PowerNotMeasured = 4,

    /// <summary>A period names a tariff that is not among those given; the session's was taken.</summary>
    TariffIdUnknown = 8,

    /// <summary>A min_price without VAT became the total, and what VAT is in it can't be told (rule <c>clamp_vat</c>).</summary>
    VatOfMinPriceUnknown = 16,

    /// <summary>The periods were not in the order of their starts (rule <c>period_order</c>).</summary>
    PeriodsUnsorted = 32,

    /// <summary>A period states a dimension twice (rule <c>dup_dimension</c>).</summary>
    DuplicateDimension = 64,

    /// <summary>A restriction begins or ends within a charging period and would change the total if the period were split there (rule <c>unsplit</c>).</summary>
    PeriodSpansPriceChange = 128,

    /// <summary>A CDR ends before it starts; it is priced as its charging periods are.</summary>
    NegativeDuration = 256,

    /// <summary>A CDR states a dimension that OCPI does not know; nothing priced it.</summary>
    UnknownDimension = 512,

    /// <summary>Something in a CDR that decides its price is not written as OCPI wants it, and its meaning is plain: a number as a text, a dimension in small letters.</summary>
    CdrReadLeniently = 1024,

    /// <summary>A min_price or max_price states its total with VAT, so that the VAT is not that of the prices' rates (rule <c>clamp_vat</c>).</summary>
    VatSetByLimit = 2048,
}
