using EvBilling.Rating;

namespace EvBilling.Billing;

/// <summary>How a bill stands. Numbers are frozen: they stand in stored bills.</summary>
public enum BillStatus : byte
{
    /// <summary>The session has not ended: a preview, never stored.</summary>
    Open = 0,
    Final = 1,

    /// <summary>No bill can be defended as things stand; the flags say why. Never invoiced.</summary>
    Held = 2,

    /// <summary>By a decision: nothing is owed.</summary>
    Void = 3,
}

/// <summary>
/// The bill of one session (docs/bill.md): a function of the set of its events, its tariff and its location. Times are nanoseconds since 1970-01-01T00:00:00Z.
/// </summary>
public sealed class Bill
{
    public required string SessionId { get; init; }

    /// <summary>1, 2, ... in one store; 0 for an open one.</summary>
    public int Version { get; set; }

    /// <summary>The version that this one replaces; null for the first.</summary>
    public int? Supersedes { get; set; }

    public required BillStatus Status { get; init; }

    public required BillFlag Flags { get; init; }

    public string? LocationId { get; init; }

    public string? StationId { get; init; }

    public string? EvseId { get; init; }

    public string? ConnectorId { get; init; }

    public string? TokenId { get; init; }

    public string? TariffId { get; init; }

    /// <summary>Which version of the tariff rated it: its <see cref="Tariffs.TariffVersion{TPayload}.LoadedSequence"/> in this store. Not content.</summary>
    public long? TariffSequence { get; init; }

    /// <summary>Versions of the tariff that took its place during the session, in order (rule <c>mid_session_change</c>). Not content.</summary>
    public IReadOnlyList<TariffChange> TariffChanges { get; init; } = [];

    /// <summary>The readings of OCPI other than the default, as <see cref="RatingReadings.Text"/> writes them; empty = none.</summary>
    public string RatingReadings { get; init; } = "";

    /// <summary>When this version was written, by the store's clock, in seconds since 1970; null = not yet. Not content.</summary>
    public long? WrittenAtUnixSeconds { get; set; }

    public string? Currency { get; init; }

    public required long StartedAtNs { get; init; }

    public required long EndedAtNs { get; init; }

    /// <summary>Null = not known.</summary>
    public required long? EnergyMwh { get; init; }

    public required long ChargingNs { get; init; }

    public required long ParkingNs { get; init; }

    public required long WaitingNs { get; init; }

    /// <summary>Null = not known; so on every held bill.</summary>
    public decimal? TotalExclVat { get; init; }

    public decimal? TotalInclVat { get; init; }

    public IReadOnlyList<VatRow> VatBreakdown { get; init; } = [];

    public IReadOnlyList<BillLine> Lines { get; init; } = [];

    /// <summary>The charging periods that were rated: those of its CDR.</summary>
    public IReadOnlyList<RatingPeriod> Periods { get; init; } = [];

    /// <summary>Power and current in each of the periods, where the tariff asks for them; else empty.</summary>
    public IReadOnlyList<PeriodMeasures> Measures { get; init; } = [];

    /// <summary>How many meter readings count.</summary>
    public required int Readings { get; init; }
}

/// <summary>From then on another version of the tariff rates a session.</summary>
/// <param name="FromNs">When it came into force.</param>
/// <param name="Sequence">Its <see cref="Tariffs.TariffVersion{TPayload}.LoadedSequence"/> in this store.</param>
public readonly record struct TariffChange(long FromNs, long Sequence);
