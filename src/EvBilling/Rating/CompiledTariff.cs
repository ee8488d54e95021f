using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using EvBilling.Tariffs;

namespace EvBilling.Rating;

/// <summary>
/// A tariff made ready for rating, once for any number of sessions, or several of one currency that rate a session together: per dimension the components that
/// may price it, restrictions, prices and VAT as integers. Immutable, so that threads may share it.
/// </summary>
public sealed partial class CompiledTariff
{
    private const int MillionDigits = 6;
    private const int HundredDigits = 2;
    private const int HoursScaleMax = 25;
    private const int ShortVatScaleMax = 6;

    private PricedComponent[] _components;
    private ElementCondition[] _conditions;
    private VatRate[] _vatRates;
    private int _componentCount;
    private int _conditionCount;
    private readonly ImmutableArray<TariffElement> _elements;

    private CompiledTariff(scoped in TariffCompiler tables, RatingOptions options)
    {
        Parts = ImmutableCollectionsMarshal.AsImmutableArray(tables.Parts);
        (_components, _componentCount) = (tables.Components, tables.Components.Length);
        (_conditions, _conditionCount) = (tables.Conditions, tables.Conditions.Length);
        _vatRates = tables.VatRates;
        _elements = tables.Elements;
        Options = options;
        SetScales(tables.PriceScale, tables.VatScale);
        MinorFactor = Exact.PowerOfTen(Source.Currency.MinorUnits);
        Currency = Source.Currency;
        IsGrossPriced = IsGross(Source);
        SetFromConditions();
        StatesAllVat = true;
        foreach (ref readonly var rate in VatRates)
        {
            StatesAllVat &= rate.IsKnown;
        }
        HasShortPrices = true;
        foreach (ref readonly var component in Components)
        {
            StatesAllVat &= !component.VatNotStated;
            HasShortPrices &= component.Price >= long.MinValue && component.Price <= long.MaxValue;
        }
        IsPlain = Parts.Length == 1 && HasShortPrices && !HasReservations && _componentCount <= QuickPass.ComponentsMax
            && (ReferenceEquals(options, RatingOptions.Default) || options == RatingOptions.Default);
    }

    /// <summary>The tariff as its publisher states it; of several the first.</summary>
    public Tariff Source => Parts[0].Source;

    public Currency Currency { get; private set; }

    /// <summary>The readings it was compiled for.</summary>
    public RatingOptions Options { get; }

    /// <summary>Whether some restriction asks for local time, so that a zone must be known.</summary>
    public bool NeedsLocalTime { get; private set; }

    /// <summary>Prices contain the taxes (OCPI 2.3.0 tax_included YES).</summary>
    internal bool IsGrossPriced { get; private set; }

    internal bool HasRestrictions { get; private set; }

    /// <summary>Versions of one tariff take each other's place within a session (rule <c>mid_session_change</c>).</summary>
    internal bool ChangesMidSession => Parts.Length > 1 && Options.MidSessionChange == MidSessionChangeRule.PerPeriod;

    internal bool HasReservations { get; private set; }

    /// <summary>Whether power or current decides what applies.</summary>
    internal bool NeedsMeasures { get; private set; }

    internal ImmutableArray<TariffPart> Parts { get; }

    internal ReadOnlySpan<PricedComponent> Components => _components.AsSpan(0, _componentCount);

    /// <summary>No component leaves a question about its VAT.</summary>
    internal bool StatesAllVat { get; private set; }

    /// <summary>Of all parts.</summary>
    internal ImmutableArray<TariffElement> Elements => _elements.IsDefault ? Source.Elements : _elements;

    /// <summary>Of each element.</summary>
    internal ReadOnlySpan<ElementCondition> Conditions => _conditions.AsSpan(0, _conditionCount);

    /// <summary>Ascending, what has no rate first.</summary>
    internal ReadOnlySpan<VatRate> VatRates => _vatRates;

    /// <summary>Decimals of the prices.</summary>
    internal int PriceScale { get; private set; }

    /// <summary>Of sums in millionths of a price unit.</summary>
    internal Int128 MillionthsDenominator { get; private set; }

    /// <summary>Of sums in nanoseconds times a price an hour; null = beyond 128 bits.</summary>
    internal Int128? HoursDenominator { get; private set; }

