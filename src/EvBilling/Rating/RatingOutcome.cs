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

    /// <summary>Volumes and prices are so large, or the prices have so many digits, that the sums do not fit in 127 bits.</summary>
    Overflow,
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
}
