using EvBilling.Rating;

namespace EvBilling.Cdrs;

/// <summary>A CDR as far as it decides a price (OCPI 2.1.1, 2.2.1, 2.3.0 mod_cdrs, CDR Object), read by <see cref="CdrReader"/>.</summary>
public sealed record Cdr
{
    internal RatingPeriod[] PeriodArray { get; init; } = [];

    internal PeriodMeasures[] MeasureArray { get; init; } = [];

    internal string[] TariffIdArray { get; init; } = [];

    internal WideVolumes? Wide { get; init; }

    /// <summary>In nanoseconds since 1970-01-01T00:00:00Z.</summary>
    public required long StartUnixNs { get; init; }

    /// <summary>Likewise.</summary>
    public required long EndUnixNs { get; init; }

    /// <summary>In the order in which they are rated.</summary>
    public ReadOnlySpan<RatingPeriod> Periods => PeriodArray;

    /// <summary>It takes back another.</summary>
    public bool IsCredit { get; init; }

    /// <summary>As stated; null = not.</summary>
    public string? Currency { get; init; }

    /// <summary>ISO 3166-1 alpha-2 or alpha-3 code of the location's country; null = not stated.</summary>
    public string? Country { get; init; }

    /// <summary>What the reading of it noted.</summary>
    public RatingFlags Flags { get; init; }

    /// <summary>What is rated.</summary>
    /// <param name="zone">Where local time comes from.</param>
    /// <param name="isReservationExpired">The reservation was not used, as the caller knows.</param>
    public RatingSession Session(RatingZone? zone, bool isReservationExpired = false) => new(StartUnixNs, EndUnixNs, PeriodArray)
    {
        Measures = MeasureArray,
        Zone = zone,
        MustBeValid = true,
        TariffIds = TariffIdArray,
        IsCredit = IsCredit,
        IsReservationExpired = isReservationExpired,
        Wide = Wide,
    };
}
