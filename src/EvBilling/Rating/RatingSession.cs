namespace EvBilling.Rating;

/// <summary>What is rated: the charging periods of a session, and what else decides a price.</summary>
public readonly ref struct RatingSession
{
    /// <param name="startUnixNs">The session's start, in nanoseconds since 1970-01-01T00:00:00Z.</param>
    /// <param name="endUnixNs">Its end, likewise.</param>
    /// <param name="periods">They need not lie within the session, since partners' CDRs do not all keep to that.</param>
    public RatingSession(long startUnixNs, long endUnixNs, ReadOnlySpan<RatingPeriod> periods)
    {
        StartUnixNs = startUnixNs;
        EndUnixNs = endUnixNs;
        Periods = periods;
    }

    public long StartUnixNs { get; }

    public long EndUnixNs { get; }

    public ReadOnlySpan<RatingPeriod> Periods { get; }

    /// <summary>What was measured in each period; empty = nothing in any.</summary>
    public ReadOnlySpan<PeriodMeasures> Measures { get; init; }

    /// <summary>Where local time comes from; null = UTC, which no tariff that needs local time may be rated by.</summary>
    public RatingZone? Zone { get; init; }

    /// <summary>The tariffs that periods name.</summary>
    public ReadOnlySpan<string> TariffIds { get; init; }

    /// <summary>Some tariff must be valid at the session's start; false = whoever chose the tariff has seen to that.</summary>
    public bool MustBeValid { get; init; }

    /// <summary>The CDR takes back another.</summary>
    public bool IsCredit { get; init; }

    /// <summary>The reservation was not used. Only the caller can know.</summary>
    public bool IsReservationExpired { get; init; }

    /// <summary>The volumes with all their digits, where the periods' integers can't hold them; null = they can.</summary>
    public WideVolumes? Wide { get; init; }
}
