using EvBilling.Tariffs;

namespace EvBilling.Rating;

/// <summary>One of a compiled tariff's VAT rates.</summary>
/// <param name="Percent">Null: no tax applies, or the rate is not known.</param>
/// <param name="Weight">The percentage at the tariff's own scale of VAT; 0 where there is none.</param>
/// <param name="IsKnown">False: what VAT there is can't be told (OCPI 2.1.1).</param>
internal readonly record struct VatRate(decimal? Percent, Int128 Weight, bool IsKnown)
{
    /// <summary>Rule <c>missing_vat</c>: no VAT stated is 0 % from OCPI 2.2.1 on, and unknown in 2.1.1; N/A means that no tax applies.</summary>
    /// <param name="isStated">Whether the component states a rate.</param>
    public static (bool HasPercent, bool IsKnown) Rule(TaxIncluded taxIncluded, bool isStated, OcpiVersion version) =>
        taxIncluded == TaxIncluded.NotApplicable ? (false, true)
        : !isStated && version == OcpiVersion.V211 ? (false, false)
        : (true, true);
}
