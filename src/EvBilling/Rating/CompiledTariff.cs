using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using EvBilling.Tariffs;

namespace EvBilling.Rating;

/// <summary>
/// A tariff made ready for rating, once for any number of sessions, or several of one currency that rate a session together: per dimension the components that
/// may price it, restrictions, prices and VAT as integers. Immutable, so that threads may share it.
/// </summary>
public sealed class CompiledTariff
{
    private const long MwhPerWh = 1_000;
    private const long NsPerSecond = 1_000_000_000;
    private const int HoursScaleMax = 25;

    private readonly Int128[] _prices;
    private readonly long[]? _shortPrices;

    private CompiledTariff(
        ImmutableArray<TariffPart> parts, ImmutableArray<PricedComponent> components, ImmutableArray<TariffElement> elements, ElementCondition[] conditions,
        ImmutableArray<VatRate> vatRates, int priceScale, int vatScale, RatingOptions options)
    {
        Parts = parts;
        Components = components;
        Elements = elements;
        Conditions = conditions;
        VatRates = vatRates;
        PriceScale = priceScale;
        MillionthsDenominator = Exact.PowerOfTen(priceScale) * AmountPass.Million;
        HoursDenominator = priceScale <= HoursScaleMax ? Exact.PowerOfTen(priceScale) * AmountPass.HourNs : null;
        Options = options;
        HundredPercent = Exact.PowerOfTen(vatScale) * 100;
        MinorFactor = Exact.PowerOfTen(Source.Currency.MinorUnits);
        NeedsLocalTime = Array.Exists(conditions, condition => (condition.Needs & ElementNeeds.LocalTime) != 0);
        HasRestrictions = Array.Exists(conditions, condition => condition.Needs != ElementNeeds.None);
        HasReservations = Array.Exists(conditions, condition => condition.Reservation != ReservationRestriction.None);
        ElementOf = [.. components.Select(component => component.ElementNumber)];
        VatIndexOf = [.. components.Select(component => component.VatIndex)];
        StatesAllVat = vatRates.All(rate => rate.IsKnown) && components.All(component => !component.VatNotStated);
        _prices = [.. components.Select(component => component.Price)];
        var isShort = Array.TrueForAll(_prices, price => price >= long.MinValue && price <= long.MaxValue);
        _shortPrices = isShort ? [.. _prices.Select(price => (long)price)] : null;
    }

    /// <summary>The tariff as its publisher states it; of several the first.</summary>
    public Tariff Source => Parts[0].Source;

    public Currency Currency => Source.Currency;

    /// <summary>The readings it was compiled for.</summary>
    public RatingOptions Options { get; }

    /// <summary>Whether some restriction asks for local time, so that a zone must be known.</summary>
    public bool NeedsLocalTime { get; }

    /// <summary>Prices contain the taxes (OCPI 2.3.0 tax_included YES).</summary>
    internal bool IsGrossPriced => IsGross(Source);

    internal bool HasRestrictions { get; }

    internal bool HasReservations { get; }

    /// <summary>Whether power or current decides what applies.</summary>
    internal bool NeedsMeasures => Array.Exists(Conditions, condition => (condition.Needs & (ElementNeeds.Power | ElementNeeds.Current)) != 0);

    internal ImmutableArray<TariffPart> Parts { get; }

    internal ImmutableArray<PricedComponent> Components { get; }

    /// <summary>Of each component the number of its element, apart from all else that it is: rating looks for nothing else as often.</summary>
    internal int[] ElementOf { get; }

    internal int[] VatIndexOf { get; }

    /// <summary>No component leaves a question about its VAT.</summary>
    internal bool StatesAllVat { get; }

    /// <summary>Of all parts.</summary>
    internal ImmutableArray<TariffElement> Elements { get; }

    /// <summary>Of each element.</summary>
    internal ElementCondition[] Conditions { get; }

    /// <summary>Ascending, what has no rate first.</summary>
    internal ImmutableArray<VatRate> VatRates { get; }

    /// <summary>Decimals of the prices.</summary>
    internal int PriceScale { get; }

    /// <summary>Of sums in millionths of a price unit.</summary>
    internal Int128 MillionthsDenominator { get; }

    /// <summary>Of sums in nanoseconds times a price an hour; null = beyond 128 bits.</summary>
    internal Int128? HoursDenominator { get; }

    /// <summary>100 % at the scale of <see cref="VatRate.Weight"/>.</summary>
    internal Int128 HundredPercent { get; }

    /// <summary>Minor units in a unit of the currency.</summary>
    internal Int128 MinorFactor { get; }

    internal ReadOnlySpan<Int128> Prices => _prices;

    /// <summary>The same where all fit; else empty.</summary>
    internal ReadOnlySpan<long> ShortPrices => _shortPrices;

    /// <summary>The tariffs it was made of, in their order.</summary>
    public IEnumerable<Tariff> Sources => Parts.Select(part => part.Source);

    /// <summary>Makes a tariff ready for rating by EvBilling's own readings.</summary>
    /// <param name="tariff">A tariff that was read.</param>
    /// <param name="version">The version whose rules hold; null = the tariff's own.</param>
    /// <param name="compiled">Set where it returns true.</param>
    /// <param name="refusal">Set where it returns false: path within the tariff, what, remedy.</param>
    public static bool TryCompile(
        Tariff tariff, OcpiVersion? version, [NotNullWhen(true)] out CompiledTariff? compiled, [NotNullWhen(false)] out TariffRefusal? refusal) =>
        TryCompile([tariff], version, RatingOptions.Default, out compiled, out refusal);

