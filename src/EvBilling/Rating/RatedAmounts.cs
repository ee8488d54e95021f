namespace EvBilling.Rating;

/// <summary>The amounts of a bill, rounded to the currency's minor unit so that lines, VAT and totals agree.</summary>
public sealed class RatedAmounts
{
    internal RatedAmounts(
        Currency currency, decimal totalExclVat, decimal? totalInclVat, IReadOnlyList<VatRow> vatBreakdown, IReadOnlyList<BillLine> lines, RatingFlags flags)
    {
        Currency = currency;
        TotalExclVat = totalExclVat;
        TotalInclVat = totalInclVat;
        VatBreakdown = vatBreakdown;
        Lines = lines;
        Flags = flags;
    }

    public Currency Currency { get; }

    /// <summary>The sum of the lines' amounts.</summary>
    public decimal TotalExclVat { get; }

    /// <summary>Null: the VAT is not known (OCPI 2.1.1).</summary>
    public decimal? TotalInclVat { get; }

    /// <summary>A row for each rate that a line has, ascending, what has no rate first; empty where the VAT is not known. Its amounts sum to the VAT.</summary>
    public IReadOnlyList<VatRow> VatBreakdown { get; }

    /// <summary>In the order of their start, then ENERGY, TIME, PARKING_TIME, FLAT.</summary>
    public IReadOnlyList<BillLine> Lines { get; }

    public RatingFlags Flags { get; }
}

/// <summary>The VAT of one rate.</summary>
/// <param name="Rate">In percent; null = no tax applies (OCPI 2.3.0 tax_included N/A).</param>
/// <param name="Base">The sum of the amounts of the lines with that rate.</param>
/// <param name="Amount">The VAT on them.</param>
public sealed record VatRow(decimal? Rate, decimal Base, decimal Amount);
