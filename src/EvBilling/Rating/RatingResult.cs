namespace EvBilling.Rating;

/// <summary>
/// What <see cref="Rater.Rate"/> makes of a session: lines and sums in integers, exact. The caller owns it and may use it again for any session and tariff;
/// it grows to the longest session it has held and then allocates nothing. Not for several threads at once.
/// </summary>
public sealed class RatingResult
{
    private RatingLine[] _lines = new RatingLine[8];
    private Int128[] _sums = new Int128[4];

    /// <summary>Anything but <see cref="RatingOutcome.Priced"/>: there is no price.</summary>
    public RatingOutcome Outcome { get; internal set; }

    public RatingFlags Flags { get; internal set; }

    /// <summary>Lines of the bill, in the order of their first period, then of their dimension.</summary>
    public int LineCount { get; private set; }

    internal CompiledTariff? Tariff { get; private set; }

    internal int PeriodCount { get; private set; }

    /// <summary>The session's start as it was rated, in nanoseconds since 1970-01-01T00:00:00Z.</summary>
    public long StartUnixNs { get; private set; }

    /// <summary>The session's end, likewise.</summary>
    public long EndUnixNs { get; private set; }

    internal Span<RatingLine> Lines => _lines.AsSpan(0, LineCount);

    /// <summary>Amounts without VAT by VAT rate, as the tariff's numerators.</summary>
    internal Span<Int128> SumByVat => _sums.AsSpan(0, Tariff?.VatRates.Length ?? 0);

    internal Int128 SumExclVat { get; set; }

    /// <summary>Over <see cref="CompiledTariff.AmountDenominator"/> * <see cref="CompiledTariff.HundredPercent"/>.</summary>
    internal Int128 SumInclVat { get; set; }

    /// <summary>False: a component that priced something does not tell its VAT (OCPI 2.1.1).</summary>
    internal bool IsVatKnown { get; set; }

    internal void Begin(CompiledTariff tariff, int periodCount, long startUnixNs, long endUnixNs)
    {
        Tariff = tariff;
        PeriodCount = periodCount;
        StartUnixNs = startUnixNs;
        EndUnixNs = endUnixNs;
        Outcome = RatingOutcome.Priced;
        Flags = RatingFlags.None;
        LineCount = 0;
        if (_sums.Length < tariff.VatRates.Length)
        {
            _sums = new Int128[tariff.VatRates.Length];
        }
        SumByVat.Clear();
        (SumExclVat, SumInclVat, IsVatKnown) = (0, 0, true);
    }

    internal void Refuse(RatingOutcome outcome)
    {
        Outcome = outcome;
        LineCount = 0;
        SumByVat.Clear();
        (SumExclVat, SumInclVat) = (0, 0);
    }

    /// <summary>Adds a line and returns its index.</summary>
    internal int Add(in RatingLine line)
    {
        if (LineCount == _lines.Length)
        {
            Array.Resize(ref _lines, LineCount * 2);
        }
        _lines[LineCount] = line;
        return LineCount++;
    }
}
