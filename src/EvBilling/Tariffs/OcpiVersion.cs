namespace EvBilling.Tariffs;

/// <summary>A version of OCPI, as far as tariffs of one mean something else than those of another.</summary>
public enum OcpiVersion
{
    /// <summary>OCPI 2.1.1: tariffs state no VAT.</summary>
    V211,

    /// <summary>OCPI 2.2.1.</summary>
    V221,

    /// <summary>OCPI 2.3.0: <c>tax_included</c> says what prices contain.</summary>
    V230,
}
