using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using EvBilling.Tariffs;

namespace EvBilling.Rating;

/// <summary>
/// A tariff made ready for rating, once for any number of sessions: per dimension the component that prices it, prices and VAT as integers at the tariff's
/// own scale. Immutable, so that threads may share it. Not supported yet, and refused: restrictions, min_price, max_price, prices with taxes included.
/// </summary>
public sealed class CompiledTariff
{
    /// <summary>An hour in nanoseconds: with amounts in this fraction of a price unit, kWh in mWh and hours in ns all stay integers.</summary>
    private const long HourNs = 3_600_000_000_000;

    private const long MwhPerKwh = 1_000_000;
    private const long MwhPerWh = 1_000;
    private const long NsPerSecond = 1_000_000_000;

    private readonly PriceCandidate?[] _candidates;

    private CompiledTariff(Tariff source, PriceCandidate?[] candidates, ImmutableArray<VatRate> vatRates, Int128 amountDenominator, Int128 hundredPercent)
    {
        Source = source;
        _candidates = candidates;
        VatRates = vatRates;
        AmountDenominator = amountDenominator;
        HundredPercent = hundredPercent;
        MinorFactor = Exact.PowerOfTen(source.Currency.MinorUnits);
    }

    /// <summary>The tariff as its publisher states it.</summary>
    public Tariff Source { get; }

    public Currency Currency => Source.Currency;

    /// <summary>Ascending, what has no rate first.</summary>
    internal ImmutableArray<VatRate> VatRates { get; }

    /// <summary>Amounts without VAT are integers in this fraction of the currency.</summary>
    internal Int128 AmountDenominator { get; }

    /// <summary>100 % at the scale of <see cref="VatRate.Weight"/>.</summary>
    internal Int128 HundredPercent { get; }

    /// <summary>Minor units in a unit of the currency.</summary>
    internal Int128 MinorFactor { get; }

    /// <summary>Makes a tariff ready for rating, or says why this version can't price it.</summary>
    /// <param name="tariff">A tariff that was read.</param>
    /// <param name="version">The version whose rules hold; null = the tariff's own.</param>
    /// <param name="compiled">Set where it returns true.</param>
    /// <param name="refusal">Set where it returns false: path within the tariff, what, remedy.</param>
    public static bool TryCompile(
        Tariff tariff, OcpiVersion? version, [NotNullWhen(true)] out CompiledTariff? compiled, [NotNullWhen(false)] out TariffRefusal? refusal)
    {
        compiled = null;
        refusal = Unsupported(tariff);
        if (refusal is not null)
        {
            return false;
        }
        try
        {
            compiled = Compile(tariff, version ?? tariff.Version);
            return true;
        }
        catch (OverflowException)
        {
            refusal = new TariffRefusal(
                "/elements", "The tariff's prices and VAT rates together have more digits than can be added exactly; please state them with fewer decimals.");
            return false;
        }
    }

    /// <summary>
    /// The component that prices a dimension (rule <c>element_choice</c>, per_dimension): the first in the first element that has one. Without restrictions
    /// every element matches every period, so that the choice is made once.
    /// </summary>
    internal PriceCandidate? CandidateOf(TariffDimension dimension) => _candidates[(int)dimension];

    private static TariffRefusal? Unsupported(Tariff tariff)
    {
        if (tariff.MinPrice is not null)
        {
            return new TariffRefusal("/min_price", "min_price is not supported by this version; please leave it out or bill the tariff elsewhere.");
        }
        if (tariff.MaxPrice is not null)
        {
            return new TariffRefusal("/max_price", "max_price is not supported by this version; please leave it out or bill the tariff elsewhere.");
        }
        if (tariff.TaxIncluded == TaxIncluded.Yes)
        {
            return new TariffRefusal("/tax_included", "Prices with taxes included (YES) are not supported by this version; please state them without (NO).");
        }
        foreach (var element in tariff.Elements)
        {
            if (element.Restrictions is [var restriction, ..])
            {
                return new TariffRefusal(
                    $"/elements/{element.Index}/restrictions/{restriction.Name}",
                    $"{restriction.Name} {restriction.Json} is a restriction, which this version does not support; please bill the tariff elsewhere.");
            }
        }
        return null;
    }

