namespace EvBilling.Rating;

/// <summary>What one price component billed, without a break: a line of a bill. Decimals have no trailing zeros.</summary>
public sealed record BillLine
{
    /// <summary>In place of an element or component: the line is what min_price or max_price made of the rest.</summary>
    public const int NoElement = -1;

    /// <summary>OCPI's name, "ENERGY"; MIN_PRICE or MAX_PRICE for what these add or take away.</summary>
    public required string Dimension { get; init; }

    /// <summary>Start of the first period billed, in nanoseconds since 1970-01-01T00:00:00Z.</summary>
    public required long FromUnixNs { get; init; }

    /// <summary>End of the last period billed, likewise; of FLAT the session's end.</summary>
    public required long ToUnixNs { get; init; }

    /// <summary>What is billed, step_size included, in <see cref="Unit"/>: exact, or 12 decimals of an hour where they never end.</summary>
    public required decimal Quantity { get; init; }

    /// <summary>What was measured, in <see cref="Unit"/>; <see cref="Quantity"/> less what step_size added.</summary>
    public required decimal MeasuredQuantity { get; init; }

    /// <summary>"kWh", "h" or "session".</summary>
    public required string Unit { get; init; }

    /// <summary>Price of one <see cref="Unit"/> without VAT.</summary>
    public required decimal UnitPrice { get; init; }

    /// <summary>In Wh or seconds as the tariff states it; 0 = none.</summary>
    public required long StepSize { get; init; }

    public required decimal AmountExclVat { get; init; }

    /// <summary>In percent; null = not known, or no tax applies.</summary>
    public required decimal? VatRate { get; init; }

    /// <summary>Null = not known.</summary>
    public required decimal? AmountVat { get; init; }

    /// <summary>Place of the element in the tariff's JSON, from 0.</summary>
    public required int Element { get; init; }

    /// <summary>Place of the component in the element's JSON, from 0.</summary>
    public required int Component { get; init; }

    /// <summary>The unit in which a dimension is priced.</summary>
    /// <param name="dimension">OCPI's name, "ENERGY".</param>
    public static string UnitOf(string dimension) => dimension switch { "ENERGY" => "kWh", "FLAT" or "MIN_PRICE" or "MAX_PRICE" => "session", _ => "h" };
}
