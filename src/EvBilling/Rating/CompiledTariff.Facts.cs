using System.Runtime.CompilerServices;
using EvBilling.Tariffs;

namespace EvBilling.Rating;

/// <summary>The way from what a tariff's text states to its tables, without a <see cref="Tariff"/>: for one tariff by EvBilling's own readings.</summary>
public sealed partial class CompiledTariff
{
    private const int RatesMax = 8;

    private Candidate[] _candidates = [];

    /// <param name="read">Reads the tariff, where something asks for what its tables do not hold.</param>
    internal CompiledTariff(Func<Tariff> read)
    {
        Parts = [new(read)];
        (_components, _conditions, _vatRates) = ([], [], []);
        Options = RatingOptions.Default;
    }

    /// <summary>
    /// How often it has become another tariff: 0 for all but that of a <see cref="Cdrs.TextRater"/>, which uses its tables again. Results remember it, so that none is
    /// told by another tariff than it was rated by.
    /// </summary>
    internal int Generation { get; private set; }

    /// <summary>Makes it another tariff's.</summary>
    /// <returns>False: it is left to <see cref="TariffCompiler"/>, and this may not rate before it has become another.</returns>
    internal bool TryBecome(TariffFacts facts, OcpiVersion? version)
    {
        Generation++;
        var components = facts.Components;
        var elements = facts.Elements;
        if (components.Length > QuickPass.ComponentsMax)
        {
            return false;
        }
        var (priceScale, vatScale) = (0, 0);
        foreach (ref readonly var component in components)
        {
            priceScale = Math.Max(priceScale, component.Price.Decimals);
            vatScale = Math.Max(vatScale, component.HasVat ? component.Vat.Decimals : 0);
        }
        SetScales(priceScale, vatScale);
        Currency = facts.Currency;
        MinorFactor = Exact.PowerOfTen(Currency.MinorUnits);
        IsGrossPriced = facts.TaxIncluded == TaxIncluded.Yes;
        var limits = facts.MinPrice.IsStated || facts.MaxPrice.IsStated ? new LimitBounds(facts.MinPrice, facts.MaxPrice, priceScale) : (LimitBounds?)null;
        Parts[0].Become(
            (facts.Stated & TariffMember.Start) != 0 ? WholeTicks(facts.StartNs) : long.MinValue, (facts.Stated & TariffMember.End) != 0 ? WholeTicks(facts.EndNs) : long.MaxValue, limits);
        var vatIndexes = default(IndexByComponent);
        if (!TrySetConditions(elements) || !TrySetRates(facts, vatScale, version ?? facts.Version, vatIndexes) || !TrySetComponents(facts, vatIndexes))
        {
            return false;
        }
        Parts[0].SetCandidates(Components, 0, _componentCount, Conditions, _candidates);
        SetFromConditions();
        HasShortPrices = true;
        IsPlain = !HasReservations;
        return true;
    }

    // As it is where a Tariff holds the time.
    private static long WholeTicks(long unixNs) => unixNs - (((unixNs % 100) + 100) % 100);

    private bool TrySetConditions(ReadOnlySpan<ElementFacts> elements)
    {
        _conditionCount = elements.Length;
        if (_conditions.Length < elements.Length)
        {
            _conditions = new ElementCondition[elements.Length];
        }
        var areExact = true;
        for (var i = 0; i < elements.Length; i++)
        {
            _conditions[i] = new(elements[i].Restrictions, out var isExact);
            areExact &= isExact;
        }
        return areExact;
    }

    /// <param name="vatIndexes">Set for each component.</param>
    private bool TrySetRates(TariffFacts facts, int vatScale, OcpiVersion version, Span<byte> vatIndexes)
    {
        var room = default(RateRoom);
        Span<RateFacts> rates = room;
        var count = 0;
        StatesAllVat = true;
        for (var i = 0; i < facts.ComponentCount; i++)
        {
            var rate = RateOf(facts.Components[i], facts, vatScale, version, out var isShort);
            StatesAllVat &= rate.IsKnown;
            var at = 0;
            while (at < count && rates[at].IsUnder(rate))
            {
                at++;
            }
            if (at < count && rates[at] == rate)
            {
                continue;
            }
            if (count == RatesMax || !isShort)
            {
                return false;
            }
            if (at < count)
            {
                rates[at..count].CopyTo(rates[(at + 1)..]);
            }
            rates[at] = rate;
            count++;
        }
        if (_vatRates.Length != count)
        {
            _vatRates = new VatRate[count];
        }
        for (var i = 0; i < count; i++)
        {
            _vatRates[i] = new(rates[i].HasPercent ? Exact.Decimal(rates[i].Weight, (byte)vatScale) : null, rates[i].Weight, rates[i].IsKnown);
        }
        for (var i = 0; i < facts.ComponentCount; i++)
        {
            vatIndexes[i] = (byte)(count == 1 ? 0 : rates[..count].IndexOf(RateOf(facts.Components[i], facts, vatScale, version, out _)));
        }
        return true;
    }

    private static RateFacts RateOf(in ComponentFacts component, TariffFacts facts, int vatScale, OcpiVersion version, out bool isShort)
    {
        var (hasPercent, isKnown) = VatRate.Rule(facts.TaxIncluded, component.HasVat, version);
        var weight = 0L;
        isShort = !hasPercent || !component.HasVat || component.Vat.TryScale(vatScale, out weight);
        return new(weight, hasPercent, isKnown);
    }

    private bool TrySetComponents(TariffFacts facts, ReadOnlySpan<byte> vatIndexes)
    {
        var components = facts.Components;
        _componentCount = components.Length;
        if (_components.Length < components.Length)
        {
            (_components, _candidates) = (new PricedComponent[components.Length], new Candidate[components.Length]);
        }
        var part = Parts[0];
        var elements = facts.Elements;
        for (var element = 0; element < elements.Length; element++)
        {
            var first = elements[element].FirstComponent;
            for (var i = first; i < elements[element].EndComponent; i++)
            {
                ref readonly var component = ref components[i];
                if (!component.Price.TryScale(PriceScale, out var price))
                {
                    return false;
                }
                var isVatNotStated = !component.HasVat && _vatRates[vatIndexes[i]].Percent is not null;
                StatesAllVat &= !isVatNotStated;
                _components[i] = new(
                    part, element, i - first, component.Dimension, price, PricedComponent.Step(component.Dimension, component.StepSize), vatIndexes[i], isVatNotStated);
            }
        }
        return true;
    }

    // Not on the stack by stackalloc: code with both that and loops is compiled once, from nothing that was seen.
    [InlineArray(RatesMax)]
    private struct RateRoom
    {
        private RateFacts _first;
    }

    [InlineArray(QuickPass.ComponentsMax)]
    private struct IndexByComponent
    {
        private byte _first;
    }

    private readonly record struct RateFacts(long Weight, bool HasPercent, bool IsKnown)
    {
        /// <summary>What has no rate comes first.</summary>
        public bool IsUnder(RateFacts other) => HasPercent ? other.HasPercent && Weight < other.Weight : other.HasPercent;
    }
}