    private static CompiledTariff Compile(Tariff tariff, OcpiVersion version)
    {
        var used = new (TariffElement Element, PriceComponent Component)?[TariffDimensions.Count];
        foreach (var element in tariff.Elements)
        {
            foreach (var component in element.PriceComponents)
            {
                used[(int)component.Dimension] ??= (element, component);
            }
        }
        var components = used.Where(pair => pair is not null).Select(pair => pair!.Value.Component).ToArray();
        var priceScale = components.Select(component => (int)component.Price.Scale).DefaultIfEmpty().Max();
        var vatScale = components.Select(component => (int)(component.Vat?.Scale ?? 0)).DefaultIfEmpty().Max();
        var rateOf = components.ToDictionary(component => component, component => RateOf(component, tariff.TaxIncluded, version, vatScale));
        ImmutableArray<VatRate> vatRates = [.. rateOf.Values.Distinct().OrderBy(rate => rate.Percent)];

        // Where nothing is priced by the hour a coarser fraction will do, which leaves room for more digits.
        var commonFactor = components.Select(component => UnitFactor(component.Dimension)).DefaultIfEmpty(HourNs).Min();
        var amountDenominator = HourNs / commonFactor * Exact.PowerOfTen(priceScale);
        var hundredPercent = Exact.PowerOfTen(vatScale) * 100;
        // Sums with VAT are over both denominators; a tenth of the range is kept for long division.
        _ = amountDenominator * hundredPercent * 10;

        var candidates = new PriceCandidate?[TariffDimensions.Count];
        foreach (var (element, component) in used.OfType<(TariffElement, PriceComponent)>())
        {
            candidates[(int)component.Dimension] = new PriceCandidate
            {
                Dimension = component.Dimension,
                Element = element,
                Component = component,
                PricePerUnit = Exact.Scaled(component.Price, priceScale) * (UnitFactor(component.Dimension) / commonFactor),
                Step = Step(component),
                VatIndex = vatRates.IndexOf(rateOf[component]),
                VatNotStated = component.Vat is null && rateOf[component].Percent is not null,
            };
        }
        return new CompiledTariff(tariff, candidates, vatRates, amountDenominator, hundredPercent);
    }

    /// <summary>Rule <c>missing_vat</c>: no VAT stated is 0 % from OCPI 2.2.1 on, and unknown in 2.1.1; N/A means that no tax applies.</summary>
    private static VatRate RateOf(PriceComponent component, TaxIncluded taxIncluded, OcpiVersion version, int vatScale)
    {
        if (taxIncluded == TaxIncluded.NotApplicable)
        {
            return new VatRate(null, 0, IsKnown: true);
        }
        return component.Vat is null && version == OcpiVersion.V211
            ? new VatRate(null, 0, IsKnown: false)
            : new VatRate(component.Vat ?? 0, Exact.Scaled(component.Vat ?? 0, vatScale), IsKnown: true);
    }

    /// <summary>What one unit of volume costs at a price of 1, as a numerator over <see cref="HourNs"/>. Each factor divides all greater ones.</summary>
    private static long UnitFactor(TariffDimension dimension) => dimension switch
    {
        TariffDimension.Energy => HourNs / MwhPerKwh,
        TariffDimension.Flat => HourNs,
        _ => 1,
    };

    /// <summary>OCPI 2.2.1 mod_tariffs 1.4.2: step_size is in Wh or seconds; FLAT has none.</summary>
    private static long Step(PriceComponent component) => component.Dimension switch
    {
        TariffDimension.Energy => component.StepSize * MwhPerWh,
        TariffDimension.Flat => 0,
        _ => component.StepSize * NsPerSecond,
    };
}