    /// <summary>100 % at the scale of <see cref="VatRate.Weight"/>.</summary>
    internal Int128 HundredPercent { get; private set; }

    /// <summary>The same where the rates have few decimals; else 0. VAT rates are under 10^9 %, so that their weights are short too.</summary>
    internal long ShortHundredPercent { get; private set; }

    /// <summary>Minor units in a unit of the currency.</summary>
    internal Int128 MinorFactor { get; private set; }

    /// <summary>Each price fits in 64 bits.</summary>
    internal bool HasShortPrices { get; private set; }

    /// <summary><see cref="QuickPass"/> may rate by it.</summary>
    internal bool IsPlain { get; private set; }

    /// <summary>The tariffs it was made of, in their order.</summary>
    public IEnumerable<Tariff> Sources => Parts.Select(part => part.Source);

    /// <summary>Makes a tariff ready for rating by EvBilling's own readings.</summary>
    /// <param name="tariff">A tariff that was read.</param>
    /// <param name="version">The version whose rules hold; null = the tariff's own.</param>
    /// <param name="compiled">Set where it returns true.</param>
    /// <param name="refusal">Set where it returns false: path within the tariff, what, remedy.</param>
    public static bool TryCompile(
        Tariff tariff, OcpiVersion? version, [NotNullWhen(true)] out CompiledTariff? compiled, [NotNullWhen(false)] out TariffRefusal? refusal) =>
        TryCompile(new ReadOnlySpan<Tariff>(in tariff), version, RatingOptions.Default, out compiled, out refusal);

    /// <summary>Makes one or several tariffs ready for rating.</summary>
    /// <param name="tariffs">At least one, in the order that decides between them.</param>
    /// <param name="options">The readings that hold.</param>
    /// <inheritdoc cref="TryCompile(Tariff, OcpiVersion?, out CompiledTariff?, out TariffRefusal?)"/>
    public static bool TryCompile(
        IReadOnlyList<Tariff> tariffs, OcpiVersion? version, RatingOptions options, [NotNullWhen(true)] out CompiledTariff? compiled,
        [NotNullWhen(false)] out TariffRefusal? refusal)
    {
        ArgumentNullException.ThrowIfNull(tariffs);
        ArgumentNullException.ThrowIfNull(options);
        return TryCompile(tariffs.ToArray(), version, options, out compiled, out refusal);
    }

    private void SetScales(int priceScale, int vatScale)
    {
        PriceScale = priceScale;
        MillionthsDenominator = Exact.PowerOfTen(priceScale + MillionDigits);
        // Up to that scale it has less than 127 bits.
        HoursDenominator = priceScale <= HoursScaleMax ? unchecked(MillionthsDenominator * AmountPass.NsPerMillionthOfHour) : null;
        HundredPercent = Exact.PowerOfTen(vatScale + HundredDigits);
        ShortHundredPercent = vatScale <= ShortVatScaleMax ? (long)HundredPercent : 0;
    }

    private void SetFromConditions()
    {
        var (needs, hasReservations) = (ElementNeeds.None, false);
        foreach (ref readonly var condition in Conditions)
        {
            needs |= condition.Needs;
            hasReservations |= condition.Reservation != ReservationRestriction.None;
        }
        NeedsLocalTime = (needs & ElementNeeds.LocalTime) != 0;
        NeedsMeasures = (needs & (ElementNeeds.Power | ElementNeeds.Current)) != 0;
        HasRestrictions = needs != ElementNeeds.None;
        HasReservations = hasReservations;
    }

    internal static bool IsGross(Tariff tariff) => tariff.TaxIncluded == TaxIncluded.Yes;

    private static bool TryCompile(
        ReadOnlySpan<Tariff> tariffs, OcpiVersion? version, RatingOptions options, [NotNullWhen(true)] out CompiledTariff? compiled,
        [NotNullWhen(false)] out TariffRefusal? refusal)
    {
        (compiled, refusal) = (null, null);
        for (var i = 1; i < tariffs.Length; i++)
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
            compiled = new CompiledTariff(new TariffCompiler(tariffs, version, options), options);
            return true;
        }
        catch (OverflowException)
        {
            refusal = new TariffRefusal(
                "/elements", "The tariff's prices and VAT rates together have more digits than can be added exactly; please state them with fewer decimals.");
            return false;
        }
    }
}
