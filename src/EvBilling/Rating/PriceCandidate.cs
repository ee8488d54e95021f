using EvBilling.Tariffs;

namespace EvBilling.Rating;

/// <summary>A price component ready for rating: its price as an integer, its step in the unit of volumes.</summary>
internal sealed record PriceCandidate
{
    public required TariffDimension Dimension { get; init; }

    public required TariffElement Element { get; init; }

    public required PriceComponent Component { get; init; }

    /// <summary>What one unit of volume costs (a mWh, a nanosecond, a session), in units of 1 / <see cref="CompiledTariff.AmountDenominator"/>.</summary>
    public required Int128 PricePerUnit { get; init; }

    /// <summary>The step in mWh or nanoseconds; 0 = none.</summary>
    public required long Step { get; init; }

    /// <summary>Index into the compiled tariff's VAT rates.</summary>
    public required int VatIndex { get; init; }

    /// <summary>No VAT is stated where one should be.</summary>
    public required bool VatNotStated { get; init; }
}
