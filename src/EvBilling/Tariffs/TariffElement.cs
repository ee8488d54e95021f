using System.Collections.Immutable;

namespace EvBilling.Tariffs;

/// <summary>Prices and the conditions under which they apply (OCPI 2.2.1 mod_tariffs 1.4.4, TariffElement).</summary>
public sealed record TariffElement
{
    private readonly ImmutableArray<StatedRestriction> _restrictions;
    private readonly byte[]? _plainRestrictions;

    public TariffElement(int index, ImmutableArray<PriceComponent> priceComponents, ImmutableArray<StatedRestriction> restrictions, TariffRestrictions? conditions = null)
    {
        Index = index;
        PriceComponents = priceComponents;
        Conditions = conditions;
        _restrictions = restrictions;
    }

    /// <param name="plainRestrictions">The JSON object of the restrictions, as <see cref="QuickRestrictionsReader"/> has read it; null = there is none.</param>
    internal TariffElement(int index, ImmutableArray<PriceComponent> priceComponents, byte[]? plainRestrictions, TariffRestrictions? conditions)
        : this(index, priceComponents, ImmutableArray<StatedRestriction>.Empty, conditions) => _plainRestrictions = plainRestrictions;

    /// <summary>Its place in the tariff's <c>elements</c>, from 0.</summary>
    public int Index { get; }

    /// <summary>Those of known dimensions, in order.</summary>
    public ImmutableArray<PriceComponent> PriceComponents { get; }

    /// <summary>The same restrictions as they are understood; null = the element always applies.</summary>
    public TariffRestrictions? Conditions { get; }

    /// <summary>The restrictions that are really stated, as written; empty = the element always applies.</summary>
    public ImmutableArray<StatedRestriction> Restrictions => _plainRestrictions is null ? _restrictions : TariffReader.ReadStated(_plainRestrictions);
}

/// <summary>A price (OCPI 2.2.1 mod_tariffs 1.4.2, PriceComponent).</summary>
/// <param name="Index">Its place in the element's <c>price_components</c>, from 0.</param>
/// <param name="Price">In the tariff's currency per kWh, hour or session, without trailing zeros.</param>
/// <param name="Vat">In percent; null = not stated.</param>
/// <param name="StepSize">In Wh or seconds; 0 = none.</param>
public sealed record PriceComponent(int Index, TariffDimension Dimension, decimal Price, decimal? Vat, long StepSize);

/// <summary>A member of an element's <c>restrictions</c> that has a value (OCPI 2.2.1 mod_tariffs 1.4.5, TariffRestrictions).</summary>
/// <param name="Name">The member's name, "min_duration".</param>
/// <param name="Json">Its value as written.</param>
public sealed record StatedRestriction(string Name, string Json);
