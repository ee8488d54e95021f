using System.Collections.Immutable;

namespace EvBilling.Tariffs;

/// <summary>Prices and the conditions under which they apply (OCPI 2.2.1 mod_tariffs 1.4.4, TariffElement).</summary>
/// <param name="Index">Its place in the tariff's <c>elements</c>, from 0.</param>
/// <param name="PriceComponents">Those of known dimensions, in order.</param>
/// <param name="Restrictions">The restrictions that are really stated, as written; empty = the element always applies.</param>
/// <param name="Conditions">The same as they are understood; null = the element always applies.</param>
public sealed record TariffElement(
    int Index, ImmutableArray<PriceComponent> PriceComponents, ImmutableArray<StatedRestriction> Restrictions, TariffRestrictions? Conditions = null);

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
