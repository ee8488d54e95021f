using EvBilling.Tariffs;
using NodaTime;

namespace EvBilling.Rating;

/// <summary>A price component of a compiled tariff, with the element it stands in.</summary>
/// <param name="ElementNumber">Place of the element among those of all tariffs, from 0.</param>
/// <param name="Place">Among those of its element, from 0.</param>
/// <param name="Price">In units of 10^-scale of the currency, see <see cref="CompiledTariff.PriceScale"/>.</param>
/// <param name="StepUnits">The step in mWh or nanoseconds; 0 = none.</param>
/// <param name="VatIndex">Index into the compiled tariff's VAT rates.</param>
/// <param name="VatNotStated">No VAT is stated where one should be.</param>
internal readonly record struct PricedComponent(
    TariffPart Part, int ElementNumber, int Place, TariffDimension Dimension, Int128 Price, long StepUnits, int VatIndex, bool VatNotStated)
{
    private const long MwhPerWh = 1_000;
    private const long NsPerSecond = 1_000_000_000;

    public TariffElement Element => Part.Source.Elements[ElementNumber - Part.FirstElement];

    public PriceComponent Component => Element.PriceComponents[Place];

    /// <summary>OCPI 2.2.1 mod_tariffs 1.4.2: step_size is in Wh or seconds; FLAT has none.</summary>
    public static long Step(TariffDimension dimension, long stepSize) => dimension switch
    {
        TariffDimension.Energy => stepSize * MwhPerWh,
        TariffDimension.Flat => 0,
        _ => stepSize * NsPerSecond,
    };
}

/// <summary>A component that may price a dimension.</summary>
/// <param name="Component">Index into the compiled tariff's components.</param>
/// <param name="Element">Index of its element's condition.</param>
/// <param name="IsFree">The element has no condition.</param>
internal readonly record struct Candidate(int Component, int Element, bool IsFree);

/// <summary>One tariff of those that a compiled tariff holds: which components may price a dimension, in order.</summary>
internal sealed class TariffPart
{
    private static readonly Instant Earliest = Instant.FromUtc(1800, 1, 1, 0, 0);
    private static readonly Instant Latest = Instant.FromUtc(2200, 1, 1, 0, 0);

    private readonly Func<Tariff>? _read;
    private Tariff? _source;
    private Candidate[] _candidates = [];
    private Dimensions<int> _ends;

    /// <param name="number">From 0, in the order given.</param>
    public TariffPart(Tariff source, int number, int priceScale)
    {
        _source = source;
        Number = number;
        StartNs = source.StartDateTime is { } start ? UnixNs(start) : long.MinValue;
        EndNs = source.EndDateTime is { } end ? UnixNs(end) : long.MaxValue;
        Limits = source.MinPrice is null && source.MaxPrice is null ? null : new(source.MinPrice, source.MaxPrice, priceScale);
    }

    /// <param name="read">Reads the one tariff, where something asks for what its tables do not hold.</param>
    public TariffPart(Func<Tariff> read) => _read = read;

    public Tariff Source => _source ??= _read!();

    /// <summary>From 0, in the order given.</summary>
    public int Number { get; }

    /// <summary>The first of its elements among those of all tariffs, and the one after its last.</summary>
    public int FirstElement { get; init; }

    public int EndElement { get; init; }

    public long StartNs { get; private set; }

    public long EndNs { get; private set; }

    /// <summary>What min_price and max_price bind; null = neither is stated.</summary>
    public LimitBounds? Limits { get; private set; }

    public ReadOnlySpan<Candidate> Candidates(TariffDimension dimension)
    {
        var begin = dimension == 0 ? 0 : _ends[(int)dimension - 1];
        return _candidates.AsSpan(begin, _ends[(int)dimension] - begin);
    }

    /// <summary>Finds what may price each dimension: of two components of one dimension in an element the first.</summary>
    /// <param name="components">Of all tariffs; its own are those from <paramref name="from"/> to before <paramref name="end"/>.</param>
    /// <param name="conditions">Of each element of all tariffs.</param>
    /// <param name="candidates">Takes them, and stays its own; as long as its components at least.</param>
    public void SetCandidates(ReadOnlySpan<PricedComponent> components, int from, int end, ReadOnlySpan<ElementCondition> conditions, Candidate[] candidates)
    {
        var counts = default(Dimensions<int>);
        var firsts = new FirstOfElement();
        for (var i = from; i < end; i++)
        {
            counts[(int)components[i].Dimension] += firsts.Has(components[i]) ? 1 : 0;
        }
        var ends = default(Dimensions<int>);
        for (var dimension = 1; dimension < TariffDimensions.Count; dimension++)
        {
            ends[dimension] = ends[dimension - 1] + counts[dimension - 1];
        }
        firsts = new();
        for (var i = from; i < end; i++)
        {
            ref readonly var component = ref components[i];
            if (firsts.Has(component))
            {
                candidates[ends[(int)component.Dimension]++] = new(i, component.ElementNumber, conditions[component.ElementNumber].Needs == ElementNeeds.None);
            }
        }
        (_candidates, _ends) = (candidates, ends);
    }

    /// <summary>When this version of the tariff came into force, to the millisecond, as sessions are cut: its start, else its last update, else ever (rule <c>mid_session_change</c>).</summary>
    public long BeganNs => (Source.StartDateTime ?? Source.LastUpdated) is { } began ? PeriodCutter.RoundToMs(UnixNs(began)) : long.MinValue;

    public bool IsVersionOf(TariffPart other) =>
        string.Equals(Source.Id, other.Source.Id, StringComparison.OrdinalIgnoreCase)
        && string.Equals(Source.CountryCode, other.Source.CountryCode, StringComparison.OrdinalIgnoreCase)
        && string.Equals(Source.PartyId, other.Source.PartyId, StringComparison.OrdinalIgnoreCase);

    /// <summary>Makes it another tariff's, that is to be read anew where it is asked for.</summary>
    public void Become(long startNs, long endNs, LimitBounds? limits)
    {
        _source = null;
        (StartNs, EndNs, Limits) = (startNs, endNs, limits);
    }

    public bool IsValidAt(long unixNs) => StartNs <= unixNs && unixNs < EndNs;

    // 0001-01-01 and 9999-12-31 stand for ever. No session is beyond these bounds.
    private static long UnixNs(Instant instant) => Instant.Max(Earliest, Instant.Min(instant, Latest)).ToUnixTimeTicks() * 100;

    /// <summary>Tells, of components in their order, which is the first of its dimension in its element.</summary>
    private ref struct FirstOfElement()
    {
        private int _element = -1;
        private int _dimensions;

        public bool Has(in PricedComponent component)
        {
            if (component.ElementNumber != _element)
            {
                (_element, _dimensions) = (component.ElementNumber, 0);
            }
            var bit = 1 << (int)component.Dimension;
            var isFirst = (_dimensions & bit) == 0;
            _dimensions |= bit;
            return isFirst;
        }
    }
}
