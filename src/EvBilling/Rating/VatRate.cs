namespace EvBilling.Rating;

/// <summary>One of a compiled tariff's VAT rates.</summary>
/// <param name="Percent">Null: no tax applies, or the rate is not known.</param>
/// <param name="Weight">The percentage at the tariff's own scale of VAT; 0 where there is none.</param>
/// <param name="IsKnown">False: what VAT there is can't be told (OCPI 2.1.1).</param>
internal readonly record struct VatRate(decimal? Percent, Int128 Weight, bool IsKnown);
