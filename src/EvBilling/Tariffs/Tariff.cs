using System.Collections.Immutable;
using NodaTime;

namespace EvBilling.Tariffs;

/// <summary>
/// A tariff as its publisher states it (OCPI 2.1.1, 2.2.1, 2.3.0 mod_tariffs, Tariff Object), read leniently and exactly by <see cref="TariffReader"/>;
/// absent members are null or empty.
/// </summary>
public sealed record Tariff
{
    public required string Id { get; init; }

    public string? CountryCode { get; init; }

    public string? PartyId { get; init; }

    public required Currency Currency { get; init; }

    /// <summary>The version whose rules hold for this tariff.</summary>
    public required OcpiVersion Version { get; init; }

    /// <summary>OCPI's TariffType, such as AD_HOC_PAYMENT; null = for any.</summary>
    public string? Type { get; init; }

    public TaxIncluded TaxIncluded { get; init; }

    public PriceLimit? MinPrice { get; init; }

    public PriceLimit? MaxPrice { get; init; }

    /// <summary>At least one, in the order that decides which of them prices a dimension.</summary>
    public required ImmutableArray<TariffElement> Elements { get; init; }

    /// <summary>In force from here on, inclusive; null = from ever.</summary>
    public Instant? StartDateTime { get; init; }

    /// <summary>In force until here, exclusive; null = no end.</summary>
    public Instant? EndDateTime { get; init; }

    public Instant? LastUpdated { get; init; }

    /// <summary>What was read although it is not as OCPI wants it, in the tariff's order.</summary>
    public ImmutableArray<TariffFinding> Findings { get; init; } = [];
}

/// <summary>What the prices of an OCPI 2.3.0 tariff contain (mod_tariffs, TaxIncluded).</summary>
public enum TaxIncluded
{
    /// <summary>Absent: prices are without VAT, as in OCPI 2.2.1.</summary>
    NotStated,

    /// <summary>YES: prices contain the taxes.</summary>
    Yes,

    /// <summary>NO: taxes are added to the prices.</summary>
    No,

    /// <summary>N/A: no taxes apply to this tariff.</summary>
    NotApplicable,
}

/// <summary>
/// A bound on the price of a session: each total has its own (OCPI 2.2.1 Price, <c>excl_vat</c> and <c>incl_vat</c>; OCPI 2.3.0 PriceLimit,
/// <c>before_taxes</c> and <c>after_taxes</c>). At least one is stated.
/// </summary>
public sealed record PriceLimit(decimal? ExclVat, decimal? InclVat);