    /// <summary>Makes one or several tariffs ready for rating.</summary>
    /// <param name="tariffs">At least one, in the order that decides between them.</param>
    /// <param name="options">The readings that hold.</param>
    /// <inheritdoc cref="TryCompile(Tariff, OcpiVersion?, out CompiledTariff?, out TariffRefusal?)"/>
    public static bool TryCompile(
        IReadOnlyList<Tariff> tariffs, OcpiVersion? version, RatingOptions options, [NotNullWhen(true)] out CompiledTariff? compiled,
        [NotNullWhen(false)] out TariffRefusal? refusal)
    {
        ArgumentNullException.ThrowIfNull(options);
        (compiled, refusal) = (null, null);
        for (var i = 1; i < tariffs.Count; i++)
        {
            if (tariffs[i].Currency != tariffs[0].Currency)
            {
                refusal = new TariffRefusal(
                    "/currency", $"{tariffs[i].Currency.Code} is not the currency of the first tariff, {tariffs[0].Currency.Code}; please rate them apart.");
                return false;
            }
            if (IsGross(tariffs[i]) != IsGross(tariffs[0]))
            {
                refusal = new TariffRefusal(
                    "/tax_included", "Some of the tariffs state prices with taxes and some without; please rate them apart.");
                return false;
            }
        }
        try
        {
            compiled = Compile(tariffs, version, options);
            return true;
        }
        catch (OverflowException)
        {
            refusal = new TariffRefusal(
                "/elements", "The tariff's prices and VAT rates together have more digits than can be added exactly; please state them with fewer decimals.");
            return false;
        }
    }

    internal static bool IsGross(Tariff tariff) => tariff.TaxIncluded == TaxIncluded.Yes;

    private static CompiledTariff Compile(IReadOnlyList<Tariff> tariffs, OcpiVersion? version, RatingOptions options)
    {
        var all = tariffs.SelectMany(tariff => tariff.Elements).SelectMany(element => element.PriceComponents).ToArray();
        var priceScale = all.Select(component => (int)component.Price.Scale).DefaultIfEmpty().Max();
        var vatScale = all.Select(component => (int)(component.Vat?.Scale ?? 0)).DefaultIfEmpty().Max();
        VatRate RateOf(Tariff tariff, PriceComponent component) => RateIn(component, tariff.TaxIncluded, version ?? tariff.Version, vatScale);
        ImmutableArray<VatRate> vatRates =
        [
            .. tariffs.SelectMany(tariff => tariff.Elements.SelectMany(element => element.PriceComponents).Select(component => RateOf(tariff, component)))
                .Distinct().OrderBy(rate => rate.Percent),
        ];
        var parts = ImmutableArray.CreateBuilder<TariffPart>(tariffs.Count);
        var components = ImmutableArray.CreateBuilder<PricedComponent>(all.Length);
        var conditions = new List<ElementCondition>();
        foreach (var tariff in tariffs)
        {
            var part = new TariffPart(tariff, parts.Count) { FirstElement = conditions.Count, EndElement = conditions.Count + tariff.Elements.Length };
            var candidates = Enumerable.Range(0, TariffDimensions.Count).Select(_ => new List<int>()).ToArray();
            foreach (var element in tariff.Elements)
            {
                var taken = 0;
                foreach (var component in element.PriceComponents)
                {
                    var dimension = (int)component.Dimension;
                    // Two components of one dimension in an element: the first counts.
                    if ((taken & (1 << dimension)) == 0)
                    {
                        taken |= 1 << dimension;
                        candidates[dimension].Add(components.Count);
                    }
                    var rate = RateOf(tariff, component);
                    components.Add(new PricedComponent(
                        part, element, component, conditions.Count, Exact.Scaled(component.Price, priceScale), Step(component), vatRates.IndexOf(rate),
                        component.Vat is null && rate.Percent is not null));
                }
                conditions.Add(new ElementCondition(element.Conditions, options));
            }
            for (var i = 0; i < candidates.Length; i++)
            {
                part.Candidates[i] = [.. candidates[i]];
            }
            parts.Add(part);
        }
        return new CompiledTariff(
            parts.DrainToImmutable(), components.DrainToImmutable(), [.. tariffs.SelectMany(tariff => tariff.Elements)], [.. conditions], vatRates, priceScale, vatScale, options);
    }

    /// <summary>Rule <c>missing_vat</c>: no VAT stated is 0 % from OCPI 2.2.1 on, and unknown in 2.1.1; N/A means that no tax applies.</summary>
    private static VatRate RateIn(PriceComponent component, TaxIncluded taxIncluded, OcpiVersion version, int vatScale)
    {
        if (taxIncluded == TaxIncluded.NotApplicable)
        {
            return new VatRate(null, 0, IsKnown: true);
        }
        return component.Vat is null && version == OcpiVersion.V211
            ? new VatRate(null, 0, IsKnown: false)
            : new VatRate(component.Vat ?? 0, Exact.Scaled(component.Vat ?? 0, vatScale), IsKnown: true);
    }

    /// <summary>OCPI 2.2.1 mod_tariffs 1.4.2: step_size is in Wh or seconds; FLAT has none.</summary>
    private static long Step(PriceComponent component) => component.Dimension switch
    {
        TariffDimension.Energy => component.StepSize * MwhPerWh,
        TariffDimension.Flat => 0,
        _ => component.StepSize * NsPerSecond,
    };
}
