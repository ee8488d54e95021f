using System.Collections.Immutable;
using EvBilling.Tariffs;

namespace EvBilling.Rating;

/// <summary>Makes the tables of a <see cref="CompiledTariff"/>, in one pass over each tariff's components after one that counts them.</summary>
internal ref struct TariffCompiler
{
    private const int None = -1;

    private readonly ReadOnlySpan<Tariff> _tariffs;
    private readonly OcpiVersion? _version;

    /// <param name="tariffs">At least one.</param>
    /// <param name="version">The version whose rules hold; null = each tariff's own.</param>
    /// <exception cref="OverflowException">Prices or VAT rates have more digits than can be added exactly.</exception>
    public TariffCompiler(ReadOnlySpan<Tariff> tariffs, OcpiVersion? version, RatingOptions options)
    {
        _tariffs = tariffs;
        _version = version;
        var (componentCount, elementCount) = Measure();
        Parts = new TariffPart[tariffs.Length];
        Components = new PricedComponent[componentCount];
        Conditions = new ElementCondition[elementCount];
        Elements = tariffs.Length == 1 ? tariffs[0].Elements : AllElements(elementCount);
        VatRates = DistinctRates();
        Fill(options);
    }

    public TariffPart[] Parts { get; }

    public PricedComponent[] Components { get; }

    public ImmutableArray<TariffElement> Elements { get; }

    public ElementCondition[] Conditions { get; }

    /// <summary>Ascending, what has no rate first.</summary>
    public VatRate[] VatRates { get; }

    public int PriceScale { get; private set; }

    public int VatScale { get; private set; }

    private (int Components, int Elements) Measure()
    {
        var (components, elements) = (0, 0);
        foreach (var tariff in _tariffs)
        {
            elements += tariff.Elements.Length;
            foreach (var element in tariff.Elements)
            {
                components += element.PriceComponents.Length;
                foreach (var component in element.PriceComponents)
                {
                    PriceScale = Math.Max(PriceScale, component.Price.Scale);
                    VatScale = Math.Max(VatScale, component.Vat?.Scale ?? 0);
                }
            }
        }
        return (components, elements);
    }

    private readonly ImmutableArray<TariffElement> AllElements(int count)
    {
        var elements = ImmutableArray.CreateBuilder<TariffElement>(count);
        foreach (var tariff in _tariffs)
        {
            elements.AddRange(tariff.Elements);
        }
        return elements.MoveToImmutable();
    }

    private readonly VatRate[] DistinctRates()
    {
        VatRate[] rates = [];
        foreach (var tariff in _tariffs)
        {
            var (previous, isFirst) = (default(decimal?), true);
            foreach (var element in tariff.Elements)
            {
                foreach (var component in element.PriceComponents)
                {
                    // Most tariffs have one rate.
                    if (isFirst || component.Vat != previous)
                    {
                        (previous, isFirst) = (component.Vat, false);
                        var rate = RateOf(tariff, component);
                        if (IndexOf(rates, rate) == None)
                        {
                            rates = With(rates, rate);
                        }
                    }
                }
            }
        }
        return rates;
    }

    // There are few of them.
    private static VatRate[] With(VatRate[] rates, in VatRate rate)
    {
        if (rates.Length == 0)
        {
            return [rate];
        }
        var at = 0;
        while (at < rates.Length && !IsUnder(rate, rates[at]))
        {
            at++;
        }
        var more = new VatRate[rates.Length + 1];
        rates.AsSpan(0, at).CopyTo(more);
        more[at] = rate;
        rates.AsSpan(at).CopyTo(more.AsSpan(at + 1));
        return more;
    }

    private static bool IsUnder(in VatRate rate, in VatRate other) => other.Percent is { } percent && (rate.Percent is not { } own || own < percent);

    // All weights are at one scale, so that those of equal rates are equal.
    private static int IndexOf(VatRate[] rates, in VatRate rate)
    {
        for (var i = 0; i < rates.Length; i++)
        {
            if (rates[i].Weight == rate.Weight && rates[i].IsKnown == rate.IsKnown && rates[i].Percent.HasValue == rate.Percent.HasValue)
            {
                return i;
            }
        }
        return None;
    }

    private readonly void Fill(RatingOptions options)
    {
        var (elementCount, componentCount) = (0, 0);
        for (var i = 0; i < _tariffs.Length; i++)
        {
            var tariff = _tariffs[i];
            var part = new TariffPart(tariff, i, PriceScale) { FirstElement = elementCount, EndElement = elementCount + tariff.Elements.Length };
            var firstComponent = componentCount;
            foreach (var element in tariff.Elements)
            {
                for (var place = 0; place < element.PriceComponents.Length; place++)
                {
                    var component = element.PriceComponents[place];
                    var vatIndex = VatRates.Length == 1 ? 0 : IndexOf(VatRates, RateOf(tariff, component));
                    Components[componentCount] = new(
                        part, elementCount, place, component.Dimension, Exact.Scaled(component.Price, PriceScale), PricedComponent.Step(component.Dimension, component.StepSize), vatIndex,
                        component.Vat is null && VatRates[vatIndex].Percent is not null);
                    componentCount++;
                }
                Conditions[elementCount] = new(element.Conditions, options);
                elementCount++;
            }
            part.SetCandidates(Components, firstComponent, componentCount, Conditions, new Candidate[componentCount - firstComponent]);
            Parts[i] = part;
        }
    }

    private readonly VatRate RateOf(Tariff tariff, PriceComponent component)
    {
        var (hasPercent, isKnown) = VatRate.Rule(tariff.TaxIncluded, component.Vat is not null, _version ?? tariff.Version);
        return hasPercent ? new(component.Vat ?? 0, Exact.Scaled(component.Vat ?? 0, VatScale), isKnown) : new(null, 0, isKnown);
    }
}
