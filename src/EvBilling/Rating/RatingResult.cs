using System.Numerics;
using System.Runtime.CompilerServices;

namespace EvBilling.Rating;

/// <summary>
/// What <see cref="Rater.Rate"/> makes of a session: lines and sums in integers, exact. The caller owns it and may use it again for any session and tariff;
/// it grows to the longest session it has held and then allocates nothing. Not for several threads at once.
/// </summary>
public sealed class RatingResult
{
    private const int FewSumsMax = 2;

    private CompiledTariff? _tariff;
    private int _generation;
    private LongResult? _long;
    private Int128[]? _manySums;
    private FewSums _fewSums;

    /// <param name="lineCapacity">For how many lines there is room at first.</param>
    public RatingResult(int lineCapacity = 8) => Lines = new LineList<long>(lineCapacity);

    /// <summary>Anything but <see cref="RatingOutcome.Priced"/>: there is no price.</summary>
    public RatingOutcome Outcome { get; internal set; }

    public RatingFlags Flags { get; internal set; }

    /// <summary>Lines of the bill, in the order of their first period, then of their dimension, without those that min_price or max_price make.</summary>
    public int LineCount => IsLong ? Long.Lines.Count : Lines.Count;

    /// <summary>The session's start as it was rated, in nanoseconds since 1970-01-01T00:00:00Z.</summary>
    public long StartUnixNs { get; private set; }

    /// <summary>The session's end, likewise.</summary>
    public long EndUnixNs { get; private set; }

    /// <summary>Which of the tariffs min_price and max_price are taken from: its place, from 0.</summary>
    public int TariffIndex => PricedBy?.Number ?? 0;

    /// <summary>What min_price or max_price made of the totals; null = they left them alone.</summary>
    public ClampedTotals? Clamped { get; internal set; }

    /// <exception cref="InvalidOperationException">It was that of a <see cref="Cdrs.TextRater"/>, which has another one now.</exception>
    internal CompiledTariff? Tariff => _tariff is null || _tariff.Generation == _generation ? _tariff : throw Outlived();

    internal TariffPart? PricedBy { get; set; }

    internal int PeriodCount { get; private set; }

    internal bool IsCredit { get; private set; }

    /// <summary>Volumes or sums needed more digits than short integers have: the long lines and sums count.</summary>
    internal bool IsLong { get; set; }

    internal LineList<long> Lines { get; }

    /// <summary>What counts where <see cref="IsLong"/> holds.</summary>
    internal LongResult Long => _long ??= new();

    /// <summary>Amounts by VAT rate as the tariff states them, over <see cref="Denominator"/>: without VAT, or with it where its prices contain it.</summary>
    internal Span<Int128> SumByVat
    {
        get
        {
            var count = Tariff?.VatRates.Length ?? 0;
            return count <= FewSumsMax ? ((Span<Int128>)_fewSums)[..count] : _manySums.AsSpan(0, count);
        }
    }

    internal Int128 Denominator { get; set; }

    /// <summary>False: a component that priced something does not tell its VAT (OCPI 2.1.1).</summary>
    internal bool IsVatKnown { get; set; }

    internal void Begin(CompiledTariff tariff, in RatingSession session)
    {
        (_tariff, _generation) = (tariff, tariff.Generation);
        PricedBy = null;
        PeriodCount = session.Periods.Length;
        IsCredit = session.IsCredit;
        StartUnixNs = session.StartUnixNs;
        EndUnixNs = session.EndUnixNs;
        Outcome = RatingOutcome.Priced;
        Flags = RatingFlags.None;
        Lines.Clear();
        _long?.Lines.Clear();
        IsLong = false;
        IsVatKnown = true;
        Clamped = null;
        Denominator = 1;
        if (tariff.VatRates.Length > FewSumsMax && (_manySums is null || _manySums.Length < tariff.VatRates.Length))
        {
            _manySums = new Int128[tariff.VatRates.Length];
        }
        SumByVat.Clear();
    }

    internal void Refuse(RatingOutcome outcome)
    {
        Outcome = outcome;
        Lines.Clear();
        _long?.Lines.Clear();
        IsLong = false;
        SumByVat.Clear();
        Clamped = null;
    }

    private static InvalidOperationException Outlived() =>
        new("The result was rated by a tariff's text, in whose place another was set since; take what is wanted of a result before setting the next tariff.");

    [InlineArray(FewSumsMax)]
    private struct FewSums
    {
        private Int128 _first;
    }
}

/// <summary>Lines and sums of a session whose volumes or prices need more digits than short integers have.</summary>
internal sealed class LongResult
{
    public LineList<BigInteger> Lines { get; } = new(8);

    /// <summary>Over <see cref="Denominator"/>.</summary>
    public BigInteger[] SumByVat { get; set; } = [];

    public BigInteger Denominator { get; set; }
}

/// <summary>The totals as min_price or max_price made them (rule <c>clamp_vat</c>).</summary>
/// <param name="InclVat">Null = not known.</param>
/// <param name="IsMaximum">Whether max_price was the last to change one.</param>
public sealed record ClampedTotals(ExactRatio ExclVat, ExactRatio? InclVat, bool IsMaximum);
