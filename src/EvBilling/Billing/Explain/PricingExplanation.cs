using EvBilling.Rating;
using EvBilling.Tariffs;

namespace EvBilling.Billing.Explain;

/// <summary>What step_size did to a line.</summary>
public enum StepEffect
{
    /// <summary>The component states none.</summary>
    None,

    /// <summary>What was measured is a whole number of steps.</summary>
    WholeSteps,

    /// <summary>This line carries what was added to make whole steps of all lines of its dimension.</summary>
    Raised,

    /// <summary>A later line of the dimension carries what was added.</summary>
    RaisedOnLastLine,

    /// <summary>Each charging period was rounded up by itself (reading <c>step_size=per_period</c>).</summary>
    RaisedPerPeriod,

    /// <summary>Of TIME and PARKING_TIME only PARKING_TIME is rounded up where both are priced.</summary>
    LeftToParking,
}

/// <summary>A bill's line and how its amount came about.</summary>
/// <param name="ExactExclVat">Quantity x price, before rounding.</param>
/// <param name="RoundedAlone">What <paramref name="ExactExclVat"/> is when it is rounded by itself.</param>
/// <param name="VatRoundedAlone">Likewise its VAT; null = not known, or none applies.</param>
/// <param name="StepMeasured">All that its dimension's lines measured together, in mWh or nanoseconds.</param>
/// <param name="StepBilled">That in whole steps.</param>
/// <param name="LinesOfDimension">How many lines its dimension has.</param>
public sealed record ExplainedLine(
    BillLine Line, decimal ExactExclVat, decimal RoundedAlone, decimal? VatRoundedAlone,
    StepEffect Step, long StepMeasured, long StepBilled, int LinesOfDimension)
{
    /// <summary>The step that counted, in Wh or seconds: that of the dimension's component used last.</summary>
    public long StepSize { get; init; }

    /// <summary>The unit price contains VAT (OCPI 2.3.0 tax_included YES).</summary>
    public bool IsGross { get; init; }

    /// <summary>The restrictions of the element that priced it, as written; empty = none.</summary>
    public string Restrictions { get; init; } = "";
}

/// <summary>A price component that billed nothing, and why.</summary>
/// <param name="Before">An earlier element whose component of that dimension priced instead; null = none did.</param>
/// <param name="WasMeasured">Something of its dimension was measured, so that its element did not apply.</param>
public sealed record UnusedComponent(TariffElement Element, PriceComponent Component, TariffElement? Before, bool WasMeasured);

/// <summary>How the lines of a bill follow from its charging periods and its tariff.</summary>
public sealed class PricingExplanation
{
    public required IReadOnlyList<ExplainedLine> Lines { get; init; }

    /// <summary>In the tariff's order.</summary>
    public required IReadOnlyList<UnusedComponent> Unused { get; init; }

    /// <summary>What was measured and is priced by no component.</summary>
    public required IReadOnlyList<TariffDimension> Free { get; init; }

    /// <summary>The readings of OCPI that it was rated by.</summary>
    public required RatingOptions Options { get; init; }

    public required decimal UnroundedExclVat { get; init; }

    /// <summary>Null = the VAT is not known.</summary>
    public required decimal? UnroundedInclVat { get; init; }
}
