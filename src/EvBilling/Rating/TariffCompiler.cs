using EvBilling.Tariffs;

namespace EvBilling.Rating;

/// <summary>Makes the tables of a <see cref="CompiledTariff"/>, in one pass over each tariff's components after one that counts them.</summary>
internal sealed class TariffCompiler
{
    private const long MwhPerWh = 1_000;
    private const long NsPerSecond = 1_000_000_000;
    private const int None = -1;

    private readonly IReadOnlyList<Tariff> _tariffs;
    private readonly OcpiVersion? _version;

    /// <param name="tariffs">At least one.</param>
    /// <param name="version">The version whose rules hold; null = each tariff's own.</param>
    /// <exception cref="OverflowException">Prices or VAT rates have more digits than can be added exactly.</exception>
    public TariffCompiler(IReadOnlyList<Tariff> tariffs, OcpiVersion? version, RatingOptions options)
    {
        _tariffs = tariffs;
        _version = version;
        var (componentCount, elementCount) = Measure();
        Parts = new TariffPart[tariffs.Count];
        Components = new PricedComponent[componentCount];
        Elements = new TariffElement[elementCount];
        Conditions = new ElementCondition[elementCount];
        VatRates = DistinctRates();
        Fill(options);
    }

    public TariffPart[] Parts { get; }

    public PricedComponent[] Components { get; }

    public TariffElement[] Elements { get; }

    public ElementCondition[] Conditions { get; }

    /// <summary>Ascending, what has no rate first.</summary>
    public VatRate[] VatRates { get; }

    public int PriceScale { get; private set; }

    public int VatScale { get; private set; }

    private (int Components, int Elements) Measure()
    {
        var (components, elements) = (0, 0);
        for (var i = 0; i < _tariffs.Count; i++)
        {
            elements += _tariffs[i].Elements.Length;
            foreach (var element in _tariffs[i].Elements)
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

    private VatRate[] DistinctRates()
    {
        VatRate[] rates = [];
        for (var i = 0; i < _tariffs.Count; i++)
        {
            foreach (var element in _tariffs[i].Elements)
            {
                foreach (var component in element.PriceComponents)
                {
                    var rate = RateOf(_tariffs[i], component);
                    if (IndexOf(rates, rate) == None)
                    {
                        rates = With(rates, rate);
                    }
                }
            }
        }
        return rates;
    }

    // There are few of them.
    private static VatRate[] With(VatRate[] rates, in VatRate rate)
    {
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

    private void Fill(RatingOptions options)
    {
        var (elementCount, componentCount) = (0, 0);
        for (var i = 0; i < _tariffs.Count; i++)
        {
            var tariff = _tariffs[i];
            var part = new TariffPart(tariff, i) { FirstElement = elementCount, EndElement = elementCount + tariff.Elements.Length };
            var firstComponent = componentCount;
            foreach (var element in tariff.Elements)
            {
                foreach (var component in element.PriceComponents)
                {
                    var rate = RateOf(tariff, component);
                    Components[componentCount] = new(
                        part, element, component, elementCount, Exact.Scaled(component.Price, PriceScale), Step(component), IndexOf(VatRates, rate),
                        component.Vat is null && rate.Percent is not null);
                    componentCount++;
                }
                Elements[elementCount] = element;
                Conditions[elementCount] = new(element.Conditions, options);
                elementCount++;
            }
            SetCandidates(part, firstComponent, componentCount);
            Parts[i] = part;
        }
    }

    private void SetCandidates(TariffPart part, int from, int end)
    {
        for (var dimension = 0; dimension < TariffDimensions.Count; dimension++)
        {
            var count = 0;
            for (var i = from; i < end; i++)
            {
                count += IsCandidate(i, dimension) ? 1 : 0;
            }
            if (count == 0)
            {
                continue;
            }
            var candidates = new int[count];
            count = 0;
            for (var i = from; i < end; i++)
            {
                if (IsCandidate(i, dimension))
                {
                    candidates[count++] = i;
                }
            }
            part.Candidates[dimension] = candidates;
        }
    }

    // Two components of one dimension in an element: the first counts.
    private bool IsCandidate(int component, int dimension)
    {
        var one = Components[component];
        if ((int)one.Dimension != dimension)
        {
            return false;
        }
        for (var before = component - 1; before >= 0 && Components[before].ElementNumber == one.ElementNumber; before--)
        {
            if (Components[before].Dimension == one.Dimension)
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>Rule <c>missing_vat</c>: no VAT stated is 0 % from OCPI 2.2.1 on, and unknown in 2.1.1; N/A means that no tax applies.</summary>
    private VatRate RateOf(Tariff tariff, PriceComponent component)
    {
        if (tariff.TaxIncluded == TaxIncluded.NotApplicable)
        {
            return new VatRate(null, 0, IsKnown: true);
        }
        return component.Vat is null && (_version ?? tariff.Version) == OcpiVersion.V211
            ? new VatRate(null, 0, IsKnown: false)
            : new VatRate(component.Vat ?? 0, Exact.Scaled(component.Vat ?? 0, VatScale), IsKnown: true);
    }

    /// <summary>OCPI 2.2.1 mod_tariffs 1.4.2: step_size is in Wh or seconds; FLAT has none.</summary>
    private static long Step(PriceComponent component) => component.Dimension switch
    {
        TariffDimension.Energy => component.StepSize * MwhPerWh,
        TariffDimension.Flat => 0,
        _ => component.StepSize * NsPerSecond,
    };
}
